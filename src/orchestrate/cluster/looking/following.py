"""A workflow as it goes on: its events as they come, until it ends or only a person can move it.

Temporal tells when something happened in a run; the workflow is then asked what.
"""

import asyncio
import signal
import threading
import time
import uuid
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import NamedTuple

from orchestrate.cluster.connection import ClusterError, Connection
from orchestrate.cluster.errors import UnansweredError
from orchestrate.cluster.looking.glimpses import Memory
from orchestrate.cluster.looking.people import People, Present
from orchestrate.cluster.looking.reading import Found, Reader, Watch
from orchestrate.cluster.payloads import Page
from orchestrate.cluster.roster.expecting import expected
from orchestrate.errors import ConflictError
from orchestrate.workflow.engine import Ended, Observer, Summary
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.state import fold

_LOOK_EVERY = 1.0
"""Seconds after which one looks although nothing was told."""
_NOTHING = Page([], State.RUNNING, stuck=False, more=False)


class Attending(NamedTuple):
    """Whom to ask about which workflow, from which event on."""

    connection: Connection
    reader: Reader
    memory: Memory
    workflow: str
    after: int
    cancel: Callable[[str], None]
    """What ^C does; under one identity it is done once, however often it is asked for."""
    resolve: Callable[[str, str], None]
    """Decides what is asked of people about a path."""
    present: Present = Present()
    """Who is there to be asked."""
    known: bool = False
    """The server has it: if it does not answer any more, it is away for a while."""

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
    """Pages as they fill, the last one when the workflow has closed. A server that was reached,
    and workers, may be away for as long as it takes: the workflow goes on when they are back. There
    are turns meanwhile that say so.
    """
    watching = _Watching(attending)
    queue, silence = _Queue(), _Silence(attending)
    after, known = attending.after, attending.known
    try:
        while True:
            try:
                found = attending.find()
                known = True
                watching.look_at(found)
                page = attending.page(found, after)
                after = page.events[-1].seq if page.events else after
                progress = queue.told(found.summary)
                progress += [] if page.more else attending.progress(found, after)
            except ClusterError as error:
                if not known:
                    raise
                yield Turn(_NOTHING, closed=False, progress=silence.told(error))
                attending.connection.wait(asyncio.sleep(_LOOK_EVERY))
                continue
            silence.ends()
            over = found.closed and not page.more
            yield Turn(page, over, progress)
            if over:
                return
            if not page.more and not found.closed:
                watching.wait()
    finally:
        watching.close()


class _Queue:
    """Tells, as an event that the journal does not have, why a workflow does not begin."""

    def __init__(self) -> None:
        self._reason = ""

    def told(self, summary: Summary) -> list[Event]:
        if summary.state is not State.QUEUED or summary.reason in ("", self._reason):
            return []
        self._reason = summary.reason
        return [_warned(f"queued: {summary.reason}")]


class _Silence:
    """Tells, once for each reason, that nobody answers, and who is waited for."""

    def __init__(self, attending: Attending) -> None:
        self._attending = attending
        self._told = ""

    def told(self, error: ClusterError) -> list[Event]:
        message = f"{self._reason(error)}; the workflow is kept, and goes on when that is over"
        if message == self._told:
            return []
        self._told = message
        return [_warned(message)]

    def ends(self) -> None:
        self._told = ""

    def _reason(self, error: ClusterError) -> str:
        if not isinstance(error, UnansweredError):
            return error.message
        connection = self._attending.connection
        try:
            who = connection.wait(expected(connection.client))
        except ClusterError as silent:
            return silent.message
        return f"{error.message}: {who or 'none is there, start `orchestrate worker`'}"


def _warned(message: str) -> Event:
    return Event(0, time.time(), EventType.WARNED, "", {"message": message})


class _Watching:
    """Waits for news of the run that is looked at."""

    def __init__(self, attending: Attending) -> None:
        self._attending = attending
        self._watch: Watch | None = None
        self._run = ""

    def look_at(self, found: Found) -> None:
        if found.closed or (found.run == self._run and self._watch and not self._watch.over):
            return
        self.close()
        self._watch = self._attending.connection.wait(_watch(self._attending, found))
        self._run = found.run

    def wait(self) -> None:
        if self._watch is not None:
            self._attending.connection.wait(self._watch.wait(_LOOK_EVERY))

    def close(self) -> None:
        if self._watch is not None:
            self._attending.connection.post(self._watch.close)
            self._watch = None


async def _watch(attending: Attending, found: Found) -> Watch:
    return Watch(attending.reader.handle(found))


def follow(attending: Attending) -> Iterator[Event]:
    """Its events, until it has closed."""
    for turn in turns(attending):
        yield from turn.page.events
        yield from turn.progress


class _Interrupts:
    """^C while somebody attends: cancels, a second one hard, a third lets go."""

    def __init__(self) -> None:
        self.identity = str(uuid.uuid4())
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
    people = People(attending.present, attending.find, attending.resolve)
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
            if turn.page.stuck and not turn.page.more and not _stays(attending, people, interrupts):
                state = turn.page.state
                return Ended(attending.workflow, state, "", interrupted=interrupts.count > 0)
            if interrupts.count > 2:
                break
            while interrupts.done < interrupts.count:
                if not _cancels(attending, f"{interrupts.identity}-{interrupts.done}"):
                    break
                interrupts.done += 1
    message = "it goes on in the cluster"
    return Ended(attending.workflow, State.RUNNING, message, interrupted=True)


def _stays(attending: Attending, people: People, interrupts: _Interrupts) -> bool:
    """Only people can move it: whether somebody is there who does, or waits for them."""
    if not people.may_help:
        return False
    events = attending.connection.wait(attending.reader.events(attending.find()))
    view = fold(events, attending.workflow)
    return people.settle(view, lambda: interrupts.count > interrupts.done)


def _cancels(attending: Attending, identity: str) -> bool:
    """Ask for the end; False if that has to be asked for once more, later."""
    try:
        attending.cancel(identity)
    except (UnansweredError, ConflictError):
        return True  # it is kept until a worker hears of it; or there is nothing left to cancel
    except ClusterError:
        return False
    return True


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
