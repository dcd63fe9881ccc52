"""The playbook while it is put together: where its steps are, and what can be done with them."""

import copy
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from orchestrate.playbook.document.kinds import CALL_KEYS, KINDS
from orchestrate.playbook.writing.blocks import Block

Path: TypeAlias = tuple[str | int, ...]
"""Keys and positions that lead from the document to a step: `("steps", 0, "then", 1)`."""

HANDLERS = ("on_failure", "on_success", "finally")
COMPENSATE = "compensate"
"""The steps that undo one, if it stands in a transaction."""
INSIDE = {
    "conditional": ("then", "else"),
    "foreach": ("steps",),
    "transaction": ("steps",),
}
"""The lists of steps that a step of a kind has, apart from handlers and branches."""


class Row(NamedTuple):
    """A line of the tree. `path` is None for a line that is no step: a branch, a handler."""

    depth: int
    path: Path | None
    name: str
    what: str


class Draft:
    """A document and what it was before each change."""

    def __init__(self, document: Block) -> None:
        self.document = document
        self._before: list[Block] = []
        self.changed: Path | None = None
        """The step that was changed last, if it still is where it was."""

    def begin_change(self) -> None:
        """Remember how it is now."""
        self._before.append(copy.deepcopy(self.document))

    @property
    def can_undo(self) -> bool:
        """Whether there was a change."""
        return bool(self._before)

    def undo(self) -> None:
        """As it was before the last change."""
        self.document = self._before.pop()
        self.changed = None

    def end_change(self) -> None:
        """The change is made; one that left everything as it was is none."""
        if self._before[-1] == self.document:
            self._before.pop()

    def at(self, path: Path) -> Any:
        """What is there."""
        found: Any = self.document
        for part in path:
            found = found[part]
        return found

    def insert(self, steps: Path, index: int, step: Block) -> None:
        """Put a step into the list at `steps`, which is made if it is not there."""
        owner, key = self.at(steps[:-1]), steps[-1]
        listed: list[Block] = owner.setdefault(key, [])
        listed.insert(index, step)
        self._space(steps)
        self.changed = (*steps, index)

    def move(self, path: Path, by: int) -> None:
        """Move a step up or down among its siblings."""
        listed, index = self.at(path[:-1]), path[-1]
        assert isinstance(index, int)
        target = max(0, min(len(listed) - 1, index + by))
        listed.insert(target, listed.pop(index))
        self._space(path[:-1])
        self.changed = (*path[:-1], target)

    def remove(self, path: Path) -> None:
        """Remove a step; a list that becomes empty goes, too."""
        listed: list[Block] = self.at(path[:-1])
        index = path[-1]
        assert isinstance(index, int)
        del listed[index]
        if not listed:
            owner = self.at(path[:-2])
            del owner[path[-2]]
        self._space(path[:-1])
        self.changed = None

    def _space(self, steps: Path) -> None:
        """An empty line between the steps of the playbook itself, as templates have it."""
        key, *inside = steps
        if inside:
            return
        listed: list[Block] = self.document.get(str(key), [])
        for index, step in enumerate(listed):
            comment = tuple(line for line in step.above if line)
            step.above = ("", *comment) if index else comment

    def siblings(self, path: Path) -> int:
        """How many steps stand in the list of this one."""
        return len(self.at(path[:-1]))

    def rows(self) -> list[Row]:
        """The tree."""
        return list(self._steps(("steps",), 0)) + list(self._handlers((), 0))

    def names(self) -> list[str]:
        """The names of all steps."""
        return [str(self.at(row.path)["name"]) for row in self.rows()
                if row.path is not None and "name" in self.at(row.path)]  # fmt: skip

    def branches(self) -> list[tuple[Path, str]]:
        """Where each branch is, and its name, or its position if it has none."""
        return [
            ((*row.path, "branches", index), str(branch.get("name", index + 1)))
            for row in self.rows()
            if row.path is not None
            for index, branch in enumerate(self.at(row.path).get("branches", []))
        ]

    def in_transaction(self, path: Path) -> bool:
        """Whether the step there is undone with others; handlers are no part of a transaction."""
        inside = False
        for at, part in enumerate(path):
            if part in (*HANDLERS, COMPENSATE):
                inside = False
            elif part == "steps" and at and "type" in self.at(path[:at]):
                inside = inside or kind_of(self.at(path[:at])) == "transaction"
        return inside

    def _steps(self, path: Path, depth: int) -> Iterator[Row]:
        owner = self.at(path[:-1])
        for index, step in enumerate(owner.get(path[-1], [])):
            yield from self._step((*path, index), step, depth)

    def _step(self, path: Path, step: Block, depth: int) -> Iterator[Row]:
        yield Row(depth, path, str(step.get("name", int(str(path[-1])) + 1)), what(step))
        for index, branch in enumerate(step.get("branches", [])):
            yield Row(depth + 1, None, str(branch.get("name", index + 1)), "branch")
            yield from self._steps((*path, "branches", index, "steps"), depth + 2)
        lists = INSIDE.get(kind_of(step), ())
        for key in lists:
            if key in step and len(lists) > 1:
                yield Row(depth + 1, None, key, "")
            yield from self._steps((*path, key), depth + (2 if len(lists) > 1 else 1))
        yield from self._handlers(path, depth + 1)

    def _handlers(self, path: Path, depth: int) -> Iterator[Row]:
        owner = self.at(path)
        for key in (*HANDLERS, COMPENSATE):
            if owner.get(key) and (path or key != COMPENSATE):
                yield Row(depth, None, key, "")
                yield from self._steps((*path, key), depth + 1)


def kind_of(step: Block) -> str:
    """The kind of a step; calls are `command`, whatever their label."""
    kind = str(step.get("type", ""))
    return kind if kind in KINDS else "command"


def what(step: Block) -> str:
    """What a step does, in short."""
    kind = kind_of(step)
    called = next((key for key in CALL_KEYS if key in step), None)
    if kind == "command" or (called and kind == "wait"):
        call = step.get(called, "") if called else ""
        text = call.get("text", "") if isinstance(call, dict) else call  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        label = f"{step['type']}: " if "type" in step else ""
        return f"{label}{_first_line(str(text))}"  # pyright: ignore[reportUnknownArgumentType]
    about = _about(kind, step)
    return f"{kind} {about}".strip()


def _about(kind: str, step: Block) -> str:
    match kind:
        case "parallel":
            return f"{len(step.get('branches', []))} branches"
        case "conditional" | "assert":
            return str(step.get("condition", ""))
        case "foreach":
            items = step.get("items", "")
            return f"{step.get('as', 'item')} in {_listed(items)}"
        case "wait":
            return str(step.get("duration", step.get("until", step.get("event", ""))))
        case "approval":
            return str(step.get("message", ""))
        case "playbook":
            return str(step.get("playbook", ""))
        case "set":
            return ", ".join(step.get("variables", {}))
        case _:
            return ""


def _listed(items: Any) -> str:
    return ", ".join(map(str, items)) if isinstance(items, list) else str(items)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _first_line(text: str) -> str:
    first, _, rest = text.strip().partition("\n")
    return f"{first} …" if rest else first


def steps_of(rows: Sequence[Row]) -> list[Row]:
    """Only the lines that are steps."""
    return [row for row in rows if row.path is not None]
