"""Every playbook of the library with what is known about it; a broken one hides no other."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from orchestrate.errors import NotFoundError, OrchestrateError, UsageError
from orchestrate.library.catalogue import declared_name, find_playbook, playbook_files, shown_path
from orchestrate.library.plans import load_plan
from orchestrate.library.shipped import is_shipped, shipped_playbooks
from orchestrate.playbook.plan import Plan
from orchestrate.project.model import Project

CATEGORIES = ("deployment", "maintenance", "security", "recovery")
"""Those that everybody has; a playbook may name any other."""


class Entry(NamedTuple):
    """One playbook. `plan` is None if it has errors; `problem` then says the first."""

    name: str
    file: Path
    path: str
    """As messages show it."""
    shipped: bool
    description: str
    category: str | None
    tags: tuple[str, ...]
    version: str | None
    plan: Plan | None
    errors: int
    problem: str


def list_library(project: Project) -> list[Entry]:
    """The project's playbooks, then the shipped ones that it has none of the same name for."""
    own = list(playbook_files(project))
    known = Counter(declared_name(file) or file.stem for file in own)
    taken = {*known, *(file.stem for file in own)}
    entries = [_entry(project, file, ambiguous=known) for file in own]
    shipped = [file for file in shipped_playbooks() if file.stem not in taken]
    entries += [_entry(project, file, ambiguous=Counter()) for file in shipped]
    return sorted(entries, key=lambda entry: (entry.name.lower(), entry.path))


def find_entry(project: Project, name: str) -> Entry:
    """One playbook by name or path. Raises NotFoundError and ConflictError."""
    return _entry(project, find_playbook(project, name), ambiguous=Counter())


def _entry(project: Project, file: Path, *, ambiguous: Counter[str]) -> Entry:
    name = declared_name(file) or file.stem
    path = shown_path(project, file)
    shipped = is_shipped(file)
    if ambiguous[name] > 1:
        name = path
    try:
        if not file.is_file():
            raise NotFoundError(f"{path} is no regular file")
        plan = load_plan(project, None, str(file)).plan
    except OrchestrateError as error:
        return Entry(name, file, path, shipped, *_described(file), None, *_errors(error))
    facts = (plan.description, plan.category, plan.tags, plan.version)
    return Entry(name, file, path, shipped, *facts, plan, 0, "")


def _errors(error: OrchestrateError) -> tuple[int, str]:
    """How many errors, and the first in a line."""
    from orchestrate.playbook.diagnostics import PlaybookInvalidError

    if isinstance(error, PlaybookInvalidError):
        found = error.diagnostics.errors
        return len(found), f"{found[0].place}: {found[0].message}"
    return 1, error.message


def _described(file: Path) -> tuple[str, str | None, tuple[str, ...], str | None]:
    """Description, category, tags and version of a playbook with errors, as far as it has them."""
    from orchestrate.playbook.compiling.values import text_of, texts_of
    from orchestrate.playbook.diagnostics import Diagnostics
    from orchestrate.playbook.nodes import MapNode
    from orchestrate.playbook.reader import LARGEST, read

    node = None
    if file.is_file():
        with suppress(OSError), file.open("rb") as stream:
            node = read(str(file), stream.read(LARGEST + 1), Diagnostics())
    if not isinstance(node, MapNode):
        return "", None, (), None
    description, category, version = map(
        text_of, (node.get("description"), node.get("category"), node.get("version"))
    )
    return description or "", category, texts_of(node.get("tags")), version


def of_category(entries: Sequence[Entry], category: str) -> list[Entry]:
    """Those of a category. Raises UsageError, with the nearest, for one that nobody knows."""
    chosen = [entry for entry in entries if (entry.category or "").lower() == category.lower()]
    known = {entry.category for entry in entries if entry.category} | set(CATEGORIES)
    if not chosen and category.lower() not in {name.lower() for name in known}:
        from orchestrate.playbook.diagnostics import nearest

        near = nearest(category, sorted(known))
        hint = f"Did you mean {near}? " if near else ""
        raise UsageError(
            f"no playbook has the category {category}",
            hint=f"{hint}There are: {', '.join(sorted(known))}.",
        )
    return chosen
