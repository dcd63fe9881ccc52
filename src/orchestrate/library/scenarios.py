"""Finding scenario files and reading them with the playbooks and environments of a project.

They lie in `playbooks/tests/`, those of shipped playbooks beside these.
"""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from orchestrate.errors import NotFoundError, OrchestrateError
from orchestrate.library.catalogue import (
    FOLDER,
    SCENARIOS,
    SUFFIXES,
    find_playbook,
    names,
    playbook_files,
    shown_path,
)
from orchestrate.library.plans import read_source
from orchestrate.library.shipped import is_shipped, shipped_scenarios
from orchestrate.playbook.plan import Plan
from orchestrate.project.environments import read_environment
from orchestrate.project.model import Project
from orchestrate.workflow.scenarios.compiling import Compiler
from orchestrate.workflow.scenarios.reading import Invalid, Scenario, read_scenarios
from orchestrate.workflow.scenarios.sources import Setting, Source

_IS_LIST = re.compile(rb"(?:[ \t\r]*(?:#[^\n]*|---[ \t\r]*)?\n)*-[ \t\r\n]")
_HAS_SCENARIOS = re.compile(rb"^scenarios?[ \t]*:", re.M)


class Collected(NamedTuple):
    """The scenarios that were asked for, in the order of their files."""

    items: tuple[Scenario | Invalid, ...]
    texts: dict[str, str]
    """Of the scenario files and of the playbooks, for showing lines."""
    compiler: Compiler
    playbooks: tuple[str, ...] | None
    """The files of the playbooks that were asked for; None if it was everything."""


class ProjectSources:
    """The port `Sources` over a project; files are read once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._sources: dict[tuple[str, str | None], Source] = {}
        self._settings: dict[str, Setting] = {}
        self._names: tuple[str, ...] | None = None

    def playbook(self, name: str, beside: str | None = None) -> Source:
        """The playbook of that name or path."""
        found = self._sources.get((name, beside))
        if found is None:
            folder = None if beside is None else (self._project.root / beside).parent
            file = find_playbook(self._project, name, beside=folder)
            found = Source(shown_path(self._project, file), read_source(file))
            self._sources[name, beside] = found
        return found

    def environment(self, name: str) -> Setting:
        """An environment's values."""
        found = self._settings.get(name)
        if found is None:
            environment = read_environment(self._project, name)
            found = Setting(environment.variables, environment.parameters)
            self._settings[name] = found
        return found

    def names(self) -> tuple[str, ...]:
        """The names of all playbooks."""
        if self._names is None:
            self._names = tuple(names(self._project))
        return self._names


def collect(project: Project, asked: Sequence[str]) -> Collected:
    """The scenarios of playbooks, files and folders; of the whole project if nothing is named.

    Raises NotFoundError for what is not there, and where there is no scenario at all. Scenarios
    that cannot be played are among the items.
    """
    wanted = _wanted(project, asked)
    compiler = Compiler(ProjectSources(project))
    texts: dict[str, str] = {}
    items: list[Scenario | Invalid] = []
    for file in wanted.files:
        shown = shown_path(project, file)
        data = read_source(file)
        read = read_scenarios(shown, data, compiler, playbook=_playbook_of(project, file))
        texts[shown] = data.decode("utf-8", "replace")
        items += (item for item in read.scenarios if wanted.fits(item, file))
    texts = {**compiler.texts, **texts}
    if not items:
        raise _nothing(project, asked)
    named = dict.fromkeys(shown_path(project, file) for file in wanted.playbooks)
    named.update((item.playbook, None) for item in items if isinstance(item, Scenario))
    return Collected(tuple(items), texts, compiler, tuple(named) if asked else None)


def plans_to_cover(project: Project, collected: Collected) -> Iterator[tuple[str, Plan | None]]:
    """The playbooks whose coverage counts: those that were asked for, else all of the project. One
    that is invalid has no plan: `validate` tells why.
    """
    files = collected.playbooks
    if files is None:
        files = tuple(shown_path(project, file) for file in playbook_files(project))
    for file in files:
        path = str(project.root / file)
        try:
            plan = collected.compiler.playbook(path)
        except OrchestrateError:
            plan = None
        yield file, plan


class _Wanted(NamedTuple):
    """What was asked for. `whole`: files of which every scenario counts; of others only those
    about one of the `playbooks`.
    """

    files: tuple[Path, ...]
    whole: frozenset[Path]
    playbooks: tuple[Path, ...]
    project: Project

    def fits(self, item: Scenario | Invalid, file: Path) -> bool:
        if file in self.whole:
            return True
        about = self.project.root / item.playbook if item.playbook else file
        stems = {playbook.stem for playbook in self.playbooks}
        return about in self.playbooks or (isinstance(item, Invalid) and about.stem in stems)


def _wanted(project: Project, asked: Sequence[str]) -> _Wanted:
    own = scenario_files(project)
    if not asked:
        return _Wanted(own, frozenset(own), (), project)
    whole: dict[Path, None] = {}
    playbooks: dict[Path, None] = {}
    for name in asked:
        found = _files_at(project, name)
        if found is None:
            playbooks[find_playbook(project, name)] = None
        else:
            whole.update(dict.fromkeys(found))
    shipped = [s for file in playbooks if is_shipped(file) for s in shipped_scenarios(file.stem)]
    files = tuple(dict.fromkeys([*whole, *(own if playbooks else ()), *shipped]))
    return _Wanted(files, frozenset((*whole, *shipped)), tuple(playbooks), project)


def scenario_files(project: Project) -> tuple[Path, ...]:
    """All scenario files of a project, in a stable order; hidden ones left out."""
    return tuple(_yaml_below(project.root / FOLDER / SCENARIOS))


def _yaml_below(top: Path) -> list[Path]:
    found: list[Path] = []
    for folder, folders, files in os.walk(top):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        chosen = (n for n in sorted(files) if n.endswith(SUFFIXES) and not n.startswith("."))
        found += [file for name in chosen if (file := Path(folder, name)).is_file()]
    return found


def _files_at(project: Project, name: str) -> list[Path] | None:
    """The scenario files at a path; None if it is no such path, or that of a playbook."""
    path = Path(os.path.abspath(Path(name).expanduser()))  # noqa: PTH100 - resolve() follows links
    if path.is_dir() and ("/" in name or name.startswith(".")):
        own = project.root / FOLDER / SCENARIOS
        return [f for f in _yaml_below(path) if f.is_relative_to(own) or _holds(f)]
    if path.is_file() and name.endswith(SUFFIXES):
        return [path] if _holds(path) else None
    return None


def _holds(file: Path) -> bool:
    """Whether a YAML file holds scenarios; a playbook is a mapping without them."""
    data = read_source(file)
    return bool(_IS_LIST.match(data) or _HAS_SCENARIOS.search(data))


def _playbook_of(project: Project, file: Path) -> str:
    """The playbook that a scenario file is about if it does not say: that of the same name."""
    top = project.root / FOLDER / SCENARIOS
    name = file.stem
    if file.is_relative_to(top):
        name = str(file.relative_to(top).with_suffix(""))
    for candidate in dict.fromkeys((name, file.stem)):
        try:
            find_playbook(project, candidate)
        except OrchestrateError:
            continue
        return candidate
    return ""


def _nothing(project: Project, asked: Sequence[str]) -> NotFoundError:
    folder = shown_path(project, project.root / FOLDER / SCENARIOS)
    if not asked:
        return NotFoundError(
            f"there are no scenarios: {folder}/ has no YAML file",
            hint=f"Write {folder}/NAME.yaml; docs/playbook-tests.md shows how one begins.",
        )
    named = ", ".join(asked)
    return NotFoundError(
        f"there are no scenarios for {named}",
        hint=f"Write {folder}/{Path(asked[0]).stem}.yaml; docs/playbook-tests.md shows how.",
    )
