"""The lines that a resume prints before it does anything: what is reused, and what will run."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from orchestrate.playbook.plan import Plan
from orchestrate.workflow import paths
from orchestrate.workflow.engine import ResumeLine
from orchestrate.workflow.event_waits import in_words
from orchestrate.workflow.outcomes import Status
from orchestrate.workflow.resume_changes import REMOVED
from orchestrate.workflow.resume_undo import UndoneTransaction, behind, undo_lines
from orchestrate.workflow.selection import static_paths
from orchestrate.workflow.state import WorkflowView
from orchestrate.workflow.views import PARKED, StepView

REUSE = "reuse"
RUN = "run"
ATTACH = "attach"
SKIP = "skip"
DECIDE = "decide"
DROP = "drop"


def resume_lines(
    plan: Plan,
    view: WorkflowView,
    forgotten: Mapping[str, str],
    forced: Mapping[str, str],
    resolved: Mapping[str, str],
    moved: Mapping[str, str],
    undone: Sequence[UndoneTransaction],
) -> list[ResumeLine]:
    """One line for each step, in the order of the playbook; a step all of whose inside is reused is
    one line only. `moved`: recorded path -> path in `plan`.
    """
    order = _Order(plan, [paths.moved(path, moved) for path in (*view.steps, *forgotten)])
    left_out = {path for transaction in undone for path in behind(plan, transaction)}
    found: list[tuple[tuple[tuple[int, int], ...], ResumeLine]] = []
    for line in _unordered(plan, view, forgotten, forced, resolved, moved):
        path = paths.moved(line.path, moved)
        if any(paths.within(path, transaction.path) for transaction in undone):
            continue
        if line.path in view.steps or path not in left_out:
            found.append((order.of(path), line._replace(path=path)))
    for transaction in undone:
        place = order.of(transaction.path)
        for at, line in enumerate(undo_lines(transaction, view, resolved)):
            found.append(((*place, (at, 0)), line))
    return [line for _, line in sorted(found, key=lambda entry: entry[0])]


class _Order:
    """Where a path stands in a plan; iterations as they were met, what is not there at the end."""

    def __init__(self, plan: Plan, met: Iterable[str]) -> None:
        self._static = {path: at for at, path in enumerate(static_paths(plan.steps, ""))}
        self._met: dict[str, int] = {}
        for path in met:
            for above in paths.ancestors(path):
                self._met.setdefault(above, len(self._met))

    def of(self, path: str) -> tuple[tuple[int, int], ...]:
        """What to sort by."""
        last = len(self._static)
        above = sorted(paths.ancestors(path), key=len)
        return tuple(
            (self._static.get(paths.static(one), last), self._met.get(one, -1)) for one in above
        )


def _unordered(
    plan: Plan,
    view: WorkflowView,
    forgotten: Mapping[str, str],
    forced: Mapping[str, str],
    resolved: Mapping[str, str],
    moved: Mapping[str, str],
) -> Iterator[ResumeLine]:
    lines = _Lines(view, forgotten, forced, resolved, moved)
    whole: str | None = None
    for path, step in view.steps.items():
        if whole is not None and paths.within(path, whole):
            continue
        line = lines.of(path, step)
        if line is not None:
            yield line
            whole = path if line.action in (REUSE, SKIP) else None
    for path, why in forgotten.items():  # an iteration or branch has no line of its own above
        if path in view.steps or paths.last(path) in paths.HANDLERS:
            continue
        if any(paths.within(step, path) for step in view.steps):
            yield ResumeLine(path, RUN, why)
    ahead: str | None = None
    for path in static_paths(plan.steps, ""):
        if ahead is not None and paths.within(path, ahead):
            continue
        if not lines.is_recorded(path):
            ahead = path
            if path in forced:
                yield ResumeLine(path, SKIP, forced[path])
            else:
                yield ResumeLine(path, RUN, "has not run yet")


class _Lines:
    def __init__(
        self,
        view: WorkflowView,
        forgotten: Mapping[str, str],
        forced: Mapping[str, str],
        resolved: Mapping[str, str],
        moved: Mapping[str, str],
    ) -> None:
        self._forgotten = forgotten
        self._forced = forced
        self._resolved = resolved
        self._approvals = view.approvals
        self._parked = {path for path, _ in view.parked}
        self._containers = {
            above for path in view.steps for above in paths.ancestors(paths.parent(path))
        }
        self._recorded = {
            paths.static(paths.moved(path, moved)) for path in (*view.steps, *self._containers)
        }
        self._touched = {
            above
            for path in (*forgotten, *forced, *resolved, *self._parked)
            for above in paths.ancestors(paths.parent(path))
        }

    def is_recorded(self, static_path: str) -> bool:
        """Whether anything is recorded for that step of the plan."""
        return static_path in self._recorded

    def of(self, path: str, step: StepView) -> ResumeLine | None:
        """The line of a recorded step; None if its inside has the lines."""
        if path in self._forced:
            return ResumeLine(path, SKIP, self._forced[path])
        for above in paths.ancestors(path):
            if above in self._forgotten:
                why = self._forgotten[above]
                action = DROP if why == REMOVED else RUN
                return ResumeLine(path, action, why) if above == path else None
        if path in self._resolved:
            return ResumeLine(path, self._resolved[path].replace("rerun", RUN), "decided now")
        if path in self._parked or step.state == PARKED:
            return ResumeLine(path, DECIDE, step.message or "somebody must decide")
        if path in self._touched:
            return None
        if step.finished:
            state = "" if step.state == Status.SUCCEEDED else step.state
            return ResumeLine(path, REUSE, state or "succeeded")
        if path in self._containers:
            return None
        if path in self._approvals:
            return ResumeLine(path, ATTACH, self._approvals[path].happened or "waits for approval")
        if step.awaits is not None:
            return ResumeLine(path, ATTACH, f"waits for the event {in_words(step.awaits)}")
        return ResumeLine(path, ATTACH, "was running")
