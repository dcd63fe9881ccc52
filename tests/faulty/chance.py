"""Which call fails, and how: decided by a seed, written down in a book.

Whether the n-th call at a place fails depends on the seed, the role of the process, the place and n
alone: not on the clock, nor on what other threads do meanwhile. The supervisor uses this, too,
which starts without site-packages: nothing but a few modules of Python is imported.
"""

import json
import os
import sys
from hashlib import blake2b
from pathlib import Path

ERROR = "error"
"""It fails before anything has happened."""
SLOW = "slow"
"""It takes a while, or has to be tried again: busy, interrupted, no room for the moment."""
APPLIED = "applied"
"""It happens, and the caller is told that it failed."""
CALLED = "called"
"""In the book: there is such a place."""

_TRANSPARENT = frozenset({"pathlib", "os", "shutil", "contextlib", "faulty.stores", "faulty.calls"})
"""Modules through which a place of ours calls."""
_PATIENT = ("embedded.store.", "embedded.database.PatientConnection", "embedded.database.Reading")
"""Through these everything goes that is asked of the store."""
_open, _read, _write, _close = os.open, os.read, os.write, os.close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Chance:
    """The faults of one process. `settings` is a JSON object:

    `seed` and `rate` (the share of calls that fail), or `only` ([place, kind, n]: the n-th call
    there, in the first process that gets so far);
    `layers` (`store`, `engine`, `supervisor`); `role`; `book` (a path).
    """

    def __init__(self, settings: "dict[str, object]") -> None:
        self._seed = str(settings["seed"])
        self._rate = float(str(settings["rate"]))
        only = settings.get("only")
        self._only: tuple[str, str, int] | None = tuple(only) if isinstance(only, list) else None
        self._layers = settings["layers"]
        self.role = str(settings["role"])
        self._calls: dict[str, int] = {}
        self._book = str(settings["book"])

    def has(self, layer: str) -> bool:
        """Whether something may fail in this layer."""
        return layer in self._layers

    def begin(self, role: str) -> None:
        """This process was forked from the one that had made this."""
        self.role = role
        self._calls.clear()

    def strikes(self, place: str, kinds: "Sequence[str]") -> "str | None":
        """The kind of fault that this call meets; None if it goes well."""
        count = self._calls[place] = self._calls.get(place, 0) + 1
        if count == 1:
            self._note(CALLED, f"{place}\t{' '.join(kinds)}")
        kind = self._kind(place, kinds, count)
        if kind is not None:
            self._note(kind, place)
        return kind

    def _kind(self, place: str, kinds: "Sequence[str]", count: int) -> "str | None":
        if self._only is not None:
            wanted, kind, number = self._only
            if (wanted, number) != (place, count) or kind not in kinds:
                return None
            return None if f"{kind}\t{place}\n" in _text_of(self._book) else kind
        key = f"{self._seed}|{self.role}|{place}|{count}".encode()
        drawn = int.from_bytes(blake2b(key, digest_size=8).digest(), "big") / (1 << 64)
        if drawn >= self._rate:
            return None
        return kinds[int(drawn / self._rate * len(kinds))]

    def _note(self, kind: str, place: str) -> None:
        # Opened anew: a supervisor closes what it has inherited.
        book = _open(self._book, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        _write(book, f"{kind}\t{place}\n".encode())
        _close(book)


def _text_of(path: str) -> str:
    book = _open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return _read(book, 1 << 24).decode()
    finally:
        _close(book)


def place_of(depth: int) -> "str | None":
    """The function of ours that makes the call, if it is one: `embedded.journal.append`."""
    frame = sys._getframe(depth)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith("orchestrate."):
            place = f"{module.partition('.')[2]}.{frame.f_code.co_qualname}"
            if not place.startswith(_PATIENT):
                return place.replace(".<locals>", "").replace(".<lambda>", "")
        elif module not in _TRANSPARENT:
            return None
        frame = frame.f_back
    return None


def read_settings(path: str) -> "dict[str, object]":
    """What was written for the next process."""
    found: dict[str, object] = json.loads(Path(path).read_text(encoding="utf-8"))
    return found
