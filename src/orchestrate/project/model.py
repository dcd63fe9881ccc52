"""A project: its root, its settings (`orchestrate.toml`) and its environment files, typed.

Named tuples, because every start reads them.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from orchestrate.playbook.plan import Json


class CommandMapping(NamedTuple):
    """`[commands.infra]`: exactly one of `argv`, `ssh` (a host; `argv` is then run there) and
    `playbook`. All other keys are `options` for a built-in of that name (`max_duration`).
    """

    argv: tuple[str, ...]
    ssh: str | None
    playbook: str | None
    options: Mapping[str, Json]
    origin: str
    """The file that says so, for messages."""


class Environment(NamedTuple):
    """`environments/NAME.yaml`. An environment without a file has empty values."""

    name: str
    path: Path | None
    protected: bool
    description: str
    parameters: Mapping[str, Json]
    variables: Mapping[str, Json]
    commands: Mapping[str, CommandMapping]
    digest: str


class Settings(NamedTuple):
    """`orchestrate.toml`, with defaults for what it leaves out."""

    commands: Mapping[str, CommandMapping]
    checks: Mapping[str, Mapping[str, Json]]
    """`[checks.NAME]` for /monitor."""
    backups: Mapping[str, Mapping[str, Json]]
    """`[backup.sets.NAME]`, and `[backup.targets.NAME]` under the key "targets"."""
    notify: Mapping[str, Mapping[str, Json]]
    """`[notify.NAME]` targets."""
    suites: Mapping[str, Mapping[str, Json]]
    """`[test.suites.NAME]`."""
    max_workflows: int | None
    """`[engine] max_workflows`: how many run at once on this state directory."""
    max_parallel: int
    output_limit: int
    """Bytes of output kept per attempt."""
    retention_days: int
    """`[state] retention_days`: final workflows older than this are pruned."""
    state_group: str | None
    kill_grace: float
    """`[engine] kill_grace`: seconds between TERM and KILL."""
    digest: str


class Project(NamedTuple):
    """Where we are. `state_dir` is ORCHESTRATE_STATE_DIR or `.orchestrate` in the root."""

    root: Path
    state_dir: Path
    settings: Settings
