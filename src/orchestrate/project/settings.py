"""`orchestrate.toml`: read, checked and typed. A project without one has the defaults."""

from pathlib import Path
from typing import Any

from orchestrate.project.admission import read_capacity, read_freezes, read_rate_limits
from orchestrate.project.auditing import read_audit
from orchestrate.project.cluster import read_cluster
from orchestrate.project.fields import UNREADABLE, Problem, SettingsError, Source, Table
from orchestrate.project.integrations import read_integrations
from orchestrate.project.model import Settings
from orchestrate.project.monitoring import read_monitoring
from orchestrate.project.sections import (
    read_checks,
    read_commands,
    read_notify,
    read_suites,
    read_vault,
)
from orchestrate.project.serving import read_serve
from orchestrate.project.telemetry import read_telemetry

FILE_NAME = "orchestrate.toml"

DEFAULTS = Settings(
    commands={},
    checks={},
    backup_sets={},
    backup_targets={},
    backup_directory=None,
    notify={},
    suites={},
    vault={},
    max_workflows=None,
    max_parallel=16,
    output_limit=64 * 1024 * 1024,
    retention_days=90,
    state_group=None,
    kill_grace=10.0,
    lint_ignore=(),
    rehearsal_require=(),
    digest="",
)
"""What holds where `orchestrate.toml` says nothing."""


def read_settings(root: Path) -> Settings:
    """The settings of the project in `root`.

    Raises SettingsError, which names everything that is wrong with its place.
    """
    path = root / FILE_NAME
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return DEFAULTS
    except OSError as error:
        problem = Problem(_start(str(path)), f"cannot read it: {error.strerror}", UNREADABLE)
        raise SettingsError([problem]) from error
    return parse_settings(str(path), content)


def parse_settings(file: str, content: bytes) -> Settings:
    """The settings in `content`; `file` is for messages."""
    import hashlib

    text, data = _parse_toml(file, content)

    def locate(path: tuple[str, ...]) -> Any:
        from orchestrate.project.toml_places import locate_key

        return locate_key(file, text, path)

    source = Source(locate, [])
    settings = _read(Table(data, (), source), hashlib.sha256(content).hexdigest(), file)
    source.raise_problems()
    return settings


def _parse_toml(file: str, content: bytes) -> tuple[str, dict[str, Any]]:
    import tomllib

    try:
        text = content.decode()
        return text, tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        place = _start(file)._replace(line=line)
        raise SettingsError([Problem(place, "this is not UTF-8 text", "")]) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([_syntax_problem(file, str(error))]) from error


def _syntax_problem(file: str, message: str) -> Problem:
    import re

    found = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    if found is None:
        return Problem(_start(file), f"not valid TOML: {message}", "")
    place = _start(file)._replace(line=int(found[1]), column=int(found[2]))
    twice = re.match(r"Cannot declare \((.+)\) twice", message)
    if twice is not None:
        name = ".".join(re.findall(r"'([^']*)'", twice[1]))
        hint = f"put all keys of [{name}] below the first one"
        return Problem(place, f"the table [{name}] stands here a second time", hint)
    return Problem(place, f"not valid TOML: {message[: found.start()]}", "")


def _start(file: str) -> Any:
    from orchestrate.errors import Place

    return Place(file, 1, 1)


def _read(top: Table, digest: str, file: str) -> Settings:
    engine = top.table("engine")
    state = top.table("state")
    backup = top.table("backup")
    tests = top.table("test")
    lint = top.table("lint")
    rehearsal = top.table("rehearsal")
    triggers = top.table("triggers")
    grace = engine.read("kill_grace", "duration")
    settings = Settings(
        commands=read_commands(top.table("commands"), Path(file).name),
        checks=read_checks(top.table("checks")),
        backup_sets={name: _backup_set(entry) for name, entry in backup.table("sets").tables()},
        backup_targets={
            name: _backup_target(entry) for name, entry in backup.table("targets").tables()
        },
        backup_directory=backup.read("directory", "text"),
        notify=read_notify(top.table("notify")),
        suites=read_suites(tests.table("suites")),
        vault=read_vault(top.table("secrets")),
        max_workflows=engine.integer("max_workflows", 0, 1) or None,
        max_parallel=engine.integer("max_parallel", DEFAULTS.max_parallel, 1),
        output_limit=engine.integer("output_limit", DEFAULTS.output_limit, 4096),
        retention_days=state.above_zero("retention_days", DEFAULTS.retention_days),
        state_group=state.read("group", "text"),
        kill_grace=DEFAULTS.kill_grace if grace is None else grace,
        lint_ignore=tuple(lint.read("ignore", "texts") or ()),
        rehearsal_require=tuple(rehearsal.read("require", "texts") or ()),
        digest=digest,
        telemetry=read_telemetry(top.table("telemetry")),
        cluster=read_cluster(engine),
        integrations=read_integrations(top.table("integrations")),
        monitoring=read_monitoring(top.table("metrics")),
        audit=read_audit(top.table("audit")),
        capacity=read_capacity(top.table("capacity")),
        freezes=read_freezes(top),
        rate_limits=read_rate_limits(top.table("rate_limits")),
        serve=read_serve(top.table("serve")),
        webhook_secret=triggers.read("webhook_secret", "text"),
        events_token=triggers.read("events_token", "text"),
    )
    for table in (engine, state, backup, tests, lint, rehearsal, triggers, top):
        table.finish()
    return settings


def _backup_set(table: Table) -> dict[str, Any]:
    table.require("paths")
    values = table.values({"paths": "texts", "exclude": "texts", "optional": "flag"})
    if values.get("paths") == []:
        table.problem("paths", f"{table.name('paths')} is empty", "Name at least one path.")
    return values


def _backup_target(table: Table) -> dict[str, Any]:
    table.require("directory")
    return table.values({"directory": "text"})
