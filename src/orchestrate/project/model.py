"""A project: its root, its settings (`orchestrate.toml`) and its environment files, typed.

Named tuples, because every start reads them.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from orchestrate.playbook.plan import Json
from orchestrate.project.auditing import Audit
from orchestrate.project.cluster import ClusterEngine
from orchestrate.project.integrations import Integrations
from orchestrate.project.monitoring import Monitoring
from orchestrate.project.serving import Serve
from orchestrate.project.telemetry import Telemetry


class CommandMapping(NamedTuple):
    """`[commands.infra]`: one of `argv`, `ssh` (a host; `argv` is then run there) and `playbook`,
    or none of them: then `options` are for the built-in of that name (`max_duration`).
    """

    argv: tuple[str, ...]
    ssh: str | None
    playbook: str | None
    arguments: tuple[str, ...]
    """For a playbook: the parameters that positional arguments set, in order."""
    options: Mapping[str, Json]
    """All other keys: options of a built-in, or how to reach an ssh host."""
    origin: str
    """The file and line that say so, for messages."""

    @property
    def calls_something(self) -> bool:
        """Whether it says what to call (otherwise it only sets options of a built-in)."""
        return bool(self.argv or self.ssh or self.playbook)


class FreezeWindow(NamedTuple):
    """`[[freeze]]`: either from `start` to `end` (seconds since the epoch), or for `duration`
    seconds from each moment of `cron`.
    """

    name: str
    start: float | None
    end: float | None
    cron: str | None
    duration: float
    zone: str | None
    """None: that of the machine."""
    environments: tuple[str, ...] | None
    """None: all."""
    allow_priority: str | None
    """Workflows of this priority, or of a higher one, begin all the same."""


class RateLimit(NamedTuple):
    """`[rate_limits]`: at most `most` calls in `period` seconds whose first words are these."""

    name: str
    commands: tuple[tuple[str, ...], ...]
    """Without the slash of a command."""
    most: int
    period: float


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
    """SHA-256 (hex) of the file; empty without one."""
    rehearsal_require: tuple[str, ...] | None = None
    """`rehearsal.require`: rules for failures there; None: those of `orchestrate.toml`."""

    def to_json(self) -> dict[str, Json]:
        """As plain data, for a cache that is found by `digest`."""
        return {
            **self._asdict(),
            "path": None if self.path is None else str(self.path),
            "commands": {name: mapping._asdict() for name, mapping in self.commands.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Environment":
        """The environment that `to_json` wrote."""
        commands: dict[str, CommandMapping] = {}
        for name, fields in data["commands"].items():
            mapping = CommandMapping(**fields)
            commands[name] = mapping._replace(
                argv=tuple(mapping.argv), arguments=tuple(mapping.arguments)
            )
        path = None if data["path"] is None else Path(data["path"])
        require = data.get("rehearsal_require")
        return cls(**data)._replace(
            path=path,
            commands=commands,
            rehearsal_require=None if require is None else tuple(require),
        )


class Settings(NamedTuple):
    """`orchestrate.toml`, with defaults for what it leaves out."""

    commands: Mapping[str, CommandMapping]
    checks: Mapping[str, Mapping[str, Json]]
    """`[checks.NAME]` for /monitor."""
    backup_sets: Mapping[str, Mapping[str, Json]]
    """`[backup.sets.NAME]`: paths, exclude, optional."""
    backup_targets: Mapping[str, Mapping[str, Json]]
    """`[backup.targets.NAME]`: directory."""
    backup_directory: str | None
    """`[backup] directory`: where backups are kept; None means in the state directory."""
    notify: Mapping[str, Mapping[str, Json]]
    """`[notify.NAME]` targets."""
    suites: Mapping[str, Mapping[str, Json]]
    """`[test.suites.NAME]`."""
    vault: Mapping[str, Json]
    """`[secrets.vault]`: where Vault is, and how to log in."""
    max_workflows: int | None
    """`[engine] max_workflows`: how many run at once on this state directory."""
    max_parallel: int
    output_limit: int
    """`[engine] output_limit`: bytes of output kept per attempt."""
    retention_days: float
    """`[state] retention_days`: final workflows older than this are pruned."""
    state_group: str | None
    kill_grace: float
    """`[engine] kill_grace`: seconds between TERM and KILL."""
    lint_ignore: tuple[str, ...]
    """`[lint] ignore`: rules of `validate` that are switched off."""
    rehearsal_require: tuple[str, ...]
    """`[rehearsal] require`: rules that every failure of a playbook must keep."""
    digest: str
    """SHA-256 (hex) of the file; empty without one."""
    serve: Serve = Serve()
    """`[serve]`: how the daemon is reached."""
    webhook_secret: str | None = None
    """`[triggers] webhook_secret`: signs deliveries to webhooks that name no secret."""
    events_token: str | None = None
    """`[triggers] events_token`: what a request to `/events` has to bring."""
    capacity: tuple[tuple[str, int], ...] = ()
    """`[capacity]`: how much there is of each resource."""
    freezes: tuple[FreezeWindow, ...] = ()
    """`[[freeze]]`."""
    rate_limits: tuple[RateLimit, ...] = ()
    """`[rate_limits]`."""
    telemetry: Telemetry = Telemetry()
    """`[telemetry]`: where traces are sent."""
    cluster: ClusterEngine | None = None
    """`[engine] kind = "cluster"`; None: workflows run on this machine."""
    integrations: Integrations = Integrations()
    """`[integrations]`: what playbooks' integrations leave out."""
    monitoring: Monitoring = Monitoring()
    """`[metrics]`."""
    audit: Audit = Audit()
    """`[audit]`: how long actions are kept, and what signs them."""


class Project(NamedTuple):
    """Where we are. `state_dir` is ORCHESTRATE_STATE_DIR or `.orchestrate` in the root."""

    root: Path
    state_dir: Path
    settings: Settings
