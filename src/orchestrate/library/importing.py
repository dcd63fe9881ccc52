"""Taking a playbook or a bundle into the project: looked at first, then all of it or nothing.

What a bundle may write is narrow: plain files below the project's root, none of them hidden, no
settings, nothing in the state directory, nothing through a link that leads elsewhere. What is there
already with the same content is left alone; what differs is for the caller to decide.
"""

import os
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from orchestrate.commands.registry import COMMANDS, Registry
from orchestrate.errors import ConflictError, NotFoundError, UsageError
from orchestrate.library.archives import AGAIN, ArchiveRefusedError, Member, check_path, is_archive
from orchestrate.library.bundles import read_bundle
from orchestrate.library.catalogue import (
    FOLDER,
    SCENARIOS,
    SUFFIXES,
    declared_name,
    find_playbook,
    names,
    playbook_files,
    shown_path,
)
from orchestrate.library.fixing import NotWritableError
from orchestrate.library.listing import find_entry
from orchestrate.library.plans import read_source
from orchestrate.library.shipped import find_shipped, shipped_scenarios
from orchestrate.library.writing import Writing
from orchestrate.playbook.diagnostics import Diagnostics, PlaybookInvalidError
from orchestrate.playbook.plan import Json, Plan
from orchestrate.playbook.reader import read
from orchestrate.project.model import Project
from orchestrate.project.sections import BUILT_IN_OPTIONS
from orchestrate.project.settings import FILE_NAME

_SCENARIO_FOLDER = f"{FOLDER}/{SCENARIOS}/"
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_OTHER_ENCODINGS = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")
"""Beginnings of texts about which the reader has something better to say."""
_SETTINGS = frozenset((FILE_NAME, "environments", "orchestrate-bundle.json"))
"""What belongs to each project alone."""


WORDS = {"new": "added", "differs": "replaced", "same": "unchanged"}
"""What became of a file, by its state before."""


class Change(NamedTuple):
    """One file of an import. `state` is new, same (nothing to do) or differs."""

    path: str
    state: str


class Import(NamedTuple):
    """An import that was looked at and can be carried out. The playbook itself is the last file."""

    plan: Plan
    files: tuple[Member, ...]
    changes: tuple[Change, ...]
    remarks: tuple[str, ...]
    """What whoever imports it should know."""

    @property
    def conflicts(self) -> list[str]:
        """Files that are there and differ."""
        return [change.path for change in self.changes if change.state == "differs"]

    def to_json(self, warnings: Sequence[str]) -> dict[str, Json]:
        """As `library --import --json` prints it once it was carried out."""
        files = [{"path": it.path, "action": WORDS[it.state]} for it in self.changes]
        return {"name": self.plan.name, "files": files, "warnings": list(warnings)}

    def warnings(self, registry: Registry) -> list[str]:
        """What whoever imports it should know. Commands may not be here (yet): then the playbook is
        right, but its start would be refused.
        """
        problems = registry.check(self.plan)
        lacking = dict.fromkeys(f"{place}: {message}" for place, message, _ in problems)
        return [*self.plan.warnings, *lacking, *self.remarks]


def plan_import(project: Project, file_name: str, data: bytes) -> Import:
    """What importing these bytes would do. Raises PlaybookInvalidError for a playbook with errors,
    ArchiveRefusedError for an archive that is no bundle or holds what none may hold.
    """
    if is_archive(data):
        bundle = read_bundle(data)
        main, files = bundle.playbook, _main_last(bundle.playbook, bundle.files)
    elif b"\0" in data and not data.startswith(_OTHER_ENCODINGS):
        raise ArchiveRefusedError(
            f"{file_name} is neither a playbook nor a bundle; nothing was imported", hint=AGAIN
        )
    else:
        member = _playbook(file_name, data)
        main, files = member.path, (member,)
    return plan_files(project, main, files, shown=file_name if len(files) == 1 else main)


def plan_files(project: Project, main: str, files: Sequence[Member], *, shown: str = "") -> Import:
    """What taking these files in would do; `main` is the path of the playbook among them, `shown`
    what messages call it.
    """
    if not main.endswith(SUFFIXES) or main.startswith(_SCENARIO_FOLDER):
        raise ArchiveRefusedError(f"`{main}` is no playbook; nothing was imported", hint=AGAIN)
    for member in files:
        _check_target(project, member.path)
    contents = {member.path: member.data for member in files}
    plan = _compiled(project, main, contents, {main: shown or main})
    changes = tuple(_change(project, member) for member in files)
    new = [change.path for change in changes if change.state == "new"]
    return Import(plan, tuple(files), changes, tuple(_remarks(project, plan, main, new)))


def plan_shipped(project: Project, name: str) -> Import:
    """What taking a shipped playbook with its scenario files into the project would do. Raises
    NotFoundError, and ConflictError for one that is in the project.
    """
    file = find_shipped(name)
    if file is None:
        entry = find_entry(project, name)
        if not entry.shipped:
            raise ConflictError(
                f"{entry.name} is in the project: {entry.path}",
                hint="Only playbooks that come with the program can be copied into it.",
            )
        file = entry.file
    files = [(f"{_SCENARIO_FOLDER}{it.name}", it) for it in shipped_scenarios(file.stem)]
    files.append((f"{FOLDER}/{file.name}", file))
    members = [Member(path, source.read_bytes(), executable=False) for path, source in files]
    return plan_files(project, members[-1].path, members)


def carry_out(project: Project, wanted: Import) -> None:
    """Write every file that is new or differs: all of them, or none if one cannot be written."""
    states = {change.path: change.state for change in wanted.changes}
    todo = [member for member in wanted.files if states[member.path] != "same"]
    try:
        with Writing(project.root) as writing:
            for member in todo:
                mode = 0o777 if member.executable else 0o666
                writing.prepare(member.path, member.data, mode=mode)
    except OSError as error:
        raise NotWritableError(
            f"{Path(error.filename or '.').parent} cannot be written to: {error.strerror}; "
            "nothing was imported",
            hint="Check who owns the folder, and whether there is room on the disk.",
        ) from error


def _main_last(main: str, files: Sequence[Member]) -> tuple[Member, ...]:
    """A playbook appears only when everything that it needs is there."""
    return tuple(sorted(files, key=lambda member: member.path == main))


def _playbook(file_name: str, data: bytes) -> Member:
    """A playbook alone: it gets the file name that its own name asks for."""
    from orchestrate.playbook.compiling.values import text_of
    from orchestrate.playbook.nodes import MapNode

    diagnostics = Diagnostics()
    node = read(file_name, data, diagnostics)
    if diagnostics.errors:
        raise PlaybookInvalidError(diagnostics)
    declared = text_of(node.get("name")) if isinstance(node, MapNode) else None
    for name in (declared, Path(file_name).stem):
        if name is not None and _FILE_NAME.fullmatch(name):
            return Member(f"{FOLDER}/{name}.yaml", data, executable=False)
    raise UsageError(
        f"{declared or file_name!r} cannot be the name of a file in {FOLDER}/",
        hint="Give the playbook a `name:` of letters, digits, `-`, `_` and `.`.",
    )


def _check_target(project: Project, path: str) -> None:
    """Refuse what must not be written, whoever asks."""
    parts = check_path(path).split("/")
    target = project.root / path
    root = project.root.resolve()
    problem = ""
    if any(part.startswith(".") for part in parts):
        problem = "is hidden"
    elif parts[0] in _SETTINGS:
        problem = "belongs to each project's own settings"
    elif not target.parent.resolve().is_relative_to(root):
        problem = "leads out of the project through a link"
    elif target.resolve().is_relative_to(project.state_dir.resolve()):
        problem = "lies in the state directory"
    elif target.is_dir():
        problem = "is a folder in this project"
    elif os.path.lexists(target) and not (target.is_file() or target.is_symlink()):
        problem = "is a special file in this project"
    elif parts[0] == FOLDER and not path.endswith(SUFFIXES):
        problem = "is no playbook"
    above = next((p for p in target.parents if p != root and os.path.lexists(p)), None)
    if not problem and above is not None and not above.is_dir():
        problem = f"cannot be made, since {shown_path(project, above)} is a file"
    if problem:
        raise ArchiveRefusedError(
            f"`{path}` {problem}; nothing was imported",
            hint="Take it out of the bundle, and bring it to its place yourself.",
        )


def _compiled(
    project: Project, main: str, files: Mapping[str, bytes], shown: Mapping[str, str]
) -> Plan:
    """The plan of the imported playbook, in the project as it would be. Every other playbook that
    comes along is checked, too.
    """
    from orchestrate.playbook.compile import compile_playbook

    def load(name: str) -> tuple[str, bytes] | None:
        for path in (posixpath.normpath(f"{posixpath.dirname(main)}/{name}"), name):
            if path in files:
                return path, files[path]
        for path, data in files.items():
            stem = path.removeprefix(f"{FOLDER}/").rpartition(".")[0]
            if _is_playbook(path, main) and name in (stem, posixpath.basename(stem)):
                return path, data
        try:
            file = find_playbook(project, name, beside=(project.root / main).parent)
        except NotFoundError:
            return None
        return shown_path(project, file), read_source(file)

    diagnostics = Diagnostics()
    for path, data in files.items():
        if path.startswith(_SCENARIO_FOLDER):
            read(path, data, diagnostics)
    if diagnostics.errors:
        raise PlaybookInvalidError(diagnostics)
    known = names(project)
    plans = {
        path: compile_playbook(shown.get(path, path), data, load, known=known)
        for path, data in files.items()
        if _is_playbook(path, main)
    }
    return plans[main]


def _is_playbook(path: str, main: str) -> bool:
    return path == main or (path.startswith(f"{FOLDER}/") and not path.startswith(_SCENARIO_FOLDER))


def _change(project: Project, member: Member) -> Change:
    """What would become of one file."""
    target = project.root / member.path
    if not os.path.lexists(target):
        twin = _twin(target)
        if twin is not None:
            raise ConflictError(
                f"{member.path} differs from {shown_path(project, twin)} only in upper and lower "
                "case; nothing was imported",
                hint="Rename the one that is there.",
            )
        return Change(member.path, "new")
    same = target.is_file() and target.read_bytes() == member.data
    lacks = member.executable and not os.access(target, os.X_OK)
    return Change(member.path, "same" if same and not lacks else "differs")


def _twin(target: Path) -> Path | None:
    """A file beside it whose name is the same but for upper and lower case."""
    if not target.parent.is_dir():
        return None
    folded = target.name.casefold()
    return next((file for file in target.parent.iterdir() if file.name.casefold() == folded), None)


def _remarks(project: Project, plan: Plan, main: str, paths: Sequence[str]) -> Iterator[str]:
    stem = posixpath.basename(main).rpartition(".")[0]
    if find_shipped(stem) is not None and not (project.root / main).exists():
        yield f"{stem} is used instead of the shipped playbook of that name"
    for path in paths:
        folder, _, command = path.rpartition("/")
        command = command.partition(".")[0]
        if folder == COMMANDS and command in BUILT_IN_OPTIONS:
            yield f"{path} takes the place of the built-in command /{command}"
    for file in playbook_files(project):
        if file != project.root / main and plan.name in (file.stem, declared_name(file)):
            yield f"{shown_path(project, file)} is called {plan.name}, too"
