"""What steps wrote, fetched from the workers that performed them."""

import base64
import uuid
from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import takewhile
from typing import Any, NamedTuple

from temporalio.client import WorkflowFailureError
from temporalio.service import RPCError

from orchestrate.cluster import names
from orchestrate.cluster.connection import ClusterError, refused
from orchestrate.cluster.looking import following
from orchestrate.cluster.looking.following import Attending
from orchestrate.cluster.looking.reading import Found
from orchestrate.cluster.payloads import Data
from orchestrate.processes.output_log import Tail
from orchestrate.workflow.engine import LogPiece, OutputPart
from orchestrate.workflow.events import Event, EventType

_ANSWERED_WITHIN = timedelta(seconds=90)
_BATCH = 200
"""Attempts asked for at once."""
_LAST_LINES = 20
_WAIT = 2.0
"""Seconds that a worker waits for more output before it answers that there is none."""


class _Wanted(NamedTuple):
    """The output of an attempt after a cursor, or only its last lines."""

    attempt: Event
    after: int = 0
    tail: int | None = None


class _Answer(NamedTuple):
    """Some output. `done`: how many attempts were read to their end; `cursor` is where the next one
    goes on.
    """

    pieces: list[LogPiece]
    done: int
    cursor: int
    sizes: Mapping[int, int] = {}
    """How many bytes there are of each attempt; a worker of an earlier version does not say it."""


class _Source:
    """Whom to ask for the output of which attempt."""

    def __init__(self, attending: Attending) -> None:
        self._attending = attending

    def workers(self, found: Found) -> dict[int, str]:
        """Attempt -> worker, as far as known."""
        reader = self._attending.reader
        if found.closed:
            return self._attending.connection.wait(reader.end(found)).workers
        return self._attending.connection.wait(reader.workers(found))

    def read(self, worker: str, wanted: Sequence[_Wanted], *, wait: float = 0.0) -> _Answer:
        """What one worker has of attempts, as much as one answer holds."""
        question: Data = {
            "workflow": self._attending.workflow,
            "attempts": [[one.attempt.seq, one.after, one.tail] for one in wanted],
            "wait": wait,
        }
        answer = self._asked(worker, question, wanted[0].attempt.path)
        attempts = {one.attempt.seq: one.attempt for one in wanted}
        pieces: list[LogPiece] = []
        ends: dict[int, int] = {}
        for seq, stream, at, body, end in answer["pieces"]:
            attempt = attempts[seq]
            number = attempt.data["number"]
            assert isinstance(number, int)
            data = base64.b64decode(body)
            pieces.append(LogPiece(attempt.path, number, stream, at, data))
            ends[seq] = end
        done = int(answer["done"])
        unfinished = wanted[min(done, len(wanted) - 1)]
        cursor = ends.get(unfinished.attempt.seq, unfinished.after)
        return _Answer(pieces, done, cursor, dict(answer.get("sizes", ())))

    def _asked(self, worker: str, question: Data, path: str) -> Data:
        client: Any = self._attending.connection.client  # its overloads are not fully typed
        try:
            return self._attending.connection.wait(
                client.execute_workflow(
                    names.OUTPUT,
                    args=[worker, question],
                    id=f"{names.OUTPUT}-{uuid.uuid4()}",
                    task_queue=names.QUEUE,
                    execution_timeout=_ANSWERED_WITHIN,
                )
            )
        except WorkflowFailureError as error:
            raise ClusterError(
                f"the output of {path} lies on the worker {worker}, which does not answer",
                hint="Start that worker again, or ask for another step: `logs --step`.",
            ) from error
        except RPCError as error:
            raise refused(error) from error


def read(attending: Attending, path: str | None, tail: int | None) -> Iterator[LogPiece]:
    """What was written so far, attempt by attempt in the order of their start."""
    found = attending.find()
    events = attending.connection.wait(attending.reader.events(found))
    source = _Source(attending)
    workers = source.workers(found)
    started = [event for event in events if _is_wanted(event, path)]
    if tail is None:
        yield from _in_order(source, workers, started)
        return
    kept: list[list[LogPiece]] = []
    left = tail
    for event in reversed(started):
        if left <= 0:
            break
        pieces = list(_all(source, workers.get(event.seq), event, left))
        left -= max(1, sum(piece.data.count(b"\n") for piece in pieces)) if pieces else 0
        kept.append(pieces)
    for pieces in reversed(kept):
        yield from pieces


def _in_order(
    source: _Source, workers: Mapping[int, str], started: Sequence[Event]
) -> Iterator[LogPiece]:
    """All of it, many attempts at a time where one worker has them."""
    at, cursor = 0, 0
    while at < len(started):
        worker = workers.get(started[at].seq)
        if worker is None:  # nobody has begun with it, or it was lost before it said who it was
            at, cursor = at + 1, 0
            continue
        batch = takewhile(
            lambda event, worker=worker: workers.get(event.seq) == worker,
            started[at : at + _BATCH],
        )
        wanted = [_Wanted(event) for event in batch]
        wanted[0] = wanted[0]._replace(after=cursor)
        answer = source.read(worker, wanted)
        yield from answer.pieces
        at += answer.done
        cursor = 0 if answer.done == len(wanted) else answer.cursor


def _all(source: _Source, worker: str | None, event: Event, tail: int) -> Iterator[LogPiece]:
    """The last lines of one attempt."""
    if worker is None:
        return
    answer = source.read(worker, [_Wanted(event, tail=tail)])
    yield from answer.pieces
    while not answer.done:
        answer = source.read(worker, [_Wanted(event, answer.cursor)])
        yield from answer.pieces


def end_of(attending: Attending, attempt: int) -> Tail:
    """The end of what an attempt wrote."""
    known = attending.memory.end_of_output(attending.workflow, attempt)
    if known is not None:
        return Tail(known.encode(), whole=True)  # a mark in it says if it is not
    try:
        found = attending.find()
        started = attending.memory.start_of(attending.workflow, attempt)
        started = started or attending.page(found, attempt - 1).events[0]
        source = _Source(attending)
        worker = source.workers(found).get(attempt)
        pieces = list(_all(source, worker, started, _LAST_LINES))
    except ClusterError:
        return Tail(b"", whole=True)
    return Tail(b"".join(piece.data for piece in pieces), whole=True)


def part_of(attending: Attending, attempt: int, first: int | None, length: int) -> OutputPart:
    """Bytes of what an attempt wrote so far, and how many there are."""
    found = attending.find()
    started = attending.page(found, attempt - 1).events[0]
    source = _Source(attending)
    worker = source.workers(found).get(attempt)
    if worker is None:  # nobody has begun with it, or it was lost before it said who it was
        return OutputPart(b"", 0, 0)
    last = source.read(worker, [_Wanted(started, tail=1)])
    size = last.sizes.get(attempt, last.cursor)
    start = max(0, size - length) if first is None else min(first, size)
    end = min(size, start + length)
    taken, cursor = bytearray(), start
    while cursor < end:
        answer = source.read(worker, [_Wanted(started, cursor)])
        if answer.cursor == cursor:
            break
        for piece in answer.pieces:
            taken += piece.data
        cursor = answer.cursor
    return OutputPart(bytes(taken[: end - start]), start, size)


def follow(attending: Attending, path: str | None) -> Iterator[LogPiece]:
    """The same as it grows, until the workflow (or that step) ends."""
    source = _Source(attending)
    running: dict[int, tuple[Event, int]] = {}
    over: set[int] = set()
    for turn in following.turns(attending):
        for event in turn.page.events:
            if _is_wanted(event, path):
                running[event.seq] = event, 0
            elif event.type is EventType.ATTEMPT_FINISHED:
                over.add(int(str(event.data["id"])))
        if not running:
            continue
        try:
            workers = source.workers(attending.find())
        except ClusterError:
            if turn.closed:
                raise
            continue  # nobody answers now
        for attempt, (event, cursor) in tuple(running.items()):
            worker = workers.get(attempt)
            ended = attempt in over or turn.closed
            if worker is not None:
                cursor = yield from _more(source, worker, event, cursor, ended=ended)
            running[attempt] = event, cursor
            if ended:
                del running[attempt]


def _more(
    source: _Source, worker: str, event: Event, cursor: int, *, ended: bool
) -> Generator[LogPiece, None, int]:
    """What has come since; the cursor after it is given back. While the worker of a step that runs
    is away there is nothing.
    """
    while True:
        wait = 0.0 if ended else _WAIT
        try:
            answer = source.read(worker, [_Wanted(event, cursor)], wait=wait)
        except ClusterError:
            if ended:
                raise
            return cursor
        cursor = answer.cursor
        yield from answer.pieces
        if answer.done:
            return cursor


def _is_wanted(event: Event, path: str | None) -> bool:
    if event.type is not EventType.ATTEMPT_STARTED:
        return False
    return path is None or event.path == path or event.path.startswith((f"{path}/", f"{path}["))
