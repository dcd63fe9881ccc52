"""How long steps took in earlier workflows of a playbook."""

from collections.abc import Mapping
from itertools import islice
from typing import NamedTuple

from orchestrate.app import App
from orchestrate.workflow import paths
from orchestrate.workflow.engine import Filter
from orchestrate.workflow.events import EventType
from orchestrate.workflow.standing import all_events

_WORKFLOWS = 10
"""The newest so many are looked at."""
_EVENTS = 20_000
"""So many events of each."""


class Estimates(NamedTuple):
    """The median of the seconds that the attempts of a step took, by its path in the plan."""

    seconds: Mapping[str, float]
    workflows: int
    """From how many workflows these figures are."""


NO_ESTIMATES = Estimates({}, 0)


def earlier_durations(app: App, playbook: str) -> Estimates:
    """What is recorded about the playbook. Makes no state directory where there is none, and asks
    no cluster: what is not executed must not need one.
    """
    if app.project.settings.cluster is not None or not app.project.state_dir.is_dir():
        return NO_ESTIMATES
    taken: dict[str, list[float]] = {}
    looked_at = 0
    with app.open_engine() as engine:
        for which in engine.find(Filter(playbook=playbook, limit=_WORKFLOWS)):
            before = sum(map(len, taken.values()))
            for event in islice(all_events(engine, which.id), _EVENTS):
                data = event.data
                if event.type is EventType.ATTEMPT_FINISHED and data["status"] == "succeeded":
                    began, ended = data.get("started_at"), data.get("finished_at")
                    if isinstance(began, int | float) and isinstance(ended, int | float):
                        taken.setdefault(paths.static(event.path), []).append(ended - began)
            looked_at += sum(map(len, taken.values())) > before
    return Estimates({path: _median(seconds) for path, seconds in taken.items()}, looked_at)


def _median(figures: list[float]) -> float:
    ordered = sorted(figures)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2
