"""Numbers and appends the events of one workflow; decides things once.

While the history is replayed the interpreter says again what it said before. A decision that is
recorded is returned, a note that is recorded is not emitted a second time.
"""

from collections.abc import Callable, Mapping

from orchestrate.playbook.plan import Json
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.history import Decision, History, note_key
from orchestrate.workflow.runtime import Runtime


class Journal:
    """The one place where events are made."""

    __slots__ = ("_history", "_runtime", "_seq", "checkpoints", "position")

    def __init__(self, runtime: Runtime, history: History) -> None:
        self._runtime = runtime
        self._history = history
        self._seq = history.last_seq
        self.checkpoints = history.checkpoints
        self.position = 0
        """Of the input that is being worked on: alike when it first comes and when it is replayed,
        so that failures can be told apart by it."""

    @property
    def next_seq(self) -> int:
        """The number of the next event."""
        return self._seq + 1

    def emit(self, event_type: EventType, path: str, data: Mapping[str, Json]) -> Event:
        """Append an event."""
        self._seq += 1
        event = Event(self._seq, self._runtime.now(), event_type, path, data)
        self._runtime.append(event)
        return event

    def take_input(self, event_type: EventType, path: str, data: Mapping[str, Json]) -> Event:
        """Append what came from outside; what it sets off counts from its position."""
        event = self.emit(event_type, path, data)
        self.position = event.seq
        return event

    def note(self, event_type: EventType, path: str, data: Mapping[str, Json]) -> bool:
        """Append an event for readers, unless it is recorded: then False."""
        notes = self._history.notes
        if notes:
            key = note_key(event_type, path, data)
            recorded = notes.get(key)
            if recorded:
                recorded.pop(0)
                if not recorded:
                    del notes[key]
                return False
        self.emit(event_type, path, data)
        return True

    def decide(self, path: str, subject: str, compute: Callable[[], Json]) -> Json:
        """The recorded value, or the computed one, recorded from now on."""
        recorded = self._history.decisions.pop((path, subject), None)
        if recorded is not None:
            return recorded.value
        value = compute()
        self.emit(EventType.DECIDED, path, {"subject": subject, "value": value})
        return value

    def recorded(self, path: str, subject: str) -> Decision | None:
        """What was decided before, if anything. Asked once."""
        return self._history.decisions.pop((path, subject), None)

    def checkpoint(self, name: str, step: str | None, *, id: str | None = None) -> str:  # noqa: A002
        """A named position in the journal; returns its id."""
        if id is None:
            id = self.next_checkpoint()  # noqa: A001
        data: dict[str, Json] = {"id": id, "name": name}
        if step is not None:
            data["step"] = step
        self.emit(EventType.CHECKPOINT, step or "", data)
        return id

    def next_checkpoint(self) -> str:
        """Take the next checkpoint id."""
        self.checkpoints += 1
        return f"CP-{self.checkpoints}"
