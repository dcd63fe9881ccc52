"""Journals and output as they grow. A look at the store's version is microseconds, so short bounded
waits between looks cost nothing and miss nothing.
"""

import time
from collections.abc import Iterator
from pathlib import Path

from orchestrate.embedded import journal, listing
from orchestrate.embedded.listing import FINAL, Row
from orchestrate.embedded.store import Store
from orchestrate.processes import output_log
from orchestrate.workflow.engine import LogPiece, OutputPart
from orchestrate.workflow.events import Event, EventType

_PAUSE = 0.05
"""Seconds between two looks."""
_LIVENESS = 1.0
"""Seconds after which a journal that does not grow is checked for a dead owner."""


def follow(store: Store, row: Row, after: int) -> Iterator[Event]:
    """Events after `after`, and those to come, until it is final or nobody runs it."""
    version, checked = -1, 0.0
    while True:
        ended = _ended(store, row)
        for event in store.reading(lambda c, last=after: list(journal.read(c, row.number, last))):
            after = event.seq
            yield event
        if ended:
            return
        version, checked = _wait(store, version, checked)


def changes(store: Store) -> Iterator[None]:
    """Now, and again after each commit of anybody; at least once a second."""
    version, checked = store.data_version(), time.monotonic()
    while True:
        yield
        version, checked = _wait(store, version, checked)


def _wait(store: Store, version: int, checked: float) -> tuple[int, float]:
    """Sleep until somebody commits, or it is time to see whether the owner lives."""
    while True:
        now = time.monotonic()
        if now - checked > _LIVENESS:
            return store.data_version(), now
        current = store.data_version()
        if current != version:
            return current, checked
        time.sleep(_PAUSE)


def _ended(store: Store, row: Row) -> bool:
    now = store.reading(lambda c: listing.get(c, row.summary.id))
    return now.summary.state in FINAL or (not now.owned and now.summary.state != "queued")


class Attempts:
    """Which attempts wrote output, read from the journal as it grows."""

    def __init__(self, store: Store, row: Row, path: str | None) -> None:
        self._store = store
        self._row = row
        self._path = path
        self._after = 0
        self.finished: set[int] = set()

    def more(self) -> list[Event]:
        """The `attempt_started` events that were added since the last call."""
        found: list[Event] = []
        number = self._row.number
        for event in self._store.reading(lambda c: list(journal.read(c, number, self._after))):
            self._after = event.seq
            if event.type is EventType.ATTEMPT_STARTED and self._wanted(event.path):
                found.append(event)
            elif event.type is EventType.ATTEMPT_FINISHED:
                identity = event.data["id"]
                assert isinstance(identity, int)
                self.finished.add(identity)
        return found

    def _wanted(self, path: str) -> bool:
        wanted = self._path
        return wanted is None or path == wanted or path.startswith((f"{wanted}/", f"{wanted}["))


def output(
    store: Store, row: Row, folder: Path, path: str | None, tail: int | None
) -> Iterator[LogPiece]:
    """What steps wrote, attempt by attempt in the order of their start."""
    started = Attempts(store, row, path).more()
    if tail is None:
        for event in started:
            yield from _pieces(event, output_log.read(folder / str(event.seq)))
        return
    kept: list[list[LogPiece]] = []
    left = tail
    for event in reversed(started):
        if left <= 0:
            break
        log = folder / str(event.seq)
        pieces = list(_pieces(event, output_log.read(log, tail_lines=left)))
        left -= max(1, sum(piece.data.count(b"\n") for piece in pieces)) if pieces else 0
        kept.append(pieces)
    for pieces in reversed(kept):
        yield from pieces


def part_of_output(log: Path, first: int | None, length: int) -> OutputPart:
    """Bytes of what one attempt wrote so far."""
    size = output_log.size(log)
    start = max(0, size - length) if first is None else min(first, size)
    return OutputPart(output_log.read_bytes(log, start, min(size, start + length)), start, size)


def follow_output(store: Store, row: Row, folder: Path, path: str | None) -> Iterator[LogPiece]:
    """The same as it grows, until the workflow ends or nobody runs it."""
    attempts = Attempts(store, row, path)
    cursors: dict[int, tuple[Event, int]] = {}
    version, checked = -1, 0.0
    while True:
        ended = _ended(store, row)
        cursors.update((event.seq, (event, 0)) for event in attempts.more())
        grew = False
        for number, (event, cursor) in tuple(cursors.items()):
            log = folder / str(number)
            over = number in attempts.finished
            for piece in output_log.read(log, after=cursor):
                cursor = piece.end
                grew = True
                yield _piece(event, piece)
            cursors[number] = event, cursor
            if over:
                del cursors[number]
        if ended:
            return
        if cursors:
            if not grew:
                time.sleep(_PAUSE)
        else:
            version, checked = _wait(store, version, checked)


def _pieces(event: Event, pieces: Iterator[output_log.Piece]) -> Iterator[LogPiece]:
    for piece in pieces:
        yield _piece(event, piece)


def _piece(event: Event, piece: output_log.Piece) -> LogPiece:
    number = event.data["number"]
    assert isinstance(number, int)
    return LogPiece(event.path, number, piece.stream, piece.time, piece.data)
