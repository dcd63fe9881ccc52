"""What came of a mishap, read from the journal: handlers that ran, and what is left not undone."""

from collections.abc import Iterable, Mapping, Sequence
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


def left_behind(events: Iterable[Event], view: WorkflowView, parts: Mapping[str, Part]) -> Left:
    """What is left in the world by the steps of a workflow that stands like this.

    A compensation, or an `on_failure`, that ran to its end counts as undoing what it belongs to,
    and all in it, if it does more than tell or check something; the handler of another step does
    not, whatever it does.
    """
    undone = _undone(view, parts)
    done: list[str] = []
    partial: list[str] = []
    for path, status in _last_attempts(events).items():
        part = parts.get(paths.static(path))
        if part is None or not part.effects or is_reaction(path):
            continue
        if not (undone and any(owner in undone for owner in (*paths.ancestors(path), ""))):
            (done if status == _DONE else partial).append(path)
    return Left(tuple(done), tuple(partial))


def _last_attempts(events: Iterable[Event]) -> Mapping[str, str]:
    """How the last attempt of each step ended, as far as it is known."""
    ends: dict[str, str] = {}
    for event in events:
        if event.type is EventType.ATTEMPT_STARTED:
            ends[event.path] = ""
        elif event.type is EventType.ATTEMPT_FINISHED:
            ends[event.path] = str(event.data["status"])
    return ends


def _undone(view: WorkflowView, parts: Mapping[str, Part]) -> frozenset[str]:
    """What was compensated, and the owners of every `on_failure` that ran and did not break off;
    "" is the workflow.

    What an included playbook's own handlers undo is all in the step that includes it.
    """
    zones: dict[str, list[str]] = {}
    for path in view.steps:
        zone = _zone(path)
        if zone is not None:
            zones.setdefault(zone, []).append(path)
    compensated = [path for path, step in view.steps.items() if step.undone]
    handled = [_owner(zone) for zone, inside in zones.items() if _is_whole(inside, view, parts)]
    return frozenset((*compensated, *handled))


def _is_whole(inside: Sequence[str], view: WorkflowView, parts: Mapping[str, Part]) -> bool:
    """Whether a handler did something, and all that it does: what failed or was left out of it
    has no effects.
    """
    acted = False
    for path in inside:
        part, step = parts.get(paths.static(path)), view.steps[path]
        if part is None:
            continue
        acted = acted or (part.effects and step.state == _DONE)
        if step.state in _GOOD or part.step.continue_on_error:
            continue
        zone = paths.static(_zone(path) or "")
        if any(
            other.effects and other.order >= part.order and paths.within(other.path, zone)
            for other in parts.values()
        ):
            return False
    return acted


def _zone(path: str) -> str | None:
    """The innermost `on_failure` in which a step stands."""
    if paths.ON_FAILURE not in path:
        return None
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
