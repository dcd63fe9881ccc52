"""Which steps, branches, handlers and iterations of playbooks scenarios have exercised."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from orchestrate.errors import Place
from orchestrate.playbook.plan import Plan
from orchestrate.workflow import paths
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.history import OUTCOME
from orchestrate.workflow.outcomes import Status
from orchestrate.workflow.scenarios.targets import (
    BRANCH,
    ITERATION,
    KINDS,
    STEP,
    Target,
    targets,
)

_Key = tuple[str, str, Place, str]


class Count(NamedTuple):
    """Targets of one kind: how many were exercised, of how many."""

    exercised: int
    total: int


class Covered(NamedTuple):
    """The coverage of one playbook file."""

    file: str
    counts: Mapping[str, Count]
    """By kind."""
    missed: tuple[Target, ...]

    @property
    def percent(self) -> float:
        """0 to 100; a playbook with nothing to exercise is covered."""
        return percent(self.counts.values())


class Coverage:
    """Collects what runs exercise. A sub-playbook counts for its own file."""

    def __init__(self) -> None:
        self._targets: dict[str, dict[_Key, Target]] = {}
        self._exercised: set[_Key] = set()

    def expect(self, plan: Plan, files: Iterable[str] | None = None) -> None:
        """A playbook whose parts are to be exercised; `files`: only these of its sources."""
        wanted = {source.path for source in plan.sources} if files is None else set(files)
        for target in targets(plan):
            if target.place.file in wanted:
                self._targets.setdefault(target.place.file, {}).setdefault(_key(target), target)

    def add(self, plan: Plan, events: Iterable[Event]) -> None:
        """What one run of the plan exercised."""
        seen = _Seen(events)
        self._exercised.update(_key(target) for target in targets(plan) if seen.has(target))

    def by_file(self) -> list[Covered]:
        """The coverage of each playbook, by file."""
        return [self._covered(file, known) for file, known in sorted(self._targets.items())]

    def _covered(self, file: str, known: Mapping[_Key, Target]) -> Covered:
        counts: dict[str, Count] = {}
        for kind in KINDS:
            keys = [key for key, target in known.items() if target.kind == kind]
            counts[kind] = Count(sum(key in self._exercised for key in keys), len(keys))
        missed = [target for key, target in known.items() if key not in self._exercised]
        return Covered(file, counts, tuple(sorted(missed, key=lambda target: target.place)))


def percent(counts: Iterable[Count]) -> float:
    """The share of all that was exercised, 0 to 100."""
    listed = list(counts)
    total = sum(count.total for count in listed)
    return 100 * sum(count.exercised for count in listed) / total if total else 100.0


def _key(target: Target) -> _Key:
    return target.kind, paths.last(target.path), target.place, target.side


class _Seen:
    """What the events of a run say, without iterations."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._began: set[str] = set()
        self._touched: set[str] = set()
        self._decided: set[tuple[str, str, bool]] = set()
        for event in events:
            if event.path:
                self._note(event, paths.static(event.path))

    def _note(self, event: Event, path: str) -> None:
        data = event.data
        match event.type:
            case EventType.ATTEMPT_STARTED | EventType.STEP_STARTED:
                self._began.add(path)
            case EventType.STEP_FINISHED if data["status"] == Status.SKIPPED:
                return
            case EventType.STEP_FINISHED if data["status"] != Status.CANCELLED:
                self._began.add(path)
            case EventType.DECIDED:
                subject, value = str(data["subject"]), data["value"]
                if isinstance(value, bool):
                    self._decided.add((path, subject, value))
                if subject == OUTCOME:
                    self._began.add(path)
                if subject == "when" and value is False:
                    path = paths.parent(path)
            case _:
                return
        self._touched.update(paths.ancestors(path))

    def has(self, target: Target) -> bool:
        """Whether the run exercised the target."""
        path, kind = target.path, target.kind
        if kind == STEP:
            return path in self._began
        if kind == ITERATION:
            return any(inner.startswith(f"{path}/") for inner in self._touched)
        if kind == BRANCH and target.side:
            return (path, "when", False) in self._decided
        if kind == BRANCH and paths.last(path) in (paths.THEN, paths.ELSE):
            taken = paths.last(path) == paths.THEN
            if (paths.parent(path), "condition", taken) in self._decided:
                return True
        return path in self._touched
