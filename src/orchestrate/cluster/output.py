"""What steps wrote, fetched from the workers that performed them."""

import base64
import uuid
from collections.abc import Generator, Iterator
from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowFailureError
from temporalio.service import RPCError

from orchestrate.cluster import following, names
from orchestrate.cluster.connection import ClusterError, refused
from orchestrate.cluster.following import Attending
from orchestrate.cluster.payloads import Data
from orchestrate.cluster.reading import Found
from orchestrate.workflow.engine import LogPiece
from orchestrate.workflow.events import Event, EventType

_ANSWERED_WITHIN = timedelta(seconds=90)
_WAIT = 2.0
"""Seconds that a worker waits for more output before it answers that there is none."""


class _Source:
    """Whom to ask for the output of which attempt."""

    def __init__(self, attending: Attending) -> None:
        self._attending = attending

    def workers(self, found: Found) -> dict[str, str]:
        """Attempt -> worker, as far as known."""
        reader = self._attending.reader
        if found.closed:
            return self._attending.connection.wait(reader.end(found)).workers
        return self._attending.connection.wait(reader.workers(found))

    def read(
        self, worker: str, attempt: Event, *, after: int, tail: int | None, wait: float = 0.0
    ) -> tuple[list[LogPiece], int]:
        """Pieces, and the cursor after them."""
        question: Data = {
            "workflow": self._attending.workflow,
            "attempt": attempt.seq,
            "after": after,
            "tail": tail,
            "wait": wait,
        }
        client = self._attending.connection.client
        try:
            answer: list[list[Any]] = self._attending.connection.wait(
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
                f"the output of {attempt.path} lies on the worker {worker}, which does not answer",
                hint="Start that worker again; what else there is, is shown with a step's path.",
            ) from error
        except RPCError as error:
            raise refused(error) from error
        number = attempt.data["number"]
        assert isinstance(number, int)
        pieces = [
            LogPiece(attempt.path, number, stream, at, base64.b64decode(body))
            for stream, at, body, _ in answer
        ]
        return pieces, answer[-1][3] if answer else after


def read(attending: Attending, path: str | None, tail: int | None) -> Iterator[LogPiece]:
    """What was written so far, attempt by attempt in the order of their start."""
    found = attending.find()
    events = attending.connection.wait(attending.reader.events(found))
    source = _Source(attending)
    workers = source.workers(found)
    started = [event for event in events if _is_wanted(event, path)]
    if tail is None:
        for event in started:
            yield from _all(source, workers.get(str(event.seq)), event, None)
        return
    kept: list[list[LogPiece]] = []
    left = tail
    for event in reversed(started):
        if left <= 0:
            break
        pieces = list(_all(source, workers.get(str(event.seq)), event, left))
        left -= max(1, sum(piece.data.count(b"\n") for piece in pieces)) if pieces else 0
        kept.append(pieces)
    for pieces in reversed(kept):
        yield from pieces


def _all(source: _Source, worker: str | None, event: Event, tail: int | None) -> Iterator[LogPiece]:
    if worker is None:
        return  # nobody has begun with it, or it was lost before it said who it was
    after = 0
    while True:
        pieces, after = source.read(worker, event, after=after, tail=tail)
        if not pieces:
            return
        tail = None
        yield from pieces


def follow(attending: Attending, path: str | None) -> Iterator[LogPiece]:
    """The same as it grows, until the workflow (or that step) ends."""
    source = _Source(attending)
    running: dict[int, tuple[Event, int]] = {}
    for turn in following.turns(attending):
        over: set[int] = set()
        for event in turn.page.events:
            if _is_wanted(event, path):
                running[event.seq] = event, 0
            elif event.type is EventType.ATTEMPT_FINISHED:
                over.add(int(str(event.data["id"])))
        if not running:
            continue
        workers = source.workers(attending.find())
        for attempt, (event, cursor) in tuple(running.items()):
            worker = workers.get(str(attempt))
            ended = attempt in over or turn.closed
            if worker is not None:
                cursor = yield from _more(source, worker, event, cursor, ended=ended)
            running[attempt] = event, cursor
            if ended:
                del running[attempt]


def _more(
    source: _Source, worker: str, event: Event, cursor: int, *, ended: bool
) -> Generator[LogPiece, None, int]:
    """What has come since; the cursor after it is given back."""
    while True:
        wait = 0.0 if ended else _WAIT
        pieces, cursor = source.read(worker, event, after=cursor, tail=None, wait=wait)
        yield from pieces
        if not pieces or not ended:
            return cursor


def _is_wanted(event: Event, path: str | None) -> bool:
    if event.type is not EventType.ATTEMPT_STARTED:
        return False
    return path is None or event.path == path or event.path.startswith((f"{path}/", f"{path}["))
