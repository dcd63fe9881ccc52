"""Finding playbooks by name or path.

A playbook is asked for by path (`./deploy.yaml`, `playbooks/db/backup.yaml`) or by name. A name is
the file's stem (`deploy-web-app`), the path below `playbooks/` (`db/backup`), or what the file
itself says in its top-level `name:`. A file directly in `playbooks/` wins over one in a folder;
otherwise a name that fits several files is an error that lists them.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from orchestrate.errors import ConflictError, NotFoundError
from orchestrate.library.shipped import find_shipped, shipped_playbooks
from orchestrate.project.model import Project

SUFFIXES = (".yaml", ".yml")
FOLDER = "playbooks"
SCENARIOS = "tests"
"""The folder in `playbooks/` that holds scenario files, which are no playbooks."""

_DECLARED_NAME = re.compile(rb"""^name[ \t]*:[ \t]*(["']?)([^"'#\r\n]+?)\1[ \t]*(?:#.*)?$""", re.M)
_HEAD = 65_536


def find_playbook(project: Project, wanted: str, *, beside: Path | None = None) -> Path:
    """The file of a playbook. `beside`: the folder of the playbook that refers to it, where
    relative paths are looked up first. Raises NotFoundError with the nearest name, or
    ConflictError if several files fit.
    """
    if _is_path(wanted):
        return _by_path(project, wanted, beside)
    direct = [project.root / FOLDER / f"{wanted}{suffix}" for suffix in SUFFIXES]
    for candidate in direct:
        if candidate.is_file():
            return candidate
    files = list(playbook_files(project))
    fitting = [file for file in files if file.stem == wanted] or [
        file for file in files if declared_name(file) == wanted
    ]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise _ambiguous(project, wanted, fitting)
    shipped = find_shipped(wanted)
    if shipped is None:
        raise _not_found(project, wanted, files)
    return shipped


def playbook_files(project: Project) -> Iterator[Path]:
    """All files in `playbooks/`, at any depth, in a stable order; hidden folders and
    `playbooks/tests/` left out.
    """
    top = str(project.root / FOLDER)
    for folder, folders, files in os.walk(top):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and (name != SCENARIOS or folder != top)
        )
        for name in sorted(files):
            if name.endswith(SUFFIXES) and not name.startswith("."):
                yield Path(folder, name)


def declared_name(file: Path) -> str | None:
    """What the file says its name is, found without reading it as YAML. A pipe or device, which
    nobody would ever write to, is left alone.
    """
    try:
        if not file.is_file():
            return None
        with file.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError:
        return None
    match = _DECLARED_NAME.search(head)
    return match.group(2).decode("utf-8", "replace") if match else None


def shown_path(project: Project, file: Path) -> str:
    """The path as messages show it: relative to the project if it lies inside."""
    try:
        return str(file.relative_to(project.root))
    except ValueError:
        return str(file)


def names(project: Project, files: list[Path] | None = None) -> list[str]:
    """Every name that a playbook can be asked for by: the project's own first, then the shipped."""
    found: dict[str, None] = {}
    for file in list(playbook_files(project)) if files is None else files:
        found[file.stem] = None
        declared = declared_name(file)
        if declared:
            found[declared] = None
    found.update((file.stem, None) for file in shipped_playbooks())
    return list(found)


def _is_path(wanted: str) -> bool:
    return wanted.endswith(SUFFIXES) or wanted.startswith((".", "/", "~"))


def _by_path(project: Project, wanted: str, beside: Path | None) -> Path:
    path = Path(wanted).expanduser()
    first = beside if beside is not None else Path.cwd()
    bases = list(dict.fromkeys((first, project.root, project.root / FOLDER)))
    for base in bases:
        candidate = base / path
        if candidate.is_file():
            return Path(os.path.abspath(candidate))  # noqa: PTH100 - resolve() follows links
    raise NotFoundError(
        f"there is no playbook file {wanted}",
        hint=f"Paths are looked up in {', '.join(str(base) for base in bases)}.",
    )


def _ambiguous(project: Project, wanted: str, files: list[Path]) -> ConflictError:
    shown = "\n".join(f"  {shown_path(project, file)}" for file in files)
    return ConflictError(
        f"{len(files)} playbooks are called {wanted}",
        hint=f"Name one by its path:\n{shown}",
    )


def _not_found(project: Project, wanted: str, files: list[Path]) -> NotFoundError:
    from orchestrate.playbook.diagnostics import nearest

    known = names(project, files)
    near = nearest(wanted, known)
    if near:
        hint = f"Did you mean {near}?"
    elif files:
        hint = f"There are: {', '.join(known[:20])}. `orchestrate library` tells what they do."
    else:
        hint = (
            f"There is none in {project.root / FOLDER}; `orchestrate init` makes a first one, and "
            "`orchestrate library` lists those that come with the program."
        )
    return NotFoundError(f"there is no playbook {wanted}", hint=hint)
