"""Where a workflow stands, read through the port page by page, as every JSON output has it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from orchestrate.playbook.plan import Json
from orchestrate.workflow.engine import Engine, Filter, Summary, Waits
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.moments import rfc3339
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.program import RunOptions
from orchestrate.workflow.state import WorkflowView
from orchestrate.workflow.views import RUNNING, WAITING

OPEN = (State.QUEUED, State.RUNNING, State.PAUSED, State.WAITING, State.NEEDS_ATTENTION)
"""States from which a workflow still goes on."""
_PAGE = 2000
_LISTED = 500


def every_workflow(engine: Engine, wanted: Filter) -> list[Summary]:
    """All that are wanted, newest first, however many there are."""
    found: list[Summary] = []
    before = None
    while True:
        page = engine.find(wanted._replace(limit=_LISTED, before=before))
        found += page
        if len(page) < _LISTED:
            return found
        before = page[-1].id


def open_workflows(engine: Engine) -> list[Summary]:
    """Every workflow that is not over, newest first."""
    return every_workflow(engine, Filter(states=OPEN))


def took(which: Summary) -> float | None:
    """Seconds from its first start to its end."""
    if which.started_at is None or which.finished_at is None:
        return None
    return which.finished_at - which.started_at


def usual_duration(workflows: Sequence[Summary]) -> float | None:
    """The median of those that succeeded."""
    from statistics import median

    times = [
        seconds
        for which in workflows
        if which.state is State.SUCCEEDED and (seconds := took(which)) is not None
    ]
    return median(times) if times else None


def all_events(engine: Engine, workflow: str) -> Iterator[Event]:
    """Every event of a workflow, in order."""
    after = 0
    while True:
        page = engine.events(workflow, after, _PAGE)
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].seq


def view_of(engine: Engine, workflow: str) -> WorkflowView:
    """Where the workflow stands."""
    view = WorkflowView(workflow)
    for event in all_events(engine, workflow):
        view.apply(event)
    return view


def bring_up_to_date(view: WorkflowView, waits: Waits) -> None:
    """Have a view show who has it now."""
    view.waits_for = waits.get("", ()) if view.waits_for else ()
    for path, step in view.steps.items():
        if step.waits_for:
            step.waits_for = waits.get(path, ())


def is_waiting(view: WorkflowView) -> bool:
    """Whether anything of it waits for a lock or for capacity."""
    return bool(view.waits_for) or any(
        step.state == WAITING and step.waits_for for step in view.steps.values()
    )


def show_progress(view: WorkflowView, which: Summary) -> None:
    """How far steps are of which the journal does not say it."""
    for path, percent in which.progress.items():
        step = view.steps.get(path)
        if step is not None and step.state == RUNNING:
            step.progress = percent


def last_attempts(engine: Engine, workflow: str) -> dict[str, int]:
    """The newest attempt of each step that called something, by path."""
    return {
        event.path: event.seq
        for event in all_events(engine, workflow)
        if event.type is EventType.ATTEMPT_STARTED
    }


def workflow_json(engine: Engine, workflow: str) -> dict[str, Json]:
    """The object that `status --workflow`, `run` and `resume` print."""
    which = engine.get(workflow)
    view = view_of(engine, workflow)
    show_progress(view, which)
    if is_waiting(view):
        bring_up_to_date(view, engine.waits().get(workflow, {}))
    found = {**view.to_json(), **summary_json(which)}
    if left := requests_json(view, which):
        found["requests"] = left
    return found


def requests_json(view: WorkflowView, which: Summary) -> list[Json]:
    """What was asked for and waits until somebody runs the workflow."""
    return [one.to_json(which.id) for one in view.requests.of(owner_lost=which.owner_lost)]


def summary_json(which: Summary) -> dict[str, Json]:
    """The same object without its steps."""
    return {
        "id": which.id,
        "playbook": which.playbook,
        "state": str(which.state),
        "owner": "lost" if which.owner_lost else None,
        "environment": which.environment,
        "parameters": which.parameters,
        "actor": which.actor,
        "reason": which.reason,
        "created_at": rfc3339(which.created_at),
        "started_at": rfc3339(which.started_at),
        "finished_at": rfc3339(which.finished_at),
        "resume_at": rfc3339(which.resume_at),
    }


def event_json(event: Event) -> dict[str, Json]:
    """One line of the journal."""
    return {
        "seq": event.seq,
        "at": rfc3339(event.at),
        "type": str(event.type),
        "path": event.path,
        "data": event.data,
    }


def options_of(engine: Engine, workflow: str) -> RunOptions:
    """What was chosen when the workflow was started."""
    recorded = cast("Mapping[str, Any]", engine.events(workflow, 0, 1)[0].data["options"])
    chosen = RunOptions(**recorded)
    return chosen._replace(only=tuple(chosen.only), skip=tuple(chosen.skip))
