"""The steps of a workflow as a tree that grows with its journal, for pages of it and for live news.

What is planned stands there from the beginning, in written order; iterations and tries come when
they are reached. Steps are counted by state in everything around them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from orchestrate.library.drawing.figure import Group, draw
from orchestrate.playbook.plan import ForEach, Json, Plan, Step
from orchestrate.workflow import paths
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.kinds import kind_of
from orchestrate.workflow.pending import Pending
from orchestrate.workflow.state import WorkflowView
from orchestrate.workflow.written_steps import steps_of

_GROUPS = (*paths.ASIDE, paths.THEN, paths.ELSE, paths.PLAYBOOK)


class Tree:
    """One workflow. `apply` takes one event more."""

    def __init__(self, workflow: str, plan: Plan) -> None:
        self.plan = plan
        self.view = WorkflowView(workflow)
        self.pending = Pending()
        self._planned: dict[str, Step] = {}
        self._children: dict[str, list[str]] = {"": []}
        self._states: dict[str, str] = {}
        self._counts: dict[str, Counter[str]] = {}
        self._plant()

    def apply(self, event: Event) -> None:
        """Take the next event."""
        self.view.apply(event)
        self.pending.apply(event)
        if event.type is EventType.FORGOTTEN:
            self._plant()
            changed = [*self.view.steps]
        else:
            changed = [path for path in touched(event) if path in self.view.steps]
        for path in changed:
            self._note(path)

    def drawn(self) -> tuple[Group, ...]:
        """The figure of its playbook, with the state of each step."""
        states = {path: str(step.state) for path, step in self.view.steps.items()}
        return draw(self.plan, states)

    def counts(self, path: str = "") -> dict[str, Json]:
        """How many steps below are in which state."""
        return dict(self._counts.get(path, {}))

    def children(self, parent: str) -> Sequence[str] | None:
        """The paths directly below, in order; None if there is no such path."""
        return self._children.get(parent)

    def in_states(self, states: Sequence[str]) -> Iterator[str]:
        """The steps in one of these states, as they were reached."""
        return (path for path, step in self.view.steps.items() if str(step.state) in states)

    def with_what_is_around(self, changed: Iterable[str]) -> Sequence[str]:
        """These and what contains them, whose counts are different then; the outer ones first."""
        found: dict[str, None] = {}
        for path in changed:
            around = [above for above in paths.ancestors(path) if above in self._children]
            found.update(dict.fromkeys(reversed(around)))
        return [*found]

    def entry(self, path: str, *, output: bool = False) -> dict[str, Json]:
        """One entry of the tree."""
        step = self.view.steps.get(path)
        written = self._planned.get(paths.static(path))
        if step is None:
            entry: dict[str, Json] = {
                "path": path,
                "name": paths.last(path) if not path.endswith("]") else path[path.rindex("[") :],
                "kind": _kind(path, written),
                "label": None if written is None else written.label,
                "state": None,
                "attempts": 0,
                "exit_code": None,
                "started_at": None,
                "finished_at": None,
                "duration": None,
            }
        else:
            entry = {**step.to_json(), "kind": step.kind or _kind(path, written)}
            if not output:
                entry.pop("output")
        if step is not None and step.total is not None:
            entry["iterations"] = step.total
        return {
            **entry,
            "parent": paths.parent(path),
            "planned": step is None and written is not None,
            "role": _role(path),
            "children": len(self._children.get(path, ())),
            "counts": self.counts(path),
        }

    def _plant(self) -> None:
        """The tree of what is planned, without anything that was reached."""
        self._children = {"": []}
        self._states, self._counts = {}, {}
        within: list[str] = []
        for path, step in steps_of(self.plan):
            self._planned[path] = step
            if any(paths.within(path, loop) and path != loop for loop in within):
                continue  # it comes with the iterations
            if isinstance(step.action, ForEach):
                within.append(path)
            self._grow(path)

    def _grow(self, path: str) -> None:
        if path in self._children:
            return
        above = paths.parent(path)
        if above not in self._children:
            self._grow(above)
        self._children[path] = []
        self._children[above].append(path)

    def _note(self, path: str) -> None:
        self._grow(path)
        state = str(self.view.steps[path].state)
        before = self._states.get(path)
        if before == state:
            return
        self._states[path] = state
        above = path
        while above:
            above = paths.parent(above)
            counts = self._counts.setdefault(above, Counter())
            counts[state] += 1
            if before is not None:
                counts[before] -= 1
                if not counts[before]:
                    del counts[before]


def touched(event: Event) -> tuple[str, ...]:
    """The paths of steps that may look different since."""
    if not event.path:
        return ()
    if event.type in (EventType.STEP_FINISHED, EventType.DECIDED):
        return event.path, paths.parent(event.path)  # what was undone, or is being undone
    return (event.path,)


def _kind(path: str, written: Step | None) -> str:
    if path.endswith("]"):
        return "try" if path[path.rindex("[") :].startswith("[retry ") else "iteration"
    if written is not None:
        return kind_of(written)
    return "group" if paths.last(path) in _GROUPS else "branch"


def _role(path: str) -> str | None:
    """What else than its turn makes it run."""
    above = paths.last(paths.parent(path))
    return above if above in _GROUPS else None
