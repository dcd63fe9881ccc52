"""Choosing a step of the tree, or a place for a new one."""

from orchestrate.cli.wizard.asking import Asker, BackError, Option
from orchestrate.cli.wizard.draft import (
    COMPENSATE,
    HANDLERS,
    INSIDE,
    Draft,
    Path,
    Row,
    kind_of,
    steps_of,
)

_HANDLER_WORDS = {
    "on_failure": "on_failure: if it fails",
    "on_success": "on_success: if it succeeds",
    "finally": "finally: in any case, last",
    COMPENSATE: "compensate: what undoes it, if the transaction around it fails",
}


def choose_step(asker: Asker, draft: Draft, question: str) -> Path:
    """One of the steps."""
    rows = steps_of(draft.rows())
    options = [Option(str(number), _label(row)) for number, row in enumerate(rows)]
    path = rows[int(asker.choose(question, options))].path
    assert path is not None
    return path


def choose_place(asker: Asker, draft: Draft) -> tuple[Path, int]:
    """Where a new step goes: a list, and the position in it. Back leads to the question before."""
    if not steps_of(draft.rows()):
        return ("steps",), 0
    end = len(draft.document["steps"]) if "steps" in draft.document else 0
    while True:
        where = asker.choose(
            "Where shall the new step go?",
            [
                Option("end", "at the end of the steps"),
                Option("before", "before a step"),
                Option("inside", "into a step: a branch, a loop, then, else"),
                Option("handler", "where something failed, succeeded or ended, or is undone"),
            ],
        )
        try:
            match where:
                case "end":
                    return ("steps",), end
                case "before":
                    path = choose_step(asker, draft, "Before which step?")
                    assert isinstance(path[-1], int)
                    return path[:-1], path[-1]
                case "inside":
                    return _end_of(draft, _choose_list(asker, draft))
                case _:
                    return _end_of(draft, _choose_handler(asker, draft))
        except BackError:
            continue


def choose_branch(asker: Asker, draft: Draft) -> Path:
    """One of the branches: the step that has it, and where it stands there."""
    branches = draft.branches()
    options = [
        Option(str(number), f"{draft.at(path[:-2]).get('name', 'parallel')}: branch {name}")
        for number, (path, name) in enumerate(branches)
    ]
    return branches[int(asker.choose("Rename which branch?", options))][0]


def _end_of(draft: Draft, steps: Path) -> tuple[Path, int]:
    return steps, len(draft.at(steps[:-1]).get(steps[-1], []))


def _choose_list(asker: Asker, draft: Draft) -> Path:
    lists: list[tuple[Path, str]] = []
    for row in steps_of(draft.rows()):
        assert row.path is not None
        step = draft.at(row.path)
        for index, branch in enumerate(step.get("branches", [])):
            name = branch.get("name", index + 1)
            lists.append(((*row.path, "branches", index, "steps"), f"{row.name}: branch {name}"))
        lists += [((*row.path, key), f"{row.name}: {key}") for key in INSIDE.get(kind_of(step), ())]
    if not lists:
        asker.choose(
            "No step has others inside; parallel, conditional and foreach do.",
            [Option("", "go back")],
        )
        raise BackError
    options = [Option(str(number), label) for number, (_, label) in enumerate(lists)]
    return lists[int(asker.choose("Into which?", options))][0]


def _choose_handler(asker: Asker, draft: Draft) -> Path:
    rows = steps_of(draft.rows())
    options = [Option("", "the whole playbook")]
    options += [Option(str(number), _label(row)) for number, row in enumerate(rows)]
    while True:
        chosen = asker.choose("Of what?", options)
        owner: Path = ()
        if chosen:
            path = rows[int(chosen)].path
            assert path is not None
            owner = path
        try:
            keys = (*HANDLERS, COMPENSATE) if draft.in_transaction(owner) else HANDLERS
            words = [Option(key, _HANDLER_WORDS[key]) for key in keys]
            return (*owner, asker.choose("When?", words))
        except BackError:
            continue


def _label(row: Row) -> str:
    return f"{'  ' * row.depth}{row.name}{'  ' if row.what else ''}{row.what}"
