"""Continuing a workflow: wake the process that waits with it, or take it over and go on."""

from collections.abc import Sequence

from orchestrate.embedded import journal, listing
from orchestrate.embedded.claims import Claim, NewEvent
from orchestrate.embedded.creation import StorePlan
from orchestrate.embedded.hosting import Hosting
from orchestrate.embedded.listing import Row
from orchestrate.embedded.store import Store
from orchestrate.embedded.waiting import Reply, ask
from orchestrate.errors import ConflictError
from orchestrate.playbook.plan import Json
from orchestrate.workflow.engine import ResumeOptions, ResumePlan
from orchestrate.workflow.events import EventType
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.program import Program
from orchestrate.workflow.resume_request import decisions, ended_meanwhile, resumed_data, rewrites
from orchestrate.workflow.resuming import plan_resume
from orchestrate.workflow.state import fold

_WAKEABLE = frozenset({State.PAUSED, State.WAITING})


def planned(
    store: Store, row: Row, program: Program, options: ResumeOptions
) -> tuple[ResumePlan, list[NewEvent]]:
    """What would happen, and the events that make it so."""
    events = journal.read(store.reader, row.number)
    plan, changes = plan_resume(program, events, options)
    return plan, list(changes)


def wake(hosting: Hosting, row: Row, options: ResumeOptions) -> bool:
    """Have the living owner go on; False if it is gone, or has handed the workflow over to us.

    Raises ConflictError if it refuses, or if the workflow ended meanwhile: to continue one that was
    cancelled is another wish.
    """
    if _ask_to_go_on(hosting, row, options):
        return True
    now = hosting.store.reading(lambda c: listing.get(c, row.summary.id)).summary
    if now.state in listing.FINAL and row.summary.state not in listing.FINAL:
        raise ended_meanwhile(now.id, now.state)
    return False


def _ask_to_go_on(hosting: Hosting, row: Row, options: ResumeOptions) -> bool:
    workflow = row.summary.id
    if rewrites(options):
        ask(hosting, row, "hand_over", {"actor": options.actor})
        return False
    if options.unknown is not None or options.compensation is not None:
        return _resolve(hosting, row, options)
    if row.summary.state not in _WAKEABLE:
        owner = row.owner
        raise ConflictError(
            f"{workflow} is running" + (f" (process {owner.pid})" if owner else ""),
            hint=f"Follow it with `orchestrate logs --workflow {workflow} --follow`.",
        )
    return isinstance(ask(hosting, row, "unpause", {"actor": options.actor}), Reply)


def _resolve(hosting: Hosting, row: Row, options: ResumeOptions) -> bool:
    view = fold(journal.read(hosting.store.reader, row.number), row.summary.id)
    for path, choice in decisions(view, options).items():
        arguments: dict[str, Json] = {"path": path, "choice": choice, "actor": options.actor}
        if ask(hosting, row, "resolve", arguments) is None:
            return False
    return True


def claim(
    hosting: Hosting,
    row: Row,
    program: Program,
    options: ResumeOptions,
    changes: Sequence[NewEvent],
) -> tuple[Claim, Program]:
    """The claim that continues a workflow, and the program as it then is."""
    parameters = {**program.parameters, **options.parameters}
    known = {k: v for k, v in program.parameters.items() if k in options.parameters}
    before: dict[str, Json] = {"before": {"parameters": known}} if known else {}
    plan = None
    if options.changed_plan is not None:
        program = program._replace(plan=options.changed_plan)
        plan = hosting.store.writer.call(StorePlan(options.changed_plan))
    program = program._replace(parameters=parameters)
    resumed: NewEvent = (EventType.RESUMED, "", {**resumed_data(options), **before})
    return (
        Claim(
            row.number,
            row.summary.id,
            hosting.identity,
            hosting.supervision.own.id,
            (resumed, *changes),
            expected=row.last_seq,
            plan=plan,
            parameters=parameters if options.parameters else None,
            origin=hosting.services.origin,
        ),
        program,
    )
