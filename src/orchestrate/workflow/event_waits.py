"""Steps that wait for events: what each waits for, and the event that it gets.

An event that a step gets is an input, recorded whole, so a replay delivers it where it came. Those
that a filter keeps back leave no trace in the journal.
"""

from collections.abc import Callable, Mapping

from orchestrate.playbook.plan import Json
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.journal import Journal
from orchestrate.workflow.program import Awaited
from orchestrate.workflow.runtime import Runtime
from orchestrate.workflow.scope import Pending, Scope

Arrived = Mapping[str, Json]
"""An event as expressions see it: id, source, type, subject, time, data, and what else was sent."""
Admits = Callable[[Arrived], bool]

FAIL, CONTINUE = "fail", "continue"


class _Wait:
    """A wait that has not got its event."""

    __slots__ = ("admits", "arrived", "awaited")

    def __init__(self, awaited: Awaited, admits: Admits) -> None:
        self.awaited = awaited
        self.admits = admits
        self.arrived: Pending[Arrived] = Pending()


class EventWaits:
    """The waits for events of one workflow, by path."""

    def __init__(self, journal: Journal, runtime: Runtime) -> None:
        self._journal = journal
        self._runtime = runtime
        self._open: dict[str, _Wait] = {}
        self._early: dict[str, Event] = {}
        """Recorded events of waits that the interpreter has not come to yet."""
        self._live = False

    @property
    def waiting(self) -> bool:
        """Whether any event is waited for."""
        return bool(self._open)

    async def receive(self, scope: Scope, awaited: Awaited, admits: Admits) -> Arrived:
        """Wait for the first event that `admits` lets through. Raises `Cancelled`."""
        path = awaited.path
        early = self._early.pop(path, None)
        if early is not None:
            return event_of(early)
        wait = self._open[path] = _Wait(awaited, admits)
        if self._live:
            self._runtime.await_event(awaited)
        try:
            return await scope.wait(wait.arrived)
        finally:
            if self._open.pop(path, None) is not None:
                self._forget(path)

    def arrived(self, path: str, event: Arrived) -> bool:
        """The host says: an event came that `path` may be waiting for. Whether it was."""
        wait = self._open.get(path)
        if wait is None or not wait.admits(event):
            return False
        self._take(path, self._journal.take_input(EventType.EVENT_RECEIVED, path, {"event": event}))
        self._forget(path)
        return True

    def replay(self, event: Event) -> None:
        """Deliver a recorded event; kept if the interpreter has not come to that wait yet."""
        if event.path in self._open:
            self._take(event.path, event)
        else:
            self._early[event.path] = event

    def _take(self, path: str, event: Event) -> None:
        self._open.pop(path).arrived.resolve(event_of(event))

    def _forget(self, path: str) -> None:
        if self._live:
            self._runtime.forget_event(path)

    def go_live(self) -> None:
        """The replay is over: ask for what is still waited for."""
        self._live = True
        for wait in tuple(self._open.values()):
            self._runtime.await_event(wait.awaited)


def in_words(awaited: Mapping[str, Json]) -> str:
    """What an `event_awaited` waits for, for people: `build-finished from ci`."""
    source, condition = awaited.get("source"), awaited.get("filter")
    where = f" from {source}" if source else ""
    return f"{awaited['event']}{where}" + (f" with {condition}" if condition else "")


def event_of(event: Event) -> Arrived:
    """What an `event_received` holds."""
    arrived = event.data["event"]
    assert isinstance(arrived, Mapping)
    return arrived
