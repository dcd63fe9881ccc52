"""The world in a rehearsal: approvals are answered, and events arrive, with values that nobody
knows beforehand.
"""

from collections.abc import Callable
from enum import Enum

from orchestrate.playbook.plan import Json
from orchestrate.playbook.undecided import undecided
from orchestrate.workflow import paths
from orchestrate.workflow.approvals import Request, request_of
from orchestrate.workflow.events import Event
from orchestrate.workflow.execution import Execution
from orchestrate.workflow.memory import EPOCH, Signal
from orchestrate.workflow.program import Awaited


class Reply(Enum):
    """What people do about an approval."""

    APPROVE = "approve"
    REJECT = "reject"
    NOTHING = "nothing"


Replies = Callable[[str], Reply]
"""What is done about the approval at a path."""


def reply_to(event: Event, reply: Reply, takes: float) -> Signal | None:
    """The answer to an `approval_requested`, after so many virtual seconds."""
    if reply is Reply.NOTHING:
        return None
    path, request = event.path, request_of(event.data)
    step = paths.static(path)

    def apply(execution: Execution) -> None:
        if reply is Reply.REJECT:
            if execution.awaits(path):
                execution.reject(path, actor=undecided("error.approver"))
            return
        for number in range(request.minimum):
            if execution.awaits(path):
                who = undecided(f"{step}.output.approvers[{number}]")
                execution.approve(path, actor=who, inputs=_inputs(step, request))

    return Signal(event.at - EPOCH + takes, apply)


def arrival(event: Event, takes: float) -> Signal:
    """The event for which an `event_awaited` waits, after so many virtual seconds."""
    path, awaited = event.path, Awaited.of(event.path, event.data)
    output = f"{paths.static(path)}.output"
    arrived: dict[str, Json] = {
        key: undecided(f"{output}.{key}") for key in ("id", "time", "subject", "data")
    }
    for key, pattern in (("type", awaited.event), ("source", awaited.source)):
        known = pattern is not None and "*" not in pattern
        arrived[key] = pattern if known else undecided(f"{output}.{key}")

    def apply(execution: Execution) -> bool:
        return execution.event_arrived(path, arrived)

    return Signal(event.at - EPOCH + takes, apply)


def _inputs(step: str, request: Request) -> dict[str, Json]:
    """Values of which only their types are known, as far as they have no default."""
    return {
        one.name: undecided(f"{step}.output.{one.name}") for one in request.inputs if one.required
    }
