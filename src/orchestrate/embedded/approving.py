"""Answers to approvals: judged by what the journal says was asked, then given to the process that
runs the workflow or, if none does, recorded here. Whoever takes it up then goes on.
"""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from orchestrate.embedded import actions, journal, presence
from orchestrate.embedded.actions import Action, Author
from orchestrate.embedded.claims import NewEvent
from orchestrate.embedded.listing import Row
from orchestrate.embedded.store import Store
from orchestrate.errors import ConflictError
from orchestrate.playbook.plan import Json
from orchestrate.workflow.answering import judge
from orchestrate.workflow.approvals import Answer, Approver
from orchestrate.workflow.events import EventType
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
    _tell_if_stranger(control, store, row, path, approver)
    for tries in range(1, _TRIES + 1):
        data = judge(view_of(store, row), path, answer, approver, _now(owned=row.owned))
        left: list[Row] = []

        def unowned(found: Row, left: list[Row] = left, data: Mapping[str, Json] = data) -> Json:
            kind = EventType.APPROVAL_REJECTED if answer.rejects else EventType.APPROVAL_GIVEN
            event: NewEvent = (kind, path, {**data, "unowned": True})
            judge(view_of(store, found), path, answer, approver, time.time())
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
            if left:
                presence.wake(store)
            return not left
    raise AssertionError


def _tell_if_stranger(
    control: "Control", store: Store, row: Row, path: str, approver: Approver
) -> None:
    """Have the audit say that somebody tried who may not."""
    asked = view_of(store, row).approvals.get(path)
    if asked is None or not asked.open or asked.request.admits(approver):
        return
    author = Author(approver.name, control.origin)
    tried = Action("approval_refused", author, row.summary.id, {"step": path})
    store.writer.call(lambda c: actions.record(c, time.time(), tried))


def _now(*, owned: bool) -> float | None:
    """The moment by which a deadline counts; whoever runs the workflow decides that itself."""
    return None if owned else time.time()
