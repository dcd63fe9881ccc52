"""What a fuzz target is: bytes go in, and an oracle says whether what came of them may be.

A target's `check` raises AssertionError, or lets through what should not have come out; whatever it
accepts, it does so within `SECONDS` of this process's time.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from orchestrate.errors import OrchestrateError

ROOT = Path(__file__).parents[2]
CORPORA = Path(__file__).parent / "corpora"
DICTIONARIES = Path(__file__).parent / "dictionaries"
SECONDS = 20.0
"""Processor time that one input may take; none of those that are kept takes a second."""
MEGABYTES = 2048
"""Memory that a process may have that plays inputs."""


class Target(NamedTuple):
    """`about` says in a line what goes in, and what is asked of what comes out."""

    about: str
    check: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]
    """From the documents and the tests: where the search begins. The words that nobody finds by
    chance are in `dictionaries/`.
    """
    longest: int = 4096
    close: Callable[[], None] = lambda: None
    """Ends what the target keeps open."""


NAMES = (
    "playbooks", "expressions", "shell", "plans", "spellings", "settings", "webhooks",
    "cloud_events", "requests", "bundles", "unpacking", "stores", "supervisors",
)  # fmt: skip


def target_named(name: str) -> Target:
    """The target of `fuzzing/NAME_target.py`, imported now."""
    from importlib import import_module

    found: Target = import_module(f"fuzzing.{name}_target").TARGET
    return found


def corpus_of(name: str) -> list[Path]:
    """The files that are kept for a target."""
    return sorted((CORPORA / name).glob("*"))


def is_good(error: OrchestrateError) -> None:
    """An error that a user may meet: a sentence, and something to do next."""
    assert error.message.strip(), repr(error)
    assert error.hint.strip() or error.place is not None, f"no hint: {error.message}"


def says_why(error: Exception) -> None:
    """What was refused is refused with a reason."""
    assert str(error).strip(), repr(error)


def check_json(value: object) -> None:
    """It can be kept in a journal and be sent to a browser."""
    text = json.dumps(value, allow_nan=False)
    assert json.loads(text) == _listed(value)


def _listed(value: object) -> object:
    """As JSON gives it back: sequences are lists."""
    if isinstance(value, Mapping):
        return {key: _listed(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_listed(each) for each in value]
    return value


def documents(*patterns: str, longest: int = 4096) -> list[bytes]:
    """The small files of the project that fit a pattern."""
    found = (path for pattern in patterns for path in ROOT.glob(pattern))
    return sorted(path.read_bytes() for path in found if path.stat().st_size <= longest)


def workplace() -> Path:
    """A folder of this process, removed when it ends. A campaign removes it after any end."""
    _KEPT.append(tempfile.TemporaryDirectory(prefix="fuzzing-"))
    return Path(_KEPT[-1].name)


_KEPT: list[tempfile.TemporaryDirectory[str]] = []


def headed(data: bytes) -> tuple[dict[str, str], bytes]:
    """Headers, a line each, and the body after an empty line."""
    head, _, body = data.partition(b"\n\n")
    lines = [line.partition(b":") for line in head.split(b"\n")]
    # As servers give them: names in lower case, values without blanks, bytes as Latin-1.
    return {
        name.decode("latin-1").strip().lower(): value.decode("latin-1").strip()
        for name, _, value in lines
    }, body


def innermost(error: BaseException) -> str:
    """The last place in the program that an error came through: what tells findings apart."""
    place, trace = "", error.__traceback__
    while trace is not None:
        code: Any = trace.tb_frame.f_code
        if f"{ROOT}/src" in code.co_filename:
            place = f"{Path(code.co_filename).relative_to(ROOT)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__} {place}"


def say(text: str) -> None:
    """A line for whoever looks on."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
