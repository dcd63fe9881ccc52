"""Scripted outcomes: which attempt ends how, by step path or by what is called."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from orchestrate.errors import Place
from orchestrate.playbook.durations import parse_duration
from orchestrate.playbook.plan import Json
from orchestrate.workflow import paths
from orchestrate.workflow.memory import FOR_EVER, Scripted
from orchestrate.workflow.outcomes import Outcome, Status
from orchestrate.workflow.scenarios.document import FOR_EVER as FOR_EVER_WORD

DEFAULT = Scripted()


class Entry(NamedTuple):
    """The outcomes behind one key. `pattern`: it stands for all paths and calls that fit."""

    key: str
    pattern: bool
    outcomes: tuple[Scripted, ...]
    place: Place


class Unused(NamedTuple):
    """Outcomes of an entry that no attempt came for; `used` is how many were used."""

    entry: Entry
    used: int


class Playback:
    """The outcomes of one run; a `Script` for the runtime. What an attempt got once it gets again:
    a resumed engine asks a second time.

    Of a list, a path takes one for each attempt, a pattern for calls one for each call that fits.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._by_path = {entry.key: entry for entry in entries if not entry.pattern}
        self._patterns = [entry for entry in entries if entry.pattern]
        self._entries = entries
        self._calls: dict[tuple[str, int], str] = {}
        self._given: dict[tuple[str, int], Scripted] = {}
        self._matched: dict[str, int] = {}
        self._used: dict[str, int] = {}

    def note_call(self, path: str, number: int, call: str) -> None:
        """What the attempt calls: patterns are about that."""
        self._calls[path, number] = call

    def __call__(self, path: str, number: int) -> Scripted:
        """How the attempt ends."""
        given = self._given.get((path, number))
        if given is None:
            given = self._given[path, number] = self._next(path, number)
        return given

    def _next(self, path: str, number: int) -> Scripted:
        entry = self._by_path.get(path) or self._by_path.get(paths.static(path))
        if entry is not None:
            return self._take(entry, number)
        call = self._calls.get((path, number), "")
        for entry in self._patterns:
            if matches(entry.key, path):
                return self._take(entry, number)
            if matches(entry.key, call):
                count = self._matched[entry.key] = self._matched.get(entry.key, 0) + 1
                return self._take(entry, count)
        return DEFAULT

    def _take(self, entry: Entry, number: int) -> Scripted:
        index = min(number, len(entry.outcomes)) - 1
        self._used[entry.key] = max(self._used.get(entry.key, 0), index + 1)
        return entry.outcomes[index]

    def unused(self) -> list[Unused]:
        """Entries of which something was never used, in written order."""
        counts = [(entry, self._used.get(entry.key, 0)) for entry in self._entries]
        return [Unused(entry, used) for entry, used in counts if used < len(entry.outcomes)]


def matches(pattern: str, text: str) -> bool:
    """Whether the text is the pattern, or fits it: `*` is any text, `?` one character."""
    return pattern == text or _expression(pattern).fullmatch(text) is not None


@lru_cache(maxsize=512)
def _expression(pattern: str) -> re.Pattern[str]:
    first, *rest = (
        "".join("." if c == "?" else re.escape(c) for c in part)
        for part in re.split(r"\*+", pattern)
    )
    # What stands between two `*` is where it comes first, for good: else many of them take forever.
    inner = "".join(f"(?>.*?{part})" for part in rest[:-1])
    last = f".*{rest[-1]}" if rest else ""
    return re.compile(f"{first}{inner}{last}", re.DOTALL)


def read_script(value: Json) -> tuple[Scripted, ...]:
    """Outcomes, one for each attempt, from one outcome or a list. The value was checked."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(read_outcome(entry) for entry in value)
    return (read_outcome(value),)


def read_outcome(value: Json) -> Scripted:
    """An outcome from its short or its long form. The value was checked."""
    if isinstance(value, Mapping):
        outcome = _outcome(str(value.get("status", "succeeded")), value.get("exit_code"), value)
        survivors = value.get("survivors")
        names = tuple(map(str, survivors)) if isinstance(survivors, Sequence) else ()
        return Scripted(
            outcome, _seconds(value.get("takes", 1.0)), _seconds(value.get("stops_in", 0.0)), names
        )
    word, _, code = str(value).partition(" ")
    if word == FOR_EVER_WORD:
        return Scripted(takes=FOR_EVER)
    return Scripted(_outcome(word, int(code) if code else None, {}))


def _seconds(value: Json) -> float:
    return FOR_EVER if value == FOR_EVER_WORD else parse_duration(value)


def _outcome(word: str, code: Json, data: Mapping[str, Json]) -> Outcome:
    status = Status(word)
    exit_code = code if isinstance(code, int) else None
    if exit_code is None and status is Status.FAILED:
        exit_code = 1
    if exit_code is None and status is Status.SUCCEEDED:
        exit_code = 0
    message = f"exit code {exit_code}" if status is Status.FAILED else ""
    return Outcome(
        status,
        exit_code,
        data.get("output"),
        str(data.get("stdout", "")),
        str(data.get("stderr", "")),
        str(data.get("message", message)),
        read_only=bool(data.get("read_only")),
        timed_out=status is Status.TIMED_OUT,
    )
