"""What a workflow waits for: a fold over its events that keeps what is pending and nothing else, so
that it stays small however long the journal is.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from orchestrate.playbook.plan import Json
from orchestrate.workflow import paths
from orchestrate.workflow.approval_views import ApprovalViews
from orchestrate.workflow.damage import DAMAGE, damaged
from orchestrate.workflow.engine import Waits
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.history import APPROVAL, Forgetting
from orchestrate.workflow.moments import rfc3339
from orchestrate.workflow.views import blocker_json

_CLAIM, _EVENT, _TIMER, _RETRY, _RATE, _DECISION = (
    "claim", "event", "timer", "retry", "rate", "decision",
)  # fmt: skip
_RETRIES = "retry-"
"""What the subjects of timers before another attempt begin with."""
_ASKED = frozenset(
    {EventType.APPROVAL_REQUESTED, EventType.APPROVAL_GIVEN, EventType.APPROVAL_REJECTED}
)
_CLAIMED = frozenset(
    {
        EventType.CLAIM_WAITING,
        EventType.CLAIMED,
        EventType.CLAIM_REFUSED,
        EventType.CLAIM_RELEASED,
        EventType.LOCK_BROKEN,
        EventType.RATE_WAITING,
    }
)


class _Wait(NamedTuple):
    kind: str
    since: float
    data: Mapping[str, Json]


class Pending:
    """What is pending in one workflow; `apply` takes one event more."""

    def __init__(self) -> None:
        self.seq = 0
        """The position up to which it has read."""
        self.asked = 0
        """How often something about approvals has changed."""
        self.claimed = 0
        """The same about locks, capacity and rates."""
        self._approvals = ApprovalViews()
        self._waits: dict[tuple[str, str], _Wait] = {}
        """By path and subject."""

    @property
    def claims(self) -> bool:
        """Whether it waits for locks or capacity: others have them, so one has to ask who."""
        return any(wait.kind == _CLAIM for wait in self._waits.values())

    def apply(self, event: Event) -> None:
        """Take the next event. Raises StoreError for one that is damaged; it is left out then."""
        self.seq = event.seq
        self.asked += event.type in _ASKED
        self.claimed += event.type in _CLAIMED
        try:
            self._take(event)
        except DAMAGE as error:
            raise damaged(event, error) from error

    def _take(self, event: Event) -> None:
        path, data = event.path, event.data
        match event.type:
            case EventType.APPROVAL_REQUESTED:
                self._approvals.request(event)
            case EventType.APPROVAL_GIVEN | EventType.APPROVAL_REJECTED:
                self._approvals.answer(event)
            case EventType.EVENT_AWAITED:
                self._begin(path, _EVENT, _EVENT, event)
            case EventType.EVENT_RECEIVED:
                self._waits.pop((path, _EVENT), None)
            case EventType.TIMER_SET:
                self._set_timer(event)
            case EventType.TIMER_FIRED:
                self._fire(path, str(data["subject"]))
            case EventType.CLAIM_WAITING:
                self._begin(path, _CLAIM, _CLAIM, event)
            case EventType.CLAIMED | EventType.CLAIM_REFUSED:
                self._waits.pop((path, _CLAIM), None)
            case EventType.RATE_WAITING:
                self._begin(path, _RATE, _RATE, event)
            case EventType.ATTEMPT_FINISHED:
                self._waits.pop((path, _RATE), None)
            case EventType.PARKED:
                self._begin(path, f"{_DECISION} {data['subject']}", _DECISION, event)
            case EventType.RESOLVED:
                self._waits.pop((path, f"{_DECISION} {data['subject']}"), None)
            case _:
                self._take_end(event)

    def _take_end(self, event: Event) -> None:
        match event.type:
            case EventType.STEP_FINISHED:
                self._end(event.path)
            case EventType.PAUSED:
                self._approvals.pause(event.at)
            case EventType.UNPAUSED:
                self._approvals.unpause(event.at)
            case EventType.FORGOTTEN:
                self._forget(Forgetting(event.data))
            case EventType.WORKFLOW_FINISHED:
                self.asked += bool(self._approvals.awaited)
                self._approvals.clear()
                self._waits.clear()
            case _:
                pass

    def _begin(self, path: str, subject: str, kind: str, event: Event) -> None:
        known = self._waits.get((path, subject))
        since = event.at if known is None else known.since
        self._waits[path, subject] = _Wait(kind, since, event.data)

    def _set_timer(self, event: Event) -> None:
        self._approvals.set_time(event)
        if event.path and "at" in event.data:
            subject = str(event.data["subject"])
            kind = _RETRY if subject.startswith(_RETRIES) else _TIMER
            self._begin(event.path, f"{_TIMER} {subject}", kind, event)

    def _fire(self, path: str, subject: str) -> None:
        self._waits.pop((path, f"{_TIMER} {subject}"), None)
        if subject == APPROVAL:
            self._approvals.pop(path, None)
            self.asked += 1

    def _end(self, path: str) -> None:
        """A step is over, and all that is in it."""
        for key in [key for key in self._waits if paths.within(key[0], path)]:
            del self._waits[key]
        for key in [key for key in self._approvals if paths.within(key, path)]:
            self.asked += self._approvals.pop(key).open

    def _forget(self, forgetting: Forgetting) -> None:
        self._approvals.forget(forgetting)
        self._waits = {
            (forgetting.moved(path), subject): wait
            for (path, subject), wait in self._waits.items()
            if not forgetting.covers(path)
        }
        self.asked += 1

    def to_json(self, waits: Waits | None, now: float) -> list[dict[str, Json]]:
        """Each wait with its `kind` and the `path` of the step ("": the whole playbook). `waits`:
        who has now what it claims; None: nobody was asked, so it is told who had it when the
        waiting began.
        """
        found: list[dict[str, Json]] = [
            {
                "kind": APPROVAL,
                "path": one.path,
                "message": one.request.message,
                "since": rfc3339(one.asked_at),
                "until": rfc3339(one.deadline),
            }
            for one in self._approvals.awaited
        ]
        for (path, _), wait in self._waits.items():
            found += _shown(path, wait, waits, now)
        return found


def _shown(path: str, wait: _Wait, waits: Waits | None, now: float) -> Iterator[dict[str, Json]]:
    data, since = wait.data, rfc3339(wait.since)
    match wait.kind:
        case "claim":
            known = _blockers(data.get("blockers")) if waits is None else waits.get(path, ())
            for blocker in known:
                kind = "lock" if "lock" in blocker else "capacity"
                yield {"kind": kind, "path": path, **blocker_json(blocker)}
        case "event":
            told = {"event": data.get("event"), "source": data.get("source")}
            yield {"kind": _EVENT, "path": path, **told, "since": since}
        case "timer" | "retry":
            until = rfc3339(_number(data["at"]))
            yield {"kind": wait.kind, "path": path, "since": since, "until": until}
        case "rate":
            until = _number(data.get("until"))
            if until > now:
                told = {"limit": data.get("limit"), "since": since, "until": rfc3339(until)}
                yield {"kind": _RATE, "path": path, **told}
        case _:
            told = {"message": data.get("message"), "choices": data.get("choices")}
            yield {"kind": _DECISION, "path": path, **told, "since": since}


def _blockers(value: Json) -> Sequence[Mapping[str, Json]]:
    listed = value if isinstance(value, list | tuple) else ()
    return [one for one in listed if isinstance(one, Mapping)]


def _number(value: Json) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
