"""Where a built-in runs, what it may use, and how it speaks to whoever called it.

The registry tells a built-in its project and environment by environment variables; called by hand
it finds the project from the working directory.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from orchestrate.errors import OrchestrateError, UsageError
from orchestrate.playbook.plan import Json
from orchestrate.project.find import find_project
from orchestrate.project.model import Project, Settings


class Context(NamedTuple):
    """The project and environment of this call."""

    project: Project
    environment: str
    protected: bool
    options: Mapping[str, Any]
    """What `[commands.NAME]` sets for this built-in."""

    @property
    def settings(self) -> Settings:
        """The project's settings."""
        return self.project.settings

    def path(self, text: str) -> Path:
        """A path as written in the settings: relative ones count from the project's root."""
        return self.project.root / Path(text).expanduser()


def load_context(name: str) -> Context:
    """The context of the built-in `name`, from what the registry passed on, else from files."""
    root = os.environ.get("ORCHESTRATE_PROJECT")
    project = find_project(Path(root) if root else Path.cwd(), os.environ)
    environment = os.environ.get("ORCHESTRATE_ENVIRONMENT", "dev")
    options = os.environ.get("ORCHESTRATE_COMMAND_OPTIONS")
    if options is not None:
        protected = os.environ.get("ORCHESTRATE_PROTECTED") == "1"
        return Context(project, environment, protected, json.loads(options))
    from orchestrate.commands.registry import Registry
    from orchestrate.project.environments import read_environment

    read = read_environment(project, environment)
    found = Registry(project, read, os.environ.get("PATH", "")).options(name)
    return Context(project, environment, read.protected, found)


def write_output(values: Mapping[str, Json]) -> None:
    """Hand `values` to the step: one line of JSON in ORCHESTRATE_OUTPUT."""
    path = os.environ.get("ORCHESTRATE_OUTPUT")
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(values) + "\n")


def write_progress(percent: float) -> None:
    """Say how far this is, 0 to 100."""
    path = os.environ.get("ORCHESTRATE_PROGRESS")
    if path:
        Path(path).write_text(f"{min(100.0, max(0.0, percent)):.0f}\n", encoding="utf-8")


def say(line: str) -> None:
    """A line for whoever reads the step's output, at once."""
    print(line, flush=True)


def warn(line: str) -> None:
    """A line on stderr."""
    print(f"warning: {line}", file=sys.stderr, flush=True)


def run(main: Callable[[list[str]], int]) -> NoReturn:
    """Run a built-in as a program: errors become a message and an exit code, TERM ends it in
    order (what is under way is cleaned up, exit code 143).
    """
    signal.signal(signal.SIGTERM, _terminated)
    try:
        code = main(sys.argv[1:])
    except OrchestrateError as error:
        place = f"{error.place}: " if error.place else ""
        print(f"error: {place}{error.message}", file=sys.stderr)
        if error.hint:
            print(f"  {error.hint}", file=sys.stderr)
        code = error.exit_code
    except KeyboardInterrupt:
        code = 130
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        code = 1
    sys.stdout.flush()
    sys.exit(code)


def _terminated(number: int, _frame: object) -> NoReturn:
    # One more TERM must not interrupt the cleaning up that this exception begins.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(128 + number)


def pick(kind: str, name: str, known: Mapping[str, Any], table: str) -> Any:
    """`known[name]`, or a UsageError that lists what there is. `table`: `[checks.NAME]`."""
    if name in known:
        return known[name]
    from orchestrate.playbook.diagnostics import nearest

    near = nearest(name, known)
    hint = f"Did you mean `{near}`? " if near else ""
    there = (
        f"Known: {', '.join(sorted(known))}." if known else f"Add it to orchestrate.toml: {table}."
    )
    raise UsageError(f"there is no {kind} `{name}`", hint=hint + there)


def duration(text: str) -> float:
    """A duration option in seconds: `300`, `5m`. For argparse."""
    import argparse

    from orchestrate.playbook.durations import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
