"""What somebody who resumes a workflow asks for, as far as every engine understands it alike."""

from orchestrate.errors import ConflictError
from orchestrate.playbook.plan import Json
from orchestrate.workflow.engine import ResumeOptions
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.parking import chosen
from orchestrate.workflow.state import WorkflowView
from orchestrate.workflow.transitions import FINAL


def rewrites(options: ResumeOptions) -> bool:
    """Whether these options change what was recorded, so that the workflow must be replayed."""
    return bool(
        options.from_step
        or options.checkpoint
        or options.skip_failed
        or options.parameters
        or options.changed_plan
    )


def ended_meanwhile(workflow: str, state: State) -> ConflictError:
    """The error for somebody who asked for a workflow that went on to be resumed."""
    return ConflictError(
        f"{workflow} has ended meanwhile: {state}",
        hint=f"`orchestrate status --workflow {workflow}` shows how; if it is to go on all the "
        "same, resume it again.",
    )


def check_resumable(workflow: str, state: State, options: ResumeOptions) -> None:
    """Raise ConflictError if a workflow that nobody runs cannot be continued in this state."""
    if options.unless_ended and state in FINAL:
        raise ended_meanwhile(workflow, state)
    again = bool(options.from_step or options.checkpoint or options.changed_plan)
    if state in (State.SUCCEEDED, State.COMPLETED) and not again:
        raise ConflictError(
            f"{workflow} has ended: {state}",
            hint=f"Run it again with `orchestrate rerun {workflow}`, or from some step with "
            "--from-step.",
        )


def decisions(view: WorkflowView, options: ResumeOptions) -> dict[str, str]:
    """What is chosen for all that waits for somebody, by path. Raises ConflictError if none is."""
    found = {
        path: choice
        for path, subject in view.parked
        if (choice := chosen(subject, options.unknown, options.compensation)) is not None
    }
    if not found:
        raise ConflictError(
            f"nothing in {view.id} waits for a decision",
            hint=f"`orchestrate status --workflow {view.id}` shows where it stands.",
        )
    return found


def resumed_data(options: ResumeOptions) -> dict[str, Json]:
    """The data of `resumed`."""
    data: dict[str, Json] = {"actor": options.actor}
    optional: dict[str, Json] = {
        "from_step": options.from_step,
        "checkpoint": options.checkpoint,
        "skip_failed": options.skip_failed,
        "parameters": options.parameters,
        "playbook_changes": "use" if options.changed_plan is not None else None,
    }
    return data | {key: value for key, value in optional.items() if value}
