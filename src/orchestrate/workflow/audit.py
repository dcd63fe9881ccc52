"""What an audit shows: who did what, when, from where and why, and what it changed.

Entries come from two places: events of journals, and actions beside workflows, such as those on
schedules. Of events, `events.ACTIONS` are what people and triggers did; the others say what
followed.
"""

from collections.abc import Mapping
from typing import NamedTuple

from orchestrate.playbook.plan import Json
from orchestrate.workflow.events import ACTIONS, Event, EventType
from orchestrate.workflow.moments import rfc3339
from orchestrate.workflow.outcomes import State


class Author(NamedTuple):
    """Who does something, and from where."""

    actor: str
    origin: Mapping[str, Json] = {}


class Finding(NamedTuple):
    """Something that is not what was recorded."""

    kind: str
    """changed, moved, removed, added, cut (the end is missing), replaced, or unsigned."""
    message: str
    workflow: str = ""
    """"" for what belongs to the store as a whole."""
    number: int | None = None
    """Of the event, or of the action if there is no workflow."""


_WANTED: Mapping[EventType, str] = {
    EventType.WORKFLOW_CREATED: "queued",
    EventType.RESUMED: "running",
    EventType.PAUSE_REQUESTED: "paused",
    EventType.UNPAUSED: "running",
    EventType.CANCEL_REQUESTED: "cancelled",
    EventType.COMPLETION_REQUESTED: "completed",
}
"""The state that was asked for."""
_TOLD = ("actor", "from", "before", "reason", "comment")
"""Keys of an event's data that an entry tells by itself."""
_CHANGES: Mapping[EventType, tuple[str, ...]] = {
    EventType.WORKFLOW_CREATED: (
        "playbook",
        "environment",
        "parameters",
        "rerun_of",
        "overrides",
    ),
    EventType.RESUMED: ("parameters", "from_step", "checkpoint", "playbook_changes"),
    EventType.FORCED: ("status",),
    EventType.RESOLVED: ("choice",),
    EventType.APPROVAL_GIVEN: ("inputs",),
    EventType.PAUSE_REQUESTED: ("resume_at",),
}
"""What else an action set."""


_OF_WORKFLOWS = ("workflow_pruned", "anchored", "approval_refused")
"""Actions beside journals whose subject is a workflow."""


class Entry(NamedTuple):
    """One line of an audit. `number` is that of the event or action, `hash` its digest (hex)."""

    at: float
    action: str
    actor: str
    """"" for what happened by itself."""
    origin: Mapping[str, Json]
    """From where: `host`, `pid`, `terminal`, `ssh`, …; or what a trigger knows: `slot`, `event`."""
    workflow: str
    subject: str
    """A step's path; without a workflow what it was done to: a schedule, a file."""
    reason: str
    before: Mapping[str, Json]
    after: Mapping[str, Json]
    chain: str
    """To which the number and the digest belong: `journal` (of the workflow) or `actions`."""
    number: int
    hash: str
    details: Mapping[str, Json]

    def to_json(self) -> dict[str, Json]:
        """As it is exported; empty fields are left out."""
        fields: dict[str, Json] = {
            "at": rfc3339(self.at),
            "action": self.action,
            "actor": self.actor,
            "from": self.origin,
            "workflow": self.workflow,
            "subject": self.subject,
            "reason": self.reason,
            "before": self.before,
            "after": self.after,
            "chain": self.chain,
            "number": self.number,
            "hash": self.hash,
            "details": self.details,
        }
        return {key: value for key, value in fields.items() if value not in ("", {})}


def attributed(
    kind: EventType, data: Mapping[str, Json], origin: Mapping[str, Json], state: State
) -> Mapping[str, Json]:
    """The data of an event: if somebody did that, also from where, and what state it was in."""
    if kind not in ACTIONS or not data.get("actor"):
        return data
    before = data.get("before")
    told = {"state": state, **(before if isinstance(before, Mapping) else {})}
    return {**data, **({"from": origin} if origin else {}), "before": told}


def entry_of_event(workflow: str, event: Event, digest: str) -> Entry:
    """The entry for an event of a journal."""
    data = event.data
    before, after = _object(data.get("before")), dict[str, Json]()
    if event.type in ACTIONS:
        if event.type in _WANTED:
            after["state"] = _WANTED[event.type]
        after |= {k: data[k] for k in _CHANGES.get(event.type, ()) if data.get(k) not in (None, {})}
    else:
        before = {}
    return Entry(
        event.at,
        str(event.type),
        _text(data.get("actor")),
        _object(data.get("from")),
        workflow,
        event.path,
        _text(data.get("reason")) or _text(data.get("comment")),
        before,
        after,
        "journal",
        event.seq,
        digest,
        {key: value for key, value in data.items() if key not in _TOLD and key not in after},
    )


def entry_of_action(
    number: int, at: float, names: tuple[str, str, str], data: Mapping[str, Json], digest: str
) -> Entry:
    """The entry for an action beside journals; `names`: action, actor, subject."""
    action, actor, subject = names
    told = {"from", "reason", "before", "after"}
    workflow = subject if action in _OF_WORKFLOWS else ""
    return Entry(
        at,
        action,
        actor,
        _object(data.get("from")),
        workflow,
        "" if workflow else subject,
        _text(data.get("reason")),
        _object(data.get("before")),
        _object(data.get("after")),
        "actions",
        number,
        digest,
        {key: value for key, value in data.items() if key not in told},
    )


def _object(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
