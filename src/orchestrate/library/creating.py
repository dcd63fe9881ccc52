"""New playbooks: made from a template, with a scenario file, all files of it or none."""

import os
import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from orchestrate.errors import ConflictError, OrchestrateError, UsageError
from orchestrate.library.catalogue import FOLDER, SCENARIOS, SUFFIXES, playbook_files, shown_path
from orchestrate.library.schemas import header, outdated
from orchestrate.library.writing import Writing
from orchestrate.project.model import Project, Settings

LONGEST_NAME = 100

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_SETTINGS = "orchestrate.toml"


class Template(NamedTuple):
    """A playbook worth starting from. `needs`: parts of `orchestrate.toml`, keys of `_PARTS`."""

    summary: str
    description: str
    needs: tuple[str, ...]


TEMPLATES: Mapping[str, Template] = {
    "blank": Template("one step to replace", "Describe what it does", ()),
    "deployment": Template(
        "health gate, backup, deploy, verify, rollback",
        "Deploy a version, and go back by itself if it does not work",
        ("checks", "backup", "smoke", "team"),
    ),
    "maintenance": Template(
        "health gate, verified backup, work, checks, restore after a failure",
        "Tidy up behind a backup, and bring the data back if that goes wrong",
        ("checks", "backup", "team"),
    ),
    "recovery": Template(
        "assess, verify the backup, keep evidence, restore, prove",
        "Bring the system back from a backup, and prove that it works",
        ("checks", "backup", "smoke", "team"),
    ),
}


class _Part(NamedTuple):
    """A part of `orchestrate.toml` that built-in commands read."""

    table: str
    text: str


_PARTS: Mapping[str, _Part] = {
    "checks": _Part(
        "checks.disk",
        "# What `/monitor health` looks at. Add checks of your own: http, tcp, process, command.\n"
        '[checks.disk]\ntype = "disk"\npath = "."\nmin_free = 5                     # per cent\n',
    ),
    "backup": _Part(
        "backup.sets.project",
        "# What `/backup create` keeps. Put the data of your application here.\n"
        '[backup.sets.project]\npaths = ["playbooks", "orchestrate.toml"]\n',
    ),
    "smoke": _Part(
        "test.suites.smoke",
        "# What `/test run --suite smoke` runs: a command, or requests.\n"
        '[test.suites.smoke]\ncommand = ["true"]\n',
    ),
    "team": _Part(
        "notify.team",
        "# Whom `/notify team` tells: a file here; mail, Slack and others by `url_variable`.\n"
        '[notify.team]\ntype = "file"\npath = "log/notifications.jsonl"\n',
    ),
}


class Creation(NamedTuple):
    """Files that are to be made: path relative to the root, and text."""

    name: str
    playbook: str
    files: Mapping[str, str]
    replaced: Mapping[str, str]
    """Files of the project that are brought up to date, whatever they hold now."""
    added: tuple[str, ...]
    """Tables that are added to `orchestrate.toml`."""


def check_name(name: str) -> str:
    """The name, if a playbook can have it. Raises UsageError with one that it can have."""
    if _NAME.fullmatch(name) and len(name) <= LONGEST_NAME:
        return name
    possible = re.sub(r"[^A-Za-z0-9_]+", "-", name.removesuffix(".yaml")).strip("-_")
    possible = re.sub(r"^[0-9_-]+", "", possible)[:LONGEST_NAME]
    meant = f"Such as `{possible}`. " if possible else ""
    raise UsageError(
        f'"{name}" cannot be the name of a playbook',
        hint=f"{meant}Use letters, digits, `-` and `_`, beginning with a letter.",
    )


def check_free(project: Project, name: str, *, force: bool) -> None:
    """Raise ConflictError if a playbook of that name exists, unless it may be replaced."""
    own = project.root / FOLDER / f"{name}{SUFFIXES[0]}"
    others = [file for file in playbook_files(project) if file.stem == name and file != own]
    if others:
        raise ConflictError(
            f"there is a playbook {name} already: {shown_path(project, others[0])}",
            hint="Choose another name. Nothing was written.",
        )
    if force:
        return
    for file in (own, project.root / scenario_path(name)):
        if os.path.lexists(file):
            raise ConflictError(
                f"{shown_path(project, file)} exists already",
                hint="Choose another name, or give --force to replace it. Nothing was written.",
            )


def scenario_path(name: str) -> str:
    """Where the scenarios of a playbook stand, relative to the root."""
    return f"{FOLDER}/{SCENARIOS}/{name}.yaml"


def template_text(template: str, name: str, description: str | None, *, test: bool = False) -> str:
    """The playbook of a template (or its scenarios) for a name, without a header."""
    file = f"{template}.test.yaml" if test else f"{template}.yaml"
    text = (resources.files("orchestrate.library") / "templates" / file).read_text("utf-8")
    from orchestrate.playbook.writing.emitting import scalar

    words = description or TEMPLATES[template].description
    return text.replace("description: __DESCRIPTION__", f"description: {scalar(words)}").replace(
        "__NAME__", name
    )


def plan_creation(
    project: Project, name: str, template: str, playbook: str, scenarios: str | None
) -> Creation:
    """Everything that belongs to a new playbook with that text, made from that template.

    Without `scenarios` there is no scenario file.
    """
    file = f"{FOLDER}/{name}{SUFFIXES[0]}"
    files = {file: f"{header('playbook', file)}\n{playbook}"}
    if scenarios is not None:
        tests = scenario_path(name)
        files[tests] = f"{header('scenario', tests)}\n{scenarios}"
    replaced = outdated(project)
    added = _missing(project.settings, TEMPLATES[template].needs)
    if added:
        replaced[_SETTINGS] = _with_parts(project, added)
    return Creation(name, file, files, replaced, tuple(part.table for part in added))


def write_creation(project: Project, creation: Creation, *, force: bool) -> None:
    """Write it: all files or none. Raises ConflictError if one is there (without `force`)."""
    write_files(project, creation.files, force=force, replaced=creation.replaced)


def _missing(settings: Settings, needs: tuple[str, ...]) -> list[_Part]:
    there = {
        "checks": bool(settings.checks),
        "backup": bool(settings.backup_sets),
        "smoke": "smoke" in settings.suites,
        "team": "team" in settings.notify,
    }
    return [_PARTS[need] for need in needs if not there[need]]


def _with_parts(project: Project, parts: list[_Part]) -> str:
    """`orchestrate.toml` with the parts behind what it holds."""
    try:
        text = (project.root / _SETTINGS).read_text(encoding="utf-8")
    except FileNotFoundError:
        text = f"{header('settings', _SETTINGS)}\n# Settings of this project.\n"
    return "\n".join([text if text.endswith("\n") else f"{text}\n", *(part.text for part in parts)])


def write_files(
    project: Project,
    files: Mapping[str, str],
    *,
    force: bool,
    replaced: Mapping[str, str] | None = None,
) -> None:
    """Write files into a project: all or none, each at once, keeping the mode of what is replaced.

    `force`: `files` may replace what is there; `replaced` do so in any case. Raises ConflictError
    if a file is there that must not be replaced.
    """
    try:
        with Writing(project.root) as writing:
            for path, text in {**files, **(replaced or {})}.items():
                writing.prepare(path, text.encode(), replace=force or path not in files)
    except OSError as error:
        raise _cannot_write(project, error) from error


def _cannot_write(project: Project, error: OSError) -> OrchestrateError:
    if isinstance(error, FileExistsError):
        taken = shown_path(project, Path(str(error.filename2 or error.filename)))
        return ConflictError(
            f"{taken} exists already",
            hint="Choose another name, or give --force to replace it. Nothing was written.",
        )
    where = error.filename or project.root
    return OrchestrateError(
        f"{where} cannot be written: {error.strerror}",
        hint="Make room for it, or see who owns the project. Nothing was written.",
    )
