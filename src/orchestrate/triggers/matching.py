"""Which triggers an arrival concerns, and which values they take from it."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from orchestrate.playbook.expressions import ExpressionError, evaluate_condition
from orchestrate.playbook.patterns import fits
from orchestrate.playbook.plan import Expression, Json, Template
from orchestrate.playbook.templates import render
from orchestrate.playbook.triggers import EventTrigger
from orchestrate.triggers.cloud_events import CloudEvent


class Declared(NamedTuple):
    """Where a trigger stands: the playbook's name in the project."""

    playbook: str
    trigger: str

    def __str__(self) -> str:
        return f"{self.playbook}/{self.trigger}"


def concerns(trigger: EventTrigger, event: CloudEvent) -> bool:
    """Whether the event is one that the trigger waits for."""
    return (
        trigger.enabled
        and fits(trigger.source, event.source)
        and fits(trigger.event, event.type)
        and holds(trigger.filter, {"event": event.to_json()})
    )


def holds(condition: Expression | None, known: Mapping[str, Json]) -> bool:
    """Whether a filter lets it through; one that speaks of what is not there does not."""
    if condition is None:
        return True
    try:
        return evaluate_condition(condition, _lookup(known))
    except ExpressionError:
        return False


def values(parameters: Mapping[str, Template], known: Mapping[str, Json]) -> dict[str, Json]:
    """The parameters that a trigger gives. Raises ExpressionError."""
    look = _lookup(known)
    return {name: render(template, look) for name, template in parameters.items()}


def _lookup(known: Mapping[str, Json]) -> Callable[[str], Json]:
    return known.__getitem__
