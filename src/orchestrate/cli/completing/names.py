"""Names of a project's things, for completion: none where they cannot be had."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

from orchestrate.app import App
from orchestrate.cli.completing.candidates import Names

_FRESH = 2.0
"""Seconds for which a list of workflows or schedules is taken to be right."""
_PATIENCE = 3.0


def names_of(app: App, environment: Callable[[], str | None]) -> Names:
    """Those of a project; commands are the ones of the chosen environment."""
    return Names(
        playbooks=lambda: _playbooks(app),
        workflows=_Asked("status", "id"),
        environments=lambda: environments_of(app),
        commands=lambda: app.registry(environment() or "dev").names(),
        schedules=_Asked("schedule", "name"),
        parameters=partial(_parameters, app),
        files=_files,
    )


def environments_of(app: App) -> tuple[str, ...]:
    """The names of environments that have a file, and the one that needs none."""
    from orchestrate.project.environments import list_environments

    return tuple(dict.fromkeys((*list_environments(app.project), "dev")))


class _Asked:
    """What a verb lists, told by a process of its own: the store is open in no other thread."""

    def __init__(self, verb: str, field: str) -> None:
        self._verb = verb
        self._field = field
        self._until = 0.0
        self._known: list[str] = []

    def __call__(self) -> Sequence[str]:
        if time.monotonic() >= self._until:
            self._known = self._asked()
            self._until = time.monotonic() + _FRESH
        return self._known

    def _asked(self) -> list[str]:
        command = [sys.executable, "-m", "orchestrate", self._verb, "--json"]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_PATIENCE, check=False)
            return [str(entry[self._field]) for entry in json.loads(done.stdout)]
        except (subprocess.TimeoutExpired, OSError, ValueError):
            return []


def _playbooks(app: App) -> Sequence[str]:
    from orchestrate.library.catalogue import names

    return names(app.project)


def _parameters(app: App, playbook: str) -> Sequence[str]:
    from orchestrate.errors import OrchestrateError
    from orchestrate.library.plans import load_plan

    try:
        plan = load_plan(app.project, None, playbook).plan
    except OrchestrateError:
        return []
    return [parameter.name for parameter in plan.parameters]


def _files(start: str) -> Sequence[str]:
    folder, _, name = start.rpartition("/")
    try:
        entries = sorted(os.scandir(folder or ("/" if start.startswith("/") else ".")),
                         key=lambda entry: entry.name)  # fmt: skip
    except OSError:
        return []
    lead = f"{folder}/" if "/" in start else ""
    return [
        f"{lead}{entry.name}{'/' if entry.is_dir() else ''}"
        for entry in entries
        if entry.name.startswith(name) and (name or not entry.name.startswith("."))
    ]
