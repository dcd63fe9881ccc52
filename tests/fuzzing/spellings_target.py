"""Small things that people and programs write: the first line says what the rest is."""

import math
from collections.abc import Callable, Iterator, Mapping

from fuzzing.target import Target, check_json, says_why

from orchestrate.access.credentials import split
from orchestrate.errors import Place, UsageError
from orchestrate.playbook.cron import parse_cron, zone_named
from orchestrate.playbook.durations import LONGEST, parse_duration
from orchestrate.playbook.parameters import convert
from orchestrate.playbook.plan import Parameter
from orchestrate.web.parts import position
from orchestrate.web.problems import RefusedError
from orchestrate.web.routes.output import _wanted as wanted_range
from orchestrate.web.routes.workflows import moment_of
from orchestrate.web.wishes import check_environment, check_name
from orchestrate.workflow.moments import parse_moment, rfc3339

_TYPES = ("string", "integer", "number", "boolean", "list", "map", "any")


def _duration(text: str) -> None:
    seconds = parse_duration(text)
    assert 0 <= seconds <= LONGEST


def _moment(text: str) -> None:
    at = parse_moment(text)
    assert math.isfinite(at)
    again = rfc3339(at)
    assert again is not None
    assert abs(parse_moment(again) - at) < 0.01


def _cron(text: str) -> None:
    cron = parse_cron(text)
    assert parse_cron(cron.fields).fields == cron.fields
    assert isinstance(cron.follows_the_clock, bool)


def _value(text: str) -> None:
    for kind in _TYPES:
        place = Place("t.yaml", 1, 1)
        parameter = Parameter("p", kind, "", False, None, None, None, 0.0, 9.0, False, False, place)
        try:
            check_json(convert(parameter, text))
        except ValueError as error:
            says_why(error)


def _range(text: str) -> None:
    first, length = wanted_range(text)
    assert first is None or first >= 0
    assert length <= 4 << 20


def _name(text: str) -> None:
    name = check_name(text)
    assert not name.startswith(("/", "."))
    assert ".." not in name.split("/")


def _token(text: str) -> None:
    found = split(text)
    assert found is None or all(found)


def _cursor(text: str) -> None:
    assert 0 <= position(text) < 10**15


def _since(text: str) -> None:
    at = moment_of(text)
    assert at is not None
    assert math.isfinite(at)


_READERS: Mapping[str, tuple[Callable[[str], object], tuple[type[Exception], ...]]] = {
    "duration": (_duration, (ValueError,)),
    "moment": (_moment, (ValueError, OverflowError)),
    "cron": (_cron, (UsageError,)),
    "zone": (zone_named, (UsageError,)),
    "value": (_value, ()),
    "range": (_range, (RefusedError,)),
    "name": (_name, (Exception,)),
    "environment": (check_environment, (UsageError,)),
    "token": (_token, ()),
    "cursor": (_cursor, (RefusedError,)),
    "since": (_since, (RefusedError,)),
}


def check(data: bytes) -> None:
    """Understood within its bounds, or refused in the way that its callers expect."""
    kind, _, text = data.decode("utf-8", "surrogateescape").partition("\n")
    found = _READERS.get(kind)
    if found is None:
        return
    read, expected = found
    try:
        read(text)
    except expected as error:
        says_why(error)


def _seeds() -> Iterator[bytes]:
    for text in ("90", "5m", "1h30m", "250 ms", "2d"):
        yield f"duration\n{text}".encode()
        yield f"since\n{text}".encode()
    for text in (
        "2026-11-22T16:30:00Z",
        "2026-11-22T16:30:00.5+02:00",
        "0001-01-01T00:00:00+23:59",
    ):
        yield f"moment\n{text}".encode()
        yield f"since\n{text}".encode()
    for text in ("0 2 * * *", "*/5 8-17 * * MON-FRI", "@daily", "0 0 L * *", "0 0 * * 1#2"):
        yield f"cron\n{text}".encode()
    for text in ("Europe/Berlin", "UTC", "../etc/passwd", "Etc/GMT+3"):
        yield f"zone\n{text}".encode()
    for text in ('[1, "a"]', '{"a": {"b": 1.5}}', "yes", "-12", "1e5", "a,b"):
        yield f"value\n{text}".encode()
    for text in ("bytes=0-65535", "bytes=-100", "bytes=5-"):
        yield f"range\n{text}".encode()
    for text in ("deploy", "db/back-up", "../x", "a.yaml"):
        yield f"name\n{text}".encode()
    yield b"environment\ndev"
    yield b"token\norc_abcdefgh_c2VjcmV0"
    yield b"cursor\n200"


TARGET = Target(
    "durations, moments, times, zones, values, ranges, names, tokens, cursors",
    check,
    _seeds,
    longest=300,
)
