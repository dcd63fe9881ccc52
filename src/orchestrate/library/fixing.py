"""`validate --fix`: repairs a playbook's file, which is replaced at once or not at all."""

import os
import re
from pathlib import Path
from typing import ClassVar, NamedTuple

from orchestrate.errors import ConflictError, OrchestrateError, UsageError
from orchestrate.library.catalogue import (
    FOLDER,
    SCENARIOS,
    SUFFIXES,
    declared_name,
    find_playbook,
    shown_path,
)
from orchestrate.library.plans import check_plan, read_source
from orchestrate.library.shipped import is_shipped
from orchestrate.library.writing import Writing
from orchestrate.playbook.compile import Compilation
from orchestrate.playbook.fixing.repairing import Repair, repair
from orchestrate.playbook.names import normalise
from orchestrate.project.environments import list_environments, read_environment
from orchestrate.project.model import Project

_POSITION = re.compile(rb"[\w\])*]/\d+(?![\w.])|(?:^|[\s{,\['\"])\d+(?:/|['\"]?:(?:\s|$))", re.M)
"""A number as a part of a step path, or as all of one before a colon."""


class NotWritableError(OrchestrateError):
    """The file of a playbook cannot be replaced."""

    code: ClassVar[str] = "not-writable"


class Fixed(NamedTuple):
    """A playbook before and after its repair."""

    file: Path
    shown: str
    before: bytes
    after: bytes
    repairs: tuple[Repair, ...]
    """What was put right, in the order in which it was."""


def fix(project: Project, environment: str | None, name_or_path: str) -> Fixed:
    """Repair a playbook as `environment` sees it; nothing is written yet.

    Raises NotFoundError, SettingsError, and UsageError for one that comes with the program.
    """
    file = find_playbook(project, name_or_path)
    shown = shown_path(project, file)

    def check(text: bytes) -> Compilation:
        return check_plan(project, environment, str(file), text=text).compilation

    before = read_source(file)
    naming = not _refer_to_positions(project, file)
    repaired = repair(shown, before, check, defined=_defined(project), naming=naming)
    if is_shipped(file) and repaired.text != before:
        raise UsageError(
            f"{shown} comes with orchestrate and stays as it is",
            hint=f"Take it into the project first: `orchestrate library --copy {file.stem}`.",
        )
    return Fixed(file, shown, before, repaired.text, repaired.repairs)


def _defined(project: Project) -> frozenset[str]:
    """The names that any environment defines: in one that lacks them they are no parameters."""
    return frozenset(
        normalise(name)
        for environment in list_environments(project)
        for name in read_environment(project, environment).variables
    )


def _refer_to_positions(project: Project, file: Path) -> bool:
    """Whether scenario files of the playbook name steps by their positions (`spread/left/1`)."""
    known_as = {file.stem, declared_name(file) or file.stem}
    folder = project.root / FOLDER / SCENARIOS
    for scenarios in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if scenarios.suffix in SUFFIXES and scenarios.is_file():
            text = read_source(scenarios)
            concerned = scenarios.stem in known_as or any(
                name.encode() in text for name in known_as
            )
            if concerned and _POSITION.search(text):
                return True
    return False


def write(fixed: Fixed) -> None:
    """Put the repaired text in the place of the file; what links to it still does, its mode stays.

    Raises NotWritableError, and ConflictError if the file was changed meanwhile.
    """
    target = Path(os.path.realpath(fixed.file))
    try:
        if not target.stat().st_mode & 0o222 or not os.access(target, os.W_OK):
            raise _not_writable(fixed, "it is read-only")
        with Writing(target.parent) as writing:
            writing.prepare(target.name, fixed.after)
            if read_source(target) != fixed.before:
                raise ConflictError(
                    f"{fixed.shown} was changed by somebody else meanwhile",
                    hint="Nothing was written; repair it again.",
                )
    except OSError as error:
        raise _not_writable(fixed, error.strerror or str(error)) from error


def _not_writable(fixed: Fixed, why: str) -> NotWritableError:
    return NotWritableError(
        f"{fixed.shown} cannot be written: {why}",
        hint="Nothing was changed. `--fix --dry-run` shows what would be; make the file and its "
        "folder writable to have it done.",
    )
