"""Answers to approvals: judged by what the journal says was asked, then given to the process that
runs the workflow or, if none does, recorded here. Whoever takes it up then goes on.
"""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from orchestrate.embedded import journal
from orchestrate.embedded.claims import NewEvent
from orchestrate.embedded.listing import Row
from orchestrate.embedded.store import Store
from orchestrate.errors import ConflictError, NotFoundError
from orchestrate.playbook.plan import Json
from orchestrate.playbook.spelling import nearest
from orchestrate.workflow.approval_views import ApprovalView
from orchestrate.workflow.approvals import Answer, Approver, check_first, no_longer_waits
from orchestrate.workflow.events import EventType
from orchestrate.workflow.moments import rfc3339
from orchestrate.workflow.state import WorkflowView, fold

if TYPE_CHECKING:
    from orchestrate.embedded.control import Control

_TRIES = 10


def view_of(store: Store, row: Row) -> WorkflowView:
    """Where a workflow stands."""
    return fold(journal.read(store.reader, row.number), row.summary.id)


def due(view: WorkflowView) -> float:
    """When a workflow that was left waiting goes on, as far as is known by now."""
    if view.goes_on:
        return 0.0
    deadlines = (approval.deadline for approval in view.approvals.awaited)
    return min((at for at in deadlines if at is not None), default=float("inf"))


def give(
    control: "Control", store: Store, row: Row, path: str, answer: Answer, approver: Approver
) -> bool:
    """Record an answer; whether somebody runs the workflow."""
    workflow = row.summary.id
    for tries in range(1, _TRIES + 1):
        data = _judge(view_of(store, row), path, answer, approver, owned=row.owned)
        left: list[Row] = []

        def unowned(found: Row, left: list[Row] = left, data: Mapping[str, Json] = data) -> Json:
            kind = EventType.APPROVAL_REJECTED if answer.rejects else EventType.APPROVAL_GIVEN
            event: NewEvent = (kind, path, {**data, "unowned": True})
            _judge(view_of(store, found), path, answer, approver, owned=False)
            control.record(found, (event,), found.summary.state)
            left.append(found)
            return None

        asked: dict[str, Json] = {**data, "path": path}
        verb = "reject" if answer.rejects else "approve"
        try:
            control.ask(workflow, verb, asked, unowned)
        except ConflictError:
            # Somebody else came first, or the owner knows more than the journal did a moment ago.
            now = control.row(workflow)
            if tries == _TRIES or now.last_seq == row.last_seq:
                raise
            row = now
        else:
            return not left
    raise AssertionError


def _judge(
    view: WorkflowView, path: str, answer: Answer, approver: Approver, *, owned: bool
) -> dict[str, Json]:
    """The data of the event, if the answer is one. Raises what is wrong with it otherwise."""
    approval = view.approvals.get(path)
    if approval is None:
        near = nearest(path, list(view.approvals))
        hint = f"Did you mean {near}? " if near else ""
        raise NotFoundError(
            f"{view.id} has asked for no approval at {path}",
            hint=f"{hint}`orchestrate approve --list` shows what waits.",
        )
    if not approval.open:
        raise no_longer_waits(path, approval.happened)
    _check_time(approval, owned=owned)
    if not approval.request.admits(approver):
        listed = ", ".join(approval.request.approvers or ())
        raise ConflictError(
            f"{approver.name} may not answer {path}",
            hint=f"Those who may: {listed}.",
        )
    check_first(path, approval.given, approver.name)
    if answer.rejects:
        said: dict[str, Json] = {"reason": answer.reason}
    else:
        inputs = approval.request.typed(answer.inputs)
        said = {"inputs": inputs, "comment": answer.reason}
    return {"actor": approver.name, **{key: value for key, value in said.items() if value != ""}}


def _check_time(approval: ApprovalView, *, owned: bool) -> None:
    """Nobody may have been there to see that its time was over."""
    deadline = approval.deadline
    if not owned and deadline is not None and deadline <= time.time():
        raise no_longer_waits(approval.path, f"its time was over at {rfc3339(deadline)}")
