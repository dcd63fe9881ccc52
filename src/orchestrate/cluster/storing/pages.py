"""A journal as it is handed on, from run to run and to those who read it after the end: pages that
are sealed once and never change, and the rest. What was handed on before is stored already.

With each page comes who performed the attempts of which one learned meanwhile.
"""

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from orchestrate.cluster.payloads import event_row, events_of
from orchestrate.workflow.events import Event

PAGE = 2000
"""Events of a sealed page."""
_LENGTH = 4
"""Bytes before each page that tell its size."""

# ASCII only: what a process wrote may hold lone surrogates, which are not UTF-8.
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


class Page(NamedTuple):
    """Some events, and workers by attempt."""

    events: list[Event]
    workers: dict[int, str]


class Pages:
    """What of a growing journal is sealed."""

    def __init__(self) -> None:
        self._sealed: list[bytes] = []
        self._events = 0
        self._workers = 0

    def take_over(self, body: bytes, page: Page) -> None:
        """A page that was packed by somebody else: sealed, if it is full."""
        if len(page.events) == PAGE:
            self._sealed.append(body)
            self._events += PAGE
            self._workers += len(page.workers)

    def seal(self, journal: Sequence[Event], workers: Mapping[int, str]) -> None:
        """Seal what is full."""
        while len(journal) - self._events >= PAGE:
            until = self._events + PAGE
            self._sealed.append(self._page(journal, workers, until))
            self._events = until
            self._workers = len(workers)

    def pack(self, journal: Sequence[Event], workers: Mapping[int, str]) -> bytes:
        """All of it."""
        self.seal(journal, workers)
        rest = self._page(journal, workers, len(journal))
        return b"".join(len(page).to_bytes(_LENGTH, "big") + page for page in (*self._sealed, rest))

    def _page(self, journal: Sequence[Event], workers: Mapping[int, str], until: int) -> bytes:
        rows = [event_row(event) for event in journal[self._events : until]]
        learned = list(islice(workers.items(), self._workers, None))
        return zlib.compress(_encode([rows, learned]).encode(), 6)


def pack_journal(journal: Sequence[Event], workers: Mapping[int, str] | None = None) -> bytes:
    """A journal that does not grow here."""
    return Pages().pack(journal, workers or {})


def split(body: bytes) -> Iterator[bytes]:
    """The pages of what `pack` gave."""
    at = 0
    while at < len(body):
        begin = at + _LENGTH
        at = begin + int.from_bytes(body[at:begin], "big")
        yield body[begin:at]


def open_page(body: bytes) -> Page:
    """One of them."""
    rows, workers = json.loads(zlib.decompress(body))
    return Page(events_of(rows), {int(attempt): worker for attempt, worker in workers})


def unpack_journal(body: bytes) -> Page:
    """All events and workers of what `pack` gave."""
    whole = Page([], {})
    for part in split(body):
        page = open_page(part)
        whole.events.extend(page.events)
        whole.workers.update(page.workers)
    return whole
