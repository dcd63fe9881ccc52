"""A workflow as it goes on: its events as they come, until it ends or only a person can move it.

Temporal tells when something happened in a run; the workflow is then asked what.
"""

import signal
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import NamedTuple

from orchestrate.cluster.connection import Connection
from orchestrate.cluster.glimpses import Memory
from orchestrate.cluster.payloads import Page
from orchestrate.cluster.reading import Found, Reader, Watch
from orchestrate.workflow.engine import Ended, Observer
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.outcomes import State

_LOOK_EVERY = 1.0
"""Seconds after which one looks although nothing was told."""


class Attending(NamedTuple):
    """Whom to ask about which workflow, from which event on."""

    connection: Connection
    reader: Reader
    memory: Memory
    workflow: str
    after: int
    cancel: Callable[[], None]
    """What ^C does."""

    def find(self) -> Found:
        """Where it stands."""
        return self.connection.wait(self.reader.find(self.workflow))

    def page(self, found: Found, after: int) -> Page:
        """Events after a number."""
        page = self.connection.wait(self.reader.page(found, after))
        self.memory.hear(self.workflow, page.events)
        return page

    def progress(self, found: Found, after: int) -> list[Event]:
        """What is new of steps that run, as events that the journal does not have."""
        seen = self.connection.wait(self.reader.glimpses(found))
        return list(self.memory.see(self.workflow, seen, after=after, at=time.time()))


class Turn(NamedTuple):
    """A page of events, whether it was the last of a closed workflow, and how far steps are."""

    page: Page
    closed: bool
    progress: Sequence[Event] = ()


def turns(attending: Attending) -> Generator[Turn]:
    """Pages as they fill, the last one when the workflow has closed."""
    after = attending.after
    watch: Watch | None = None
    watched = ""
    try:
        while True:
            found = attending.find()
            if not found.closed and found.run != watched:
                if watch is not None:
                    _close(attending, watch)
                watch, watched = attending.connection.wait(_watch(attending, found)), found.run
            page = attending.page(found, after)
            after = page.events[-1].seq if page.events else after
            over = found.closed and not page.more
            yield Turn(page, over, () if page.more else attending.progress(found, after))
            if over:
                return
            if not page.more and watch is not None and not found.closed:
                attending.connection.wait(watch.wait(_LOOK_EVERY))
    finally:
        if watch is not None:
            _close(attending, watch)


async def _watch(attending: Attending, found: Found) -> Watch:
    return Watch(attending.reader.handle(found))


def _close(attending: Attending, watch: Watch) -> None:
    attending.connection.post(watch.close)


def follow(attending: Attending) -> Iterator[Event]:
    """Its events, until it has closed."""
    for turn in turns(attending):
        yield from turn.page.events
        yield from turn.progress


class _Interrupts:
    """^C while somebody attends: cancels, a second one hard, a third lets go."""

    def __init__(self) -> None:
        self.count = 0
        self.done = 0


@contextmanager
def _interrupts(interrupts: _Interrupts) -> Generator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handler(number: int, _frame: FrameType | None) -> None:
        interrupts.count += 1 if number == signal.SIGINT else 3

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)


def attend(attending: Attending, observer: Observer | None) -> Ended:
    """Show its events, until it ends, waits for somebody, or is let go; it goes on without us."""
    interrupts = _Interrupts()
    final: Event | None = None
    with _interrupts(interrupts):
        for turn in turns(attending):
            for event in turn.page.events:
                final = event if event.type is EventType.WORKFLOW_FINISHED else final
                observer = _tell(observer, event)
            for event in turn.progress:
                observer = _tell(observer, event)
            if turn.closed:
                return _ended(attending.workflow, turn.page.state, final, interrupts)
            if turn.page.stuck and not turn.page.more:
                state = turn.page.state
                return Ended(attending.workflow, state, "", interrupted=interrupts.count > 0)
            if interrupts.count > 2:
                break
            while interrupts.done < interrupts.count:
                interrupts.done += 1
                attending.cancel()
    message = "it goes on in the cluster"
    return Ended(attending.workflow, State.RUNNING, message, interrupted=True)


def _tell(observer: Observer | None, event: Event) -> Observer | None:
    if observer is None:
        return None
    try:
        observer(event)
    except OSError:
        return None  # a terminal or pipe that was closed ends the watching, not the workflow
    return observer


def _ended(workflow: str, state: State, final: Event | None, interrupts: _Interrupts) -> Ended:
    error = final.data.get("error") if final is not None else None
    known = error if isinstance(error, dict) else {}
    message = known.get("message")
    return Ended(
        workflow,
        state,
        message if isinstance(message, str) else "",
        timed_out=bool(known.get("timed_out")),
        interrupted=interrupts.count > 0,
    )
