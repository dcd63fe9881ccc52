"""What came of a mishap, read from the journal: handlers that ran, and what is left not undone."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from orchestrate.workflow import paths
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.outcomes import Status
from orchestrate.workflow.rehearsal.parts import DEPLOYMENT, Part, is_reaction
from orchestrate.workflow.state import WorkflowView

_DONE = str(Status.SUCCEEDED)
_GOOD = frozenset((_DONE, str(Status.SKIPPED)))


class Left(NamedTuple):
    """Steps with effects that nothing undid: those that succeeded, those that were broken off."""

    done: tuple[str, ...]
    partial: tuple[str, ...]


def reactions(events: Iterable[Event]) -> tuple[str, ...]:
    """The steps of handlers and compensations that were performed, in order."""
    return tuple(
        dict.fromkeys(
            event.path
            for event in events
            if event.type is EventType.ATTEMPT_STARTED and is_reaction(event.path)
        )
    )


def left_behind(view: WorkflowView, parts: Mapping[str, Part]) -> Left:
    """What is left in the world by the steps of a workflow that stands like this.

    A compensation, or an `on_failure`, that ran to its end counts as undoing what it belongs to,
    and all in it; the handler of another step does not, whatever it does.
    """
    undone = _undone(view, parts)
    done: list[str] = []
    partial: list[str] = []
    for path, step in view.steps.items():
        if not step.attempts or is_reaction(path):
            continue
        part = parts.get(paths.static(path))
        if part is None or not part.effects:
            continue
        if any(owner in undone for owner in (*paths.ancestors(path), "")):
            continue
        if step.state == _DONE:
            done.append(path)
        elif step.state != Status.SKIPPED:
            partial.append(path)
    return Left(tuple(done), tuple(partial))


def _undone(view: WorkflowView, parts: Mapping[str, Part]) -> frozenset[str]:
    """What was compensated, and the owners of every `on_failure` that ran and did not break off;
    "" is the workflow.

    What an included playbook's own handlers undo is all in the step that includes it.
    """
    ran: dict[str, bool] = {}
    for path, step in view.steps.items():
        zone = _zone(path)
        if zone is not None:
            part = parts.get(paths.static(path))
            good = step.state in _GOOD or (part is not None and part.step.continue_on_error)
            ran[zone] = ran.get(zone, True) and good
    compensated = (path for path, step in view.steps.items() if step.undone)
    return frozenset((*compensated, *(_owner(zone) for zone, whole in ran.items() if whole)))


def _zone(path: str) -> str | None:
    """The innermost `on_failure` in which a step stands."""
    for above in paths.ancestors(path):
        if paths.last(above) == paths.ON_FAILURE:
            return above
    return None


def _owner(zone: str) -> str:
    owner = paths.parent(zone)
    if paths.last(owner) == paths.PLAYBOOK:
        return paths.parent(owner)
    return owner


def deployed(view: WorkflowView) -> bool:
    """Whether a step that deploys something had begun."""
    return any(step.attempts and step.label == DEPLOYMENT for step in view.steps.values())


def told(view: WorkflowView, parts: Mapping[str, Part]) -> bool:
    """Whether a handler told somebody."""
    return any(
        step.state == _DONE and is_reaction(path) and parts[paths.static(path)].tells
        for path, step in view.steps.items()
        if paths.static(path) in parts
    )
