"""Whether an answer to an approval is one: judged by what the journal says was asked."""

from orchestrate.errors import ConflictError, NotFoundError
from orchestrate.playbook.plan import Json
from orchestrate.playbook.spelling import nearest
from orchestrate.workflow.approval_views import ApprovalView
from orchestrate.workflow.approvals import Answer, Approver, check_first, no_longer_waits
from orchestrate.workflow.moments import rfc3339
from orchestrate.workflow.state import WorkflowView


def judge(
    view: WorkflowView, path: str, answer: Answer, approver: Approver, now: float | None
) -> dict[str, Json]:
    """The data of the event, if the answer is one. Raises what is wrong with it otherwise.

    `now`: nobody runs the workflow, so nobody may have been there to see that its time was over.
    """
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
    _check_time(approval, now)
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


def _check_time(approval: ApprovalView, now: float | None) -> None:
    deadline = approval.deadline
    if now is not None and deadline is not None and deadline <= now:
        raise no_longer_waits(approval.path, f"its time was over at {rfc3339(deadline)}")
