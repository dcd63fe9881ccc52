"""What a playbook needs to run elsewhere: the playbooks it includes, the project's scripts that it
calls, its scenario files.
"""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from orchestrate.commands.plan_calls import literal_calls
from orchestrate.commands.registry import COMMANDS, Registry
from orchestrate.errors import CommandError, NotFoundError, UsageError
from orchestrate.library.archives import LARGEST_FILE, Member
from orchestrate.library.bundles import Bundle
from orchestrate.library.catalogue import FOLDER, SCENARIOS
from orchestrate.library.listing import Entry
from orchestrate.library.plans import read_source
from orchestrate.library.shipped import is_shipped
from orchestrate.playbook.plan import Plan
from orchestrate.project.model import Project

_TESTS = f"{FOLDER}/{SCENARIOS}"
_PATH = re.compile(r"(?<![\w./$}-])(?:\./)?[\w.@+-]+(?:/[\w.@+-]+)+")
"""A word that looks like a relative path."""
_SCRIPTS = (".py", ".sh", ".ps1", ".rb", ".pl", ".js")
"""Files that an interpreter may be called with, although they are not executable themselves."""


def make_bundle(
    project: Project, registry: Registry, entry: Entry, plan: Plan, include: Sequence[str]
) -> Bundle:
    """The bundle of a playbook. `include` names further files of the project.

    Raises UsageError for files outside of the project.
    """
    collecting = _Collecting(project)
    for source in plan.sources:
        collecting.playbook(project.root / source.path, main=source == plan.sources[0])
    for name in _commands(registry, plan):
        collecting.file(name, "command")
    for word in sorted(collecting.words()):
        collecting.script(word)
    for path, file in _scenarios(project, entry):
        collecting.file(path, "scenario file", source=file)
    for name in include:
        collecting.file(name, "included file")
    main = collecting.main
    others = [member for path, member in sorted(collecting.files.items()) if path != main]
    files = (*others, collecting.files[main])
    return Bundle(plan.name, plan.version, main, files)


class _Collecting:
    """The files by their paths in the bundle, which are those in the project."""

    def __init__(self, project: Project) -> None:
        self.files: dict[str, Member] = {}
        self.main = ""
        self._root = project.root
        self._texts: list[str] = []

    def playbook(self, file: Path, *, main: bool) -> None:
        """A playbook; a shipped one that another includes is everywhere and stays out."""
        if is_shipped(file) and not main:
            return
        path = f"{FOLDER}/{file.name}" if is_shipped(file) else self._inside(str(file), "playbook")
        data = read_source(file)
        self._texts.append(data.decode("utf-8", "replace"))
        self.files[path] = Member(path, data, executable=False)
        if main:
            self.main = path

    def words(self) -> set[str]:
        """Everything in the playbooks that looks like a path."""
        return {word for text in self._texts for word in _PATH.findall(text)}

    def script(self, word: str) -> None:
        """A file that a playbook names, if it is a program of the project."""
        path = self._root / word
        if not path.is_file() or not (os.access(path, os.X_OK) or word.endswith(_SCRIPTS)):
            return
        if path.resolve().is_relative_to(self._root.resolve()) and ".." not in word.split("/"):
            self.file(word, "script")

    def file(self, name: str, what: str, *, source: Path | None = None) -> None:
        """Any file; raises NotFoundError and UsageError if it cannot be taken along."""
        path = name if source is not None else self._inside(name, what)
        file = source or self._root / path
        if not file.is_file():
            raise NotFoundError(
                f"there is no file {name}", hint="Paths are seen from the project's root."
            )
        if file.stat().st_size > LARGEST_FILE:
            raise UsageError(
                f"the {what} {name} is too large for a bundle",
                hint=f"At most {LARGEST_FILE >> 20} MiB are taken along; bring it another way.",
            )
        executable = os.access(file, os.X_OK) and what != "scenario file"
        self.files.setdefault(path, Member(path, file.read_bytes(), executable))

    def _inside(self, name: str, what: str) -> str:
        """The path as seen from the root."""
        path = os.path.relpath(self._root / name, self._root)
        if path.startswith(".") or not (self._root / path).resolve().is_relative_to(
            self._root.resolve()
        ):
            raise UsageError(
                f"the {what} {name} cannot be part of a bundle: it is hidden, or outside of "
                f"{self._root}",
                hint="Move it into the project.",
            )
        return path


def _commands(registry: Registry, plan: Plan) -> Iterator[str]:
    """The files in `commands/`, and what `[commands.NAME]` names, that the plan calls."""
    for first in dict.fromkeys(words[0] for _, words in literal_calls(plan)):
        if not first.startswith("/") or "/" in first[1:]:
            continue
        try:
            resolved = registry.resolve((first,))
        except CommandError:
            continue  # `validate` tells it; the bundle may be meant for where it is there
        if resolved.origin.startswith(f"{COMMANDS}/"):
            yield resolved.origin
            continue
        program = Path(resolved.argv[0])
        if program.is_relative_to(registry.project.root):
            yield str(program)


def _scenarios(project: Project, entry: Entry) -> Iterator[tuple[str, Path]]:
    """The scenario files about the playbook: their paths in the bundle, and where they are."""
    from orchestrate.library.scenarios import collect

    try:
        items = collect(project, [str(entry.file)]).items
    except NotFoundError:
        return  # it has none
    for file in dict.fromkeys(project.root / item.file for item in items):
        inside = file.is_relative_to(project.root)
        yield str(file.relative_to(project.root)) if inside else f"{_TESTS}/{file.name}", file
