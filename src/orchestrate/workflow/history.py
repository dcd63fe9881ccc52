"""The recorded part of a workflow, read once and kept compactly.

Of each started attempt only its position and digests stay, of each input what is to be delivered
again. What was forgotten (a resume from an earlier step) is left out as if it had never been.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from orchestrate.playbook.plan import Json
from orchestrate.workflow import paths
from orchestrate.workflow.damage import DAMAGE, damaged
from orchestrate.workflow.events import INPUTS, Event, EventType

OUTCOME = "outcome"
OUTPUTS = "outputs"
CANCELLED = "cancelled"
TIMEOUT = "timeout"
CLEANUP = "cleanup"
APPROVAL = "approval"
"""What was asked of people; of the timer: how long they have."""
EVENT = "event"
"""The event that is waited for."""
CLAIM = "claim"
"""What is claimed, and until when that is waited for."""
UNDO = "undo"
"""Decided by a transaction that did not succeed: why what its steps did is undone."""

_CLAIMS = frozenset((EventType.CLAIMED,))
_NOTES = frozenset(
    {
        EventType.STEP_STARTED,
        EventType.STEP_FINISHED,
        EventType.CHECKPOINT,
        EventType.PARKED,
        EventType.WARNED,
        EventType.CLAIM_WAITING,
        EventType.CLAIM_RELEASED,
    }
)


class Start(NamedTuple):
    """A recorded start of an attempt. `event` is kept while no end is recorded."""

    id: int
    definition: str
    call_digest: str
    event: Event | None


class Decision(NamedTuple):
    """Something that was decided, and the position where that is recorded."""

    value: Json
    seq: int


class TimerRecord(NamedTuple):
    """A recorded timer: the moment it was set, and its `at` or `after`. `held`: running time
    stood still from then on.
    """

    set_at: float
    at: float | None
    after: float | None
    held: bool
    seq: int


_ENDS = frozenset(
    (
        EventType.STEP_FINISHED,
        EventType.CHECKPOINT,
        EventType.WARNED,
        EventType.CLAIM_RELEASED,
    )
)
"""Notes that a step makes again when it ends again."""

NoteKey = tuple[EventType, str, Json]


def note_key(event_type: EventType, path: str, data: Mapping[str, Json]) -> NoteKey:
    """What tells one note from another of the same path."""
    match event_type:
        case EventType.PARKED:
            return event_type, path, data.get("subject")
        case EventType.WARNED:
            return event_type, path, data.get("message")
        case EventType.CHECKPOINT:
            return event_type, path, data.get("name")
        case _:
            return event_type, path, None


class History:
    """What the journal says. Entries are taken out as the interpreter comes past them."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.last_seq = 0
        self.created_at: float | None = None
        self.clock_base: float | None = None
        """From when the workflow's own timeout counts."""
        self.started: Event | None = None
        self.finished: Event | None = None
        self.inputs: list[Event] = []
        self.starts: dict[tuple[str, int], Start] = {}
        self.decisions: dict[tuple[str, str], Decision] = {}
        self.timers: dict[tuple[str, str], TimerRecord] = {}
        self.notes: dict[NoteKey, list[int]] = {}
        """The positions of each recorded note."""
        self.forced: dict[str, Event] = {}
        self.stopped: list[tuple[float, float | None]] = []
        """Spans in which running time stood still; the last may be open."""
        self.pauses: list[tuple[float, float | None]] = []
        """Those of them that were pauses."""
        self.pause: Event | None = None
        self.paused_noted = False
        self.checkpoints = 0
        """The highest number that was given to a checkpoint."""
        self.checkpoint_ids: set[str] = set()
        self.parameters_changed_at = 0
        self.forgot = False
        """Whether anything was ever forgotten: then recorded outcomes may lie ahead."""
        self.read(events)

    def read(self, events: Iterable[Event]) -> None:
        """More of the journal, before anything was taken out."""
        for event in events:
            try:
                self._read(event)
            except DAMAGE as error:
                raise damaged(event, error) from error

    def _read(self, event: Event) -> None:
        self.last_seq = event.seq
        match event.type:
            case EventType.ATTEMPT_STARTED:
                self._read_start(event)
            case kind if kind in INPUTS:
                self.inputs.append(event)
                if kind is EventType.ATTEMPT_FINISHED:
                    self._read_finish(event)
            case EventType.DECIDED:
                key = (event.path, str(event.data["subject"]))
                self.decisions[key] = Decision(event.data.get("value"), event.seq)
            case EventType.APPROVAL_REQUESTED:
                self.decisions[event.path, APPROVAL] = Decision(event.data, event.seq)
            case EventType.EVENT_AWAITED:
                self.decisions[event.path, EVENT] = Decision(event.data, event.seq)
            case kind if kind in _NOTES:
                self._read_note(event)
            case EventType.TIMER_SET:
                self._read_timer(event)
            case EventType.FORGOTTEN:
                Forgetting(event.data).apply(self, event)
            case EventType.FORCED:
                self.forced[event.path] = event
            case _:
                self._read_lifecycle(event)

    def add_stops(self) -> None:
        """The journal is complete. What stopped the body of a transaction that is being undone
        stops it again, even where the reason (a cancel, the failure of a sibling) no longer counts:
        it may not go on.
        """
        stops = [
            Event(stopped, 0.0, EventType.DECIDED, path, {"subject": UNDO})
            for (path, subject), decision in self.decisions.items()
            if subject == UNDO and isinstance(decision.value, Mapping)
            if isinstance(stopped := decision.value.get("stopped"), int)
        ]
        if stops:
            self.inputs = sorted([*self.inputs, *stops], key=lambda event: event.seq)

    def _read_start(self, event: Event) -> None:
        data = event.data
        number = data["number"]
        assert isinstance(number, int)
        start = Start(
            event.seq, str(data.get("definition", "")), str(data.get("call_digest", "")), event
        )
        self.starts[event.path, number] = start

    def _read_finish(self, event: Event) -> None:
        number = event.data["number"]
        assert isinstance(number, int)
        start = self.starts.get((event.path, number))
        if start is not None:
            self.starts[event.path, number] = start._replace(event=None)

    def _read_note(self, event: Event) -> None:
        if event.type is EventType.STEP_FINISHED and event.data.get("inline"):
            self.decisions[event.path, OUTCOME] = Decision(event.data, event.seq)
            return
        key = note_key(event.type, event.path, event.data)
        self.notes.setdefault(key, []).append(event.seq)
        if event.type is EventType.CHECKPOINT:
            self._count_checkpoint(str(event.data["id"]))
            self.checkpoint_ids.add(str(event.data["id"]))

    def _read_timer(self, event: Event) -> None:
        at, after = event.data.get("at"), event.data.get("after")
        self.timers[event.path, str(event.data["subject"])] = TimerRecord(
            event.at,
            float(at) if isinstance(at, int | float) else None,
            float(after) if isinstance(after, int | float) else None,
            bool(event.data.get("held")),
            event.seq,
        )

    def _read_lifecycle(self, event: Event) -> None:
        match event.type:
            case EventType.WORKFLOW_CREATED:
                self.created_at = self.clock_base = event.at
            case EventType.WORKFLOW_STARTED:
                self.started = event
            case EventType.WORKFLOW_FINISHED:
                self.finished = event
                self.pause, self.paused_noted = None, False  # it ended before the pause came
                self._stop_clock(event.at)
            case EventType.PAUSE_REQUESTED:
                self.pause, self.paused_noted = event, False
                if isinstance(event.data.get("checkpoint"), str):
                    self._count_checkpoint(str(event.data["checkpoint"]))
            case EventType.PAUSED:
                self.paused_noted = True
                self._stop_clock(event.at)
                self.pauses.append((event.at, None))
            case EventType.UNPAUSED:
                self.pause = None
                self._start_clock(event.at)
                if self.pauses and self.pauses[-1][1] is None:
                    self.pauses[-1] = (self.pauses[-1][0], event.at)
            case EventType.RELEASED:
                self._stop_clock(event.at)
            case EventType.OWNED:
                if self.pause is None or not self.paused_noted:
                    self._start_clock(event.at)
            case EventType.RESUMED:
                self.finished = None
                # It ended, and with it what was claimed for the whole; it will end once more.
                self.notes.pop((EventType.CLAIM_RELEASED, "", None), None)
                if event.data.get("parameters"):
                    self.parameters_changed_at = event.seq
            case _:
                pass

    def _count_checkpoint(self, checkpoint: str) -> None:
        self.checkpoints = max(self.checkpoints, int(checkpoint.rpartition("-")[2]))

    def _stop_clock(self, at: float) -> None:
        if not self.stopped or self.stopped[-1][1] is not None:
            self.stopped.append((at, None))

    def _start_clock(self, at: float) -> None:
        if self.stopped and self.stopped[-1][1] is None:
            self.stopped[-1] = (self.stopped[-1][0], at)

    def stopped_since(self, since: float, now: float) -> float:
        """Seconds between `since` and `now` in which running time stood still."""
        return _overlap(self.stopped, since, now)

    def paused_since(self, since: float, now: float) -> float:
        """Seconds between `since` and `now` in which it was paused."""
        return _overlap(self.pauses, since, now)

    def unconsumed(self) -> list[str]:
        """Paths of recorded attempts that the interpreter never came to."""
        return sorted({path for path, _ in self.starts})


class Forgetting:
    """What a `forgotten` event takes out of the record before it.

    `paths`: each with all below it, but for what is within `keep`. `reopen`: steps that go on: only
    their deadlines and their ends no longer count. `requests`: cancels, forced completion and the
    workflow's timeout no longer count. `since`: all that was recorded after that position no longer
    counts. `moved`: old path -> new path.
    """

    def __init__(self, data: Mapping[str, Json]) -> None:
        self._paths = _texts(data.get("paths"))
        self._keep = _texts(data.get("keep"))
        self.reopen = _texts(data.get("reopen"))
        self._requests = bool(data.get("requests"))
        since = data.get("since")
        self._since = since if isinstance(since, int) else None
        moved = data.get("moved")
        self._moved: dict[str, str] = {}
        if isinstance(moved, Mapping):
            self._moved = {old: str(new) for old, new in moved.items()}

    def covers(self, path: str) -> bool:
        """Whether what is recorded for `path` no longer counts."""
        for ancestor in paths.ancestors(path):
            if ancestor in self._keep:
                return False
            if ancestor in self._paths:
                return True
        return False

    def apply(self, history: History, event: Event) -> None:
        """Take it out."""
        history.forgot = True
        if self._since is not None:
            self._rewind(history, self._since)
        if self._paths:
            history.starts = {k: v for k, v in history.starts.items() if not self.covers(k[0])}
            history.decisions = {
                k: v for k, v in history.decisions.items() if not self.covers(k[0])
            }
            history.timers = {k: v for k, v in history.timers.items() if not self.covers(k[0])}
            history.notes = {k: v for k, v in history.notes.items() if not self.covers(k[1])}
            history.forced = {k: v for k, v in history.forced.items() if not self.covers(k)}
            history.inputs = [e for e in history.inputs if not self.covers(e.path)]
        if self.reopen:
            self._reopen_steps(history)
        if self._requests:
            history.inputs = [e for e in history.inputs if e.path or e.type in _CLAIMS]
            history.timers = {k: v for k, v in history.timers.items() if k[0]}
            history.decisions = {k: v for k, v in history.decisions.items() if k[0]}
            history.clock_base = event.at
            history.finished = None
        if self._moved:
            self._move(history)

    def _reopen_steps(self, history: History) -> None:
        opened = self.reopen
        for path in opened:
            history.timers.pop((path, TIMEOUT), None)
            history.timers.pop((path, CLAIM), None)
            history.decisions.pop((path, CANCELLED), None)
            history.decisions.pop((path, OUTPUTS), None)
        history.inputs = [
            e
            for e in history.inputs
            if not (e.path in opened and (e.type is EventType.CLAIM_REFUSED or _is_deadline(e)))
        ]
        history.notes = {
            k: v for k, v in history.notes.items() if k[1] not in opened or k[0] not in _ENDS
        }
        self._ask_again(history)

    def _ask_again(self, history: History) -> None:
        """What was asked about the last attempt of such a step is open again, answered or not."""
        last = {
            e.path: e.seq
            for e in history.inputs
            if e.type is EventType.ATTEMPT_FINISHED and e.path in self.reopen
        }
        history.inputs = [
            e
            for e in history.inputs
            if e.type is not EventType.RESOLVED or e.seq < last.get(e.path, e.seq + 1)
        ]
        for key, positions in tuple(history.notes.items()):
            if key[0] is EventType.PARKED and key[1] in last:
                history.notes[key] = [seq for seq in positions if seq < last[key[1]]]

    def _rewind(self, history: History, since: int) -> None:
        history.starts = {k: v for k, v in history.starts.items() if v.id <= since}
        history.decisions = {k: v for k, v in history.decisions.items() if v.seq <= since}
        history.timers = {k: v for k, v in history.timers.items() if v.seq <= since}
        history.forced = {k: v for k, v in history.forced.items() if v.seq <= since}
        history.inputs = [e for e in history.inputs if e.seq <= since]
        kept = {k: [seq for seq in v if seq <= since] for k, v in history.notes.items()}
        history.notes = {k: v for k, v in kept.items() if v}

    def _move(self, history: History) -> None:
        history.starts = {(self.moved(p), n): v for (p, n), v in history.starts.items()}
        history.decisions = {(self.moved(p), s): v for (p, s), v in history.decisions.items()}
        history.timers = {(self.moved(p), s): v for (p, s), v in history.timers.items()}
        history.notes = {(t, self.moved(p), k): v for (t, p, k), v in history.notes.items()}
        history.forced = {self.moved(p): v for p, v in history.forced.items()}
        history.inputs = [e._replace(path=self.moved(e.path)) for e in history.inputs]

    def moved(self, path: str) -> str:
        """The path under which what was recorded for `path` counts from now on."""
        return paths.moved(path, self._moved)


def _overlap(spans: Iterable[tuple[float, float | None]], since: float, now: float) -> float:
    return sum(max(0.0, (now if end is None else end) - max(begin, since)) for begin, end in spans)


def _is_deadline(event: Event) -> bool:
    return event.type is EventType.TIMER_FIRED and event.data["subject"] in (TIMEOUT, CLAIM)


def _texts(value: Json) -> frozenset[str]:
    if isinstance(value, list | tuple):
        return frozenset(str(entry) for entry in value)
    return frozenset()
