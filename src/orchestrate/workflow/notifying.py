"""Which events other systems are told of, and as what."""

from typing import NamedTuple

from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.parking import CONFIRM

SUCCESS, RECOVERY = "success", "recovery"
TOLD = frozenset(
    {
        EventType.WORKFLOW_STARTED,
        EventType.WORKFLOW_FINISHED,
        EventType.PAUSED,
        EventType.PARKED,
        EventType.APPROVAL_REQUESTED,
    }
)
"""The types that may be worth telling."""


class Subscription(NamedTuple):
    """Who is told of a workflow, and of what."""

    integration: str
    events: tuple[str, ...]


def kind_of(event: Event) -> str | None:
    """`start`, `success`, `failure`, `pause` or `approval`; None if nobody is told.

    Whether a success is a `recovery` only the store knows. Somebody's decision that a workflow is
    complete counts as a success, a cancelled one as a failure: it did not do what it was meant to.
    """
    match event.type:
        case EventType.WORKFLOW_STARTED:
            return "start"
        case EventType.WORKFLOW_FINISHED:
            done = event.data["state"] in (State.SUCCEEDED, State.COMPLETED)
            return SUCCESS if done else "failure"
        case EventType.PAUSED:
            return "pause"
        case EventType.PARKED if event.data["subject"] != CONFIRM:
            return "pause"
        case EventType.APPROVAL_REQUESTED:
            return "approval"
        case _:
            return None


def kind_for(kind: str, events: tuple[str, ...], *, recovered: bool) -> str | None:
    """As what an integration that wants to hear of `events` is told; None: not at all."""
    if kind == SUCCESS and recovered and RECOVERY in events:
        return RECOVERY
    return kind if kind in events else None
