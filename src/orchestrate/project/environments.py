"""`environments/NAME.yaml`: what a playbook needs to know about the place where it runs."""

import re
from pathlib import Path

from orchestrate.errors import NotFoundError, Place, UsageError
from orchestrate.playbook.nodes import MapNode, Node, plain
from orchestrate.project.fields import (
    UNREADABLE,
    KeyPath,
    Problem,
    SettingsError,
    Source,
    Table,
)
from orchestrate.project.model import Environment, Project
from orchestrate.project.sections import read_commands

DIRECTORY = "environments"
SUFFIXES = (".yaml", ".yml")
USUAL = ("dev", "staging", "production")
"""Environments that need no file."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def read_environment(project: Project, name: str) -> Environment:
    """The environment `name`. Without a file it has empty values: always for dev, staging and
    production, for any name if the project has no environment files at all.

    Raises NotFoundError for a name that stands beside other environment files and has none
    itself, SettingsError for a broken file.
    """
    path = environment_file(project, name)
    if path is None:
        return Environment(
            name=name,
            path=None,
            protected=False,
            description="",
            parameters={},
            variables={},
            commands={},
            digest="",
        )
    try:
        content = path.read_bytes()
    except OSError as error:
        place = Place(_shown(project, path), 1, 1)
        problem = Problem(place, f"cannot read it: {error.strerror}", UNREADABLE)
        raise SettingsError([problem]) from error
    return _parse(name, path, _shown(project, path), content)


def environment_file(project: Project, name: str) -> Path | None:
    """The file of environment `name`, None if it has none and needs none.

    Cheap: no YAML is read. Raises UsageError for what cannot be a name, NotFoundError for an
    unknown name (see `read_environment`).
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f'"{name}" cannot be the name of an environment',
            hint="Use letters, digits, `-`, `_` and `.`, beginning with a letter or digit.",
        )
    for suffix in SUFFIXES:
        path = project.root / DIRECTORY / f"{name}{suffix}"
        if path.is_file():
            return path
    if name in USUAL:
        return None
    known = list_environments(project)
    if not known:
        return None
    from orchestrate.playbook.diagnostics import nearest

    near = nearest(name, (*known, *USUAL))
    meant = f"Did you mean `{near}`? " if near else ""
    raise NotFoundError(
        f"there is no environment `{name}`; known are {', '.join(known)}",
        hint=f"{meant}To make it one, add {DIRECTORY}/{name}.yaml.",
    )


def list_environments(project: Project) -> tuple[str, ...]:
    """The names of all environments that have a file, sorted."""
    directory = project.root / DIRECTORY
    if not directory.is_dir():
        return ()
    return tuple(sorted({path.stem for path in directory.iterdir() if path.suffix in SUFFIXES}))


def _shown(project: Project, path: Path) -> str:
    return str(path.relative_to(project.root))


def _parse(name: str, path: Path, file: str, content: bytes) -> Environment:
    import hashlib

    from orchestrate.playbook import reader
    from orchestrate.playbook.diagnostics import Diagnostics, PlaybookInvalidError

    diagnostics = Diagnostics()
    node = reader.read(file, content, diagnostics)
    # An empty file is an environment without values.
    if any(error.rule != "empty-playbook" for error in diagnostics.errors):
        raise PlaybookInvalidError(diagnostics)
    data = {} if node is None else plain(node)
    if data is None:
        data = {}
    if not isinstance(data, dict):
        place = node.place if node is not None else Place(file, 1, 1)
        raise SettingsError([Problem(place, "an environment file is a mapping of keys", "")])

    def locate(key: KeyPath) -> Place:
        return _locate(file, node, key)

    source = Source(locate, [])
    table = Table(data, (), source)
    rehearsal = table.table("rehearsal")
    require = rehearsal.read("require", "texts")
    environment = Environment(
        name=name,
        path=path,
        protected=bool(table.read("protected", "flag")),
        description=table.read("description", "text") or "",
        parameters=table.read("parameters", "map") or {},
        variables=table.read("variables", "map") or {},
        commands=read_commands(table.table("commands"), file),
        digest=hashlib.sha256(content).hexdigest(),
        rehearsal_require=None if require is None else tuple(require),
    )
    rehearsal.finish()
    table.finish()
    source.raise_problems()
    return environment


def _locate(file: str, node: Node | None, path: KeyPath) -> Place:
    place = Place(file, 1, 1) if node is None else node.place
    for key in path:
        if not isinstance(node, MapNode):
            return place
        entry = next((entry for entry in node.entries if entry.key.text == key), None)
        if entry is None:
            return place
        place, node = entry.key.place, entry.value
    return place
