"""The steps of a workflow as a tree of lines, kept up to date event by event.

Long loops are shown as a bar with what runs and what went wrong; if the picture is still too high
for the screen, what is over is folded away first.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from orchestrate.cli.formats import columns, counted, cut, duration, visible
from orchestrate.cli.holders import waiting_for
from orchestrate.cli.narration import Items
from orchestrate.cli.style import Style
from orchestrate.workflow import paths
from orchestrate.workflow.event_waits import in_words
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.state import StepView, WorkflowView
from orchestrate.workflow.views import WAITING

MANY = 12
"""A step with more children than this shows only those that run or went wrong."""
_SHOWN_FAILURES = 3
_LEAST_DETAIL = 6
"""Columns below which a detail says nothing."""
_BAD = frozenset({"failed", "timed_out", "cancelled", "unknown", "needs_attention", "parked"})
_OPEN = frozenset({"running", "waiting", "parked", "pending"})


class Line(NamedTuple):
    """One line of the picture. `state` chooses mark and style; "" has no mark. `figures` (how far,
    how long) are kept when a line must be cut.
    """

    depth: int
    state: str
    name: str
    detail: str = ""
    figures: str = ""
    path: str = ""


class _Children:
    """The children of one step: all in order, and those that are open or went wrong."""

    __slots__ = ("bad", "finished", "iterations", "open", "paths")

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.open: dict[str, None] = {}
        self.bad: list[str] = []
        self.finished = 0
        self.iterations: set[str] = set()

    def finished_iterations(self) -> int:
        """How many iterations have begun and have nothing open."""
        return len(self.iterations) - len({iteration_of(path) for path in self.open})


class Tree:
    """A view and an index of its steps by parent."""

    def __init__(self, view: WorkflowView, planned: Sequence[str] = ()) -> None:
        self.view = view
        self._planned = planned
        self._children: dict[str, _Children] = {}
        self._containers: dict[str, str] = {}
        self._items = Items()
        self._rebuild()

    def apply(self, event: Event) -> None:
        """Take an event; costs the same however many steps there are."""
        known = len(self.view.steps)
        self._items.apply(event)
        self.view.apply(event)
        if event.type in (EventType.FORGOTTEN, EventType.RESUMED):
            self._rebuild()
            return
        added = list(islice(reversed(self.view.steps), len(self.view.steps) - known))
        for path in reversed(added):
            self._add(self.view.steps[path])
        step = self.view.steps.get(event.path)
        if step is not None:
            self._note(step)

    def lines(self, now: float, height: int = 0) -> list[Line]:
        """The picture; with `height`, at most that many lines."""
        lines = [*self._at_the_gate(), *self._below("", 0, now, fold=False)]
        if height and len(lines) > height:
            lines = [*self._at_the_gate(), *self._below("", 0, now, fold=True)]
        if height and len(lines) > height:
            hidden = len(lines) - height + 1
            lines = [Line(0, "", f"… {counted(hidden, 'line')} more"), *lines[hidden:]]
        return lines

    def progress(self) -> tuple[int, int]:
        """Top-level steps: (finished, all)."""
        top = self._children.get("")
        finished = 0 if top is None else top.finished
        return finished, max(len(self._planned), 0 if top is None else len(top.paths))

    def _rebuild(self) -> None:
        self._children = {}
        self._containers = {}
        for step in self.view.steps.values():
            self._add(step)
            self._note(step)

    def _add(self, step: StepView) -> None:
        container = self._container(step.path)
        self._containers[step.path] = container
        children = self._children.setdefault(container, _Children())
        children.paths.append(step.path)
        children.open[step.path] = None
        if step.path[len(container) :].startswith("["):
            children.iterations.add(iteration_of(step.path))

    def _container(self, path: str) -> str:
        """The nearest step that contains this one; branches and iterations are no steps."""
        for ancestor in paths.ancestors(paths.parent(path)):
            if ancestor in self.view.steps:
                return ancestor
        return ""

    def _note(self, step: StepView) -> None:
        """Keep the index right after a step changed."""
        children = self._children[self._containers[step.path]]
        if step.state in _OPEN:
            if step.path not in children.open:
                children.finished -= 1
                children.open[step.path] = None
        elif step.path in children.open:
            del children.open[step.path]
            children.finished += 1
            if step.state in _BAD:
                children.bad.append(step.path)

    def _below(self, parent: str, depth: int, now: float, *, fold: bool) -> Iterator[Line]:
        children = self._children.get(parent)
        shown = [] if children is None else self._shown(children)
        handlers = [] if parent else [path for path in shown if _in_handler(path)]
        yield from self._each(shown, handlers, depth, now, fold=fold)
        if not parent:
            yield from self._not_begun(frozenset(() if children is None else children.paths))
            yield from self._each(handlers, (), depth, now, fold=fold)

    def _each(
        self, shown: Sequence[str], without: Sequence[str], depth: int, now: float, *, fold: bool
    ) -> Iterator[Line]:
        for path in shown:
            if path in without:
                continue
            step = self.view.steps[path]
            yield self._line(step, depth, now)
            if not fold or step.state in _OPEN or step.state in _BAD:
                yield from self._below(path, depth + 1, now, fold=fold)

    def _at_the_gate(self) -> Iterator[Line]:
        """The whole playbook may have to wait before its first step."""
        if self.view.waits_for:
            yield Line(0, WAITING, self.view.playbook, visible(waiting_for(self.view.waits_for)))

    def _not_begun(self, begun: frozenset[str]) -> Iterator[Line]:
        """Steps of the playbook's own sequence that no event tells of."""
        over = self.view.finished_at is not None
        for key in self._planned:
            if key not in begun:
                yield Line(0, "skipped", key, "not run") if over else Line(0, "pending", key)

    def _shown(self, children: _Children) -> list[str]:
        if len(children.paths) <= MANY:
            return children.paths
        bad = [path for path in children.bad if self.view.steps[path].state in _BAD]
        return [*bad[:_SHOWN_FAILURES], *list(children.open)[:MANY]]

    def _line(self, step: StepView, depth: int, now: float) -> Line:
        name = step.path[len(self._containers[step.path]) :].lstrip("/")
        words: list[str] = []
        figures: list[str] = []
        item = self._items.of(step.path)
        if item:
            words.append(visible(item))
        children = self._children.get(step.path)
        if children is not None and len(children.paths) > MANY:
            total = step.total if step.total is not None else len(children.iterations)
            figures.append(_bar(children.finished_iterations(), total))
        if step.attempts > 1:
            looks = step.kind == "wait"
            words.append(f"looked {step.attempts} times" if looks else f"attempt {step.attempts}")
        if step.state == "running" and step.progress is not None:
            figures.append(f"{step.progress:.0f} %")
        if step.undoing:
            words.append(f"undoing: {visible(step.undoing)}")
        if step.undone:
            words.append("undone")
        approval = self.view.approvals.get(step.path)
        if approval is not None and approval.open:
            words.append(f"waits for approval: {visible(approval.request.message)}")
        if step.state == WAITING and step.waits_for:
            words.append(visible(waiting_for(step.waits_for)))
        if step.awaits is not None:
            words.append(f"waits for the event {visible(in_words(step.awaits))}")
        if step.state in _BAD and step.message:
            words.append(visible(step.message))
        if step.started_at is not None:
            figures.append(duration((step.finished_at or now) - step.started_at))
        state = "needs_attention" if step.state == "parked" else step.state
        return Line(depth, state, name, "  ".join(words), "  ".join(figures), step.path)


def iteration_of(path: str) -> str:
    """The part of a path up to its innermost iteration."""
    return path[: path.rfind("]") + 1]


def _bar(done: int, total: int) -> str:
    width = 10
    filled = width * done // total if total else width
    return f"[{'#' * filled}{'-' * (width - filled)}] {done}/{total}"


def _in_handler(path: str) -> bool:
    return path.partition("/")[0] in paths.HANDLERS


def fitted(line: Line, width: int) -> tuple[str, str]:
    """Name and the rest, in `width` columns (0: any number). The last column stays empty, because
    some terminals begin a new line with it. The figures are what is cut last.
    """
    rest = "".join(f"  {part}" for part in (line.detail, line.figures) if part)
    room = max(10, width - 2 * line.depth - 3) if width else 0
    if not room or columns(line.name) + columns(rest) <= room:
        return line.name, rest
    figures = f"  {line.figures}" if line.figures else ""
    for_detail = room - columns(line.name) - columns(figures) - 2
    if line.detail and for_detail > _LEAST_DETAIL:
        return line.name, f"  {cut(line.detail, for_detail)}{figures}"
    return cut(line.name, max(2, room - columns(figures))), figures


def render_line(style: Style, line: Line, indent: int = 0) -> str:
    """A line of the tree without rich, where `indent` columns are taken already."""
    mark = style.mark(line.state) if line.state else " "
    name, rest = fitted(line, max(1, style.width - indent) if style.width else 0)
    return f"{'  ' * line.depth}{mark} {name}{style.dim(rest)}"
