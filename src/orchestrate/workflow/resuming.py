"""What a resume would reuse and run, and the events that make it so."""

from collections.abc import Iterable, Mapping

from orchestrate.playbook.plan import Json
from orchestrate.workflow.engine import ResumeOptions, ResumePlan
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.program import Program

NewEvent = tuple[EventType, str, Mapping[str, Json]]


def plan_resume(
    program: Program, events: Iterable[Event], options: ResumeOptions
) -> tuple[ResumePlan, list[NewEvent]]:
    """What would be reused and run, and the FORGOTTEN and FORCED events to append. Pure.

    `program` is that of the recorded plan with the recorded parameters; changed parameters and the
    changed plan come in `options`. Raises UsageError, NotFoundError or ConflictError.
    """
    return ResumePlan(program.workflow, (), (), needs_yes=False), []
