"""The tables of `orchestrate.toml` that configure commands: what each may hold, checked.

`[commands.NAME]` stands in environment files too. The built-ins read what is checked here, so a
misspelt key is found when a project is opened, not in the middle of a deployment.
"""

from collections.abc import Mapping
from typing import Any

from orchestrate.playbook.plan import Json
from orchestrate.project.fields import Table, suggest
from orchestrate.project.model import CommandMapping

BUILT_IN_OPTIONS: Mapping[str, Mapping[str, str]] = {
    "monitor": {"max_duration": "duration"},
    "backup": {},
    "notify": {},
    "test": {},
}
"""The built-in commands, and what `[commands.NAME]` may set for each."""

SSH_OPTIONS = {"workdir": "text", "identity": "text", "known_hosts": "text", "grace": "duration"}

_METRIC = {"min": "number", "max": "number", "better": "text"}
_COMMON = {"type": "text", "timeout": "duration", "comprehensive": "flag", "description": "text"}
CHECKS: Mapping[str, tuple[Mapping[str, str], tuple[str, ...]]] = {
    "http": (
        {
            **_COMMON,
            **_METRIC,
            "url": "text",
            "method": "text",
            "status": "integers",
            "headers": "map",
            "contains": "text",
            "matches": "text",
            "max_latency": "duration",
            "value": "text",
        },
        ("url",),
    ),
    "tcp": (
        {**_COMMON, "host": "text", "port": "integer", "max_latency": "duration"},
        ("host", "port"),
    ),
    "process": ({**_COMMON, "pid_file": "text", "name": "text"}, ()),
    "disk": ({**_COMMON, "path": "text", "min_free": "number"}, ("path", "min_free")),
    "command": ({**_COMMON, **_METRIC, "argv": "texts", "exit_code": "integer"}, ("argv",)),
}
"""The types of `[checks.NAME]`: their keys, and which of these must be there."""

NOTIFY: Mapping[str, tuple[Mapping[str, str], tuple[str, ...]]] = {
    "url": ({"type": "text", "url": "text", "url_variable": "text"}, ()),
    "file": ({"type": "text", "path": "text"}, ("path",)),
    "command": ({"type": "text", "argv": "texts", "timeout": "duration"}, ("argv",)),
}

REQUEST = {
    "name": "text",
    "url": "text",
    "path": "text",
    "method": "text",
    "headers": "map",
    "body": "text",
    "status": "integers",
    "contains": "text",
    "matches": "text",
    "max_latency": "duration",
    "timeout": "duration",
}
SUITE = {
    "description": "text",
    "command": "texts",
    "shell": "text",
    "requests": "tables",
    "base_url": "text",
    "retries": "integer",
    "retry_delay": "duration",
    "timeout": "duration",
    "environments": "map",
}


VAULT = {
    "address": "text",
    "namespace": "text",
    "ca_file": "text",
    "token_file": "text",
    "role_id": "text",
    "secret_id_file": "text",
    "role": "text",
    "jwt_file": "text",
    "mount": "text",
    "timeout": "duration",
    "wait": "duration",
    "revoke": "flag",
}
VAULT_LOGINS = ("token", "token_file", "approle", "kubernetes")


def read_vault(secrets: Table) -> Mapping[str, Json]:
    """`[secrets.vault]`."""
    table = secrets.table("vault")
    secrets.finish()
    auth = table.read("auth", "text")
    if auth is not None and auth not in VAULT_LOGINS:
        table.problem(
            "auth",
            f"{table.name('auth')} cannot be `{auth}`",
            suggest(auth, VAULT_LOGINS) or f"It can be {', '.join(VAULT_LOGINS)}.",
        )
    values = table.values(VAULT)
    return values if auth is None else {**values, "auth": auth}


def read_commands(table: Table, file: str) -> dict[str, CommandMapping]:
    """Every `[commands.NAME]`."""
    return {
        name: _command(name, entry, f"{file}:{table.source.locate(entry.path).line}")
        for name, entry in table.tables()
    }


def _command(name: str, table: Table, origin: str) -> CommandMapping:
    argv = table.read("argv", "texts")
    ssh = table.read("ssh", "text")
    playbook = table.read("playbook", "text")
    arguments = table.read("arguments", "texts")
    if playbook is not None and (ssh is not None or argv is not None):
        table.problem("playbook", f"`{table.name('playbook')}` excludes `argv` and `ssh`")
    if argv == []:
        table.problem("argv", f"`{table.name('argv')}` is empty")
    if arguments is not None and playbook is None:
        table.problem("arguments", f"`{table.name('arguments')}` belongs to `playbook`")
    if ssh is not None:
        options = table.values(SSH_OPTIONS)
    elif argv is None and playbook is None and name in BUILT_IN_OPTIONS:
        options = table.values(BUILT_IN_OPTIONS[name])
    else:
        options: dict[str, Json] = {}
        table.finish()
        if argv is None and playbook is None:
            table.source.problem(
                table.path,
                f"[commands.{name}] does not say what to call",
                "Give it `argv`, `ssh` or `playbook`.",
            )
    return CommandMapping(tuple(argv or ()), ssh, playbook, tuple(arguments or ()), options, origin)


def read_checks(table: Table) -> Mapping[str, Mapping[str, Json]]:
    """Every `[checks.NAME]`."""
    checks = {name: _typed(entry, CHECKS, "") for name, entry in table.tables()}
    for name, entry in table.tables():
        check = checks[name]
        if check.get("type") == "process" and ("pid_file" in check) == ("name" in check):
            table.source.problem(entry.path, f"[checks.{name}] needs one of `pid_file` and `name`")
        if check.get("better", "lower") not in ("lower", "higher"):
            entry.problem("better", f'{entry.name("better")} must be "lower" or "higher"')
        _check_pattern(entry)
    return checks


def read_notify(table: Table) -> Mapping[str, Mapping[str, Json]]:
    """Every `[notify.NAME]`."""
    targets = {name: _typed(entry, NOTIFY, "url") for name, entry in table.tables()}
    for name, target in targets.items():
        if target.get("type") == "url" and ("url" in target) == ("url_variable" in target):
            table.source.problem(
                (*table.path, name), f"[notify.{name}] needs one of `url` and `url_variable`"
            )
    return targets


def read_suites(table: Table) -> Mapping[str, Mapping[str, Json]]:
    """Every `[test.suites.NAME]`."""
    return {name: _suite(name, entry) for name, entry in table.tables()}


def _suite(name: str, table: Table) -> dict[str, Json]:
    suite = table.values(SUITE)
    if sum(key in suite for key in ("command", "shell", "requests")) != 1:
        table.source.problem(
            table.path, f"[test.suites.{name}] needs one of `command`, `shell` and `requests`"
        )
    path = (*table.path, "requests")
    requests: list[Any] = table.data.get("requests", []) if "requests" in suite else []
    for request in requests:
        entry = Table(request, path, table.source)
        request.update(entry.values(REQUEST))
        _check_pattern(entry)
        if ("url" in request) == ("path" in request):
            table.source.problem(path, "a request needs one of `url` and `path`")
        if "path" in request and not _has_base_url(table):
            table.source.problem(path, f"[test.suites.{name}] has a `path` but no `base_url`")
    for _, entry in table.table("environments").tables():
        entry.values({"base_url": "text"})
    return suite


def _has_base_url(suite: Table) -> bool:
    environments = suite.data.get("environments")
    return "base_url" in suite.data or isinstance(environments, dict)


def _typed(
    table: Table,
    schemas: Mapping[str, tuple[Mapping[str, str], tuple[str, ...]]],
    default: str,
) -> dict[str, Json]:
    kind = table.read("type", "text") or default
    if kind not in schemas:
        known = ", ".join(schemas)
        if "type" in table.data:
            table.problem("type", f'{table.name("type")} is "{kind}"', f"It is one of {known}.")
        else:
            table.source.problem(
                table.path, f"[{'.'.join(table.path)}] has no `type`", f"It is one of {known}."
            )
        return {}
    schema, required = schemas[kind]
    table.require(*required)
    return {**table.values(schema), "type": kind}


def _check_pattern(table: Table) -> None:
    pattern = table.data.get("matches")
    if isinstance(pattern, str):
        import re

        try:
            re.compile(pattern)
        except re.error as error:
            table.problem("matches", f"{table.name('matches')} is no regular expression: {error}")
