"""The JSON Schemas of `orchestrate.toml` and of environment files, for editors.

Made from the tables that check these files (`sections.py`) and the words of `descriptions.py`. They
keep to what draft 4 had already (no `if`, no `const`): TOML's language server began with that.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from orchestrate.playbook.integrations import EVENTS
from orchestrate.project import descriptions as words
from orchestrate.project.admission import FREEZE, GROUP, PRIORITIES, RATE
from orchestrate.project.cluster import ENCRYPTION, KINDS, PROJECT_FILES, TLS
from orchestrate.project.cluster import ENGINE as CLUSTER
from orchestrate.project.integrations import COMMON, OPTIONS
from orchestrate.project.monitoring import KEYS as METRICS
from orchestrate.project.sections import (
    BUILT_IN_OPTIONS,
    CHECKS,
    NOTIFY,
    REQUEST,
    SSH_OPTIONS,
    SUITE,
    VAULT,
    VAULT_LOGINS,
)
from orchestrate.project.serving import KEYS as SERVE
from orchestrate.project.telemetry import PROTOCOLS

Schema: TypeAlias = dict[str, Any]

_DIALECT = "http://json-schema.org/draft-07/schema#"
_DURATION = r"^\s*(\d+(\.\d+)?|(\d+(\.\d+)?\s*(ms|s|m|h|d)\s*)+)\s*$"
_DAYS = {"type": "number", "exclusiveMinimum": 0}
_TEXTS = {"type": "array", "items": {"type": "string"}}
_KINDS: Mapping[str, Schema] = {
    "text": {"type": "string"},
    "flag": {"type": "boolean"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "duration": {"type": ["number", "string"], "minimum": 0, "pattern": _DURATION},
    "texts": _TEXTS,
    "integers": {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]},
    "map": {"type": "object"},
}
"""The kinds of `fields.py`, as far as they stand for single keys."""


def settings_schema() -> Schema:
    """The schema of `orchestrate.toml`."""
    tables: dict[str, Schema] = {
        "secrets": _table({}, words.SECRETS, vault=_vault()),
        "engine": _table(
            {"kill_grace": "duration", **CLUSTER},
            words.ENGINE,
            kind={"type": "string", "enum": list(KINDS)},
            project_files={"type": "string", "enum": list(PROJECT_FILES)},
            tls=_table(TLS, words.ENGINE_TLS),
            encryption=_table(ENCRYPTION, words.ENGINE_ENCRYPTION),
            max_workflows=_at_least(1),
            max_parallel=_at_least(1),
            output_limit=_at_least(4096),
        ),
        "state": _table({"group": "text"}, words.STATE, retention_days=_DAYS),
        "commands": _commands(),
        "checks": _each(_typed(CHECKS, words.CHECK, "")),
        "backup": _backup(),
        "notify": _each(_typed(NOTIFY, words.NOTIFY, "url")),
        "test": _table({}, words.TEST, suites=_each(_suite())),
        "lint": _table({"ignore": "texts"}, words.LINT),
        "capacity": {"type": "object", "additionalProperties": _at_least(1)},
        "freeze": {"type": "array", "items": _freeze()},
        "rate_limits": _rate_limits(),
        "rehearsal": _table({"require": "texts"}, words.REHEARSAL),
        "telemetry": _table(
            {"endpoint": "text", "service_name": "text", "flush": "duration"},
            words.TELEMETRY,
            protocol={"type": "string", "enum": list(PROTOCOLS)},
            headers=_each({"type": "string"}),
            sample={"type": "number", "minimum": 0, "maximum": 1},
        ),
        "metrics": _table(METRICS, words.METRICS, labels=_each({"type": "string"})),
        "integrations": _integrations(),
        "audit": _table(
            {"key": "text", "checkpoints": "text", "sign_every": "duration"},
            words.AUDIT,
            retention_days=_DAYS,
        ),
        "serve": _table(SERVE, words.SERVE, requests_per_minute=_at_least(1)),
        "triggers": _table({"webhook_secret": "text", "events_token": "text"}, words.TRIGGERS),
    }
    return {
        "$schema": _DIALECT,
        "title": "Settings of orchestrate",
        "description": "`orchestrate.toml`; everything in it is optional.",
        **_table({}, words.TABLES, (), **tables),
    }


def environment_schema() -> Schema:
    """The schema of `environments/NAME.yaml`."""
    keys = {"protected": "flag", "description": "text", "parameters": "map", "variables": "map"}
    return {
        "$schema": _DIALECT,
        "title": "An environment of orchestrate",
        "description": "What playbooks need to know about the place where they run.",
        **_table(
            keys,
            words.ENVIRONMENT,
            commands=_commands(),
            rehearsal=_table({"require": "texts"}, words.REHEARSAL),
        ),
        "type": ["object", "null"],
    }


def _table(
    kinds: Mapping[str, str],
    meanings: Mapping[str, str],
    required: Sequence[str] = (),
    **others: Schema,
) -> Schema:
    """A table with the keys of `kinds` and those of `others`, each with its meaning."""
    properties = {**{key: _KINDS[kind] for key, kind in kinds.items()}, **others}
    described = {
        key: {**schema, "description": meanings[key]} for key, schema in properties.items()
    }
    needed = {"required": list(required)} if required else {}
    return {"type": "object", "properties": described, **needed, "additionalProperties": False}


def _each(schema: Schema) -> Schema:
    """A table whose keys are names, each a table of that kind."""
    return {"type": "object", "additionalProperties": schema}


def _at_least(least: int) -> Schema:
    return {"type": "integer", "minimum": least}


def _backup() -> Schema:
    sets = _table({"exclude": "texts", "optional": "flag"}, words.BACKUP_SET, ["paths"],
                  paths={**_TEXTS, "minItems": 1})  # fmt: skip
    target = _table({"directory": "text"}, words.BACKUP_TARGET, ["directory"])
    return _table({"directory": "text"}, words.BACKUP, sets=_each(sets), targets=_each(target))


def _vault() -> Schema:
    return _table(VAULT, words.VAULT, auth={"type": "string", "enum": [*VAULT_LOGINS]})


def _integrations() -> Schema:
    """Each type has a table of its own."""
    services: dict[str, Schema] = {}
    events = {"type": "array", "items": {"type": "string", "enum": list(EVENTS)}}
    for name, options in OPTIONS.items():
        kinds = {key: kind for key, kind in {**options, **COMMON}.items() if key != "events"}
        services[name] = _table(kinds, words.INTEGRATION, events=events)
    return _table(
        {"link": "text", "give_up_after": "duration"},
        {**words.INTEGRATIONS, **{name: f"For integrations of type {name}." for name in OPTIONS}},
        (),
        **services,
    )


def _freeze() -> Schema:
    kinds = {key: kind for key, kind in FREEZE.items() if key not in ("from", "until")}
    times: dict[str, Schema] = {"from": {}, "until": {}}
    priority = {"type": "string", "enum": list(PRIORITIES)}
    others = {**times, "allow_priority": priority}
    return {
        **_table(kinds, words.FREEZE, ["name"], **others),
        "oneOf": [{"required": ["from", "until"]}, {"required": ["cron", "duration"]}],
    }


def _rate_limits() -> Schema:
    rate = {"type": "string", "pattern": RATE}
    group = _table(GROUP, words.RATE_GROUP, ["commands", "limit"], limit=rate)
    described = {"description": "How often calls of it begin, such as 10/minute.", **rate}
    named = {"description": "Commands with one limit together.", **_each(group)}
    return {"type": "object", "properties": {"group": named}, "additionalProperties": described}


def _commands() -> Schema:
    """Every `[commands.NAME]`; a built-in may have options instead of something to call."""
    argv = {**_TEXTS, "minItems": 1}
    called = [
        _table({}, words.COMMAND, ["argv"], argv=argv),
        _table({"ssh": "text", **SSH_OPTIONS}, words.COMMAND, ["ssh"], argv=argv),
        _table({"playbook": "text", "arguments": "texts"}, words.COMMAND, ["playbook"]),
    ]
    built_in = {
        name: {
            "description": f"What `/{name}` calls, or options of the built-in.",
            "anyOf": [*called, _table(options, words.COMMAND)],
        }
        for name, options in BUILT_IN_OPTIONS.items()
    }
    return {
        "type": "object",
        "properties": built_in,
        "additionalProperties": {"description": "What the command calls.", "anyOf": called},
    }


def _typed(
    kinds: Mapping[str, tuple[Mapping[str, str], tuple[str, ...]]],
    meanings: Mapping[str, str],
    default: str,
) -> Schema:
    """A table whose keys depend on its `type`; that may be left out where it is the default."""
    variants: list[Schema] = []
    for kind, (keys, required) in kinds.items():
        needed = required if kind == default else ("type", *required)
        others: dict[str, Schema] = {"type": {"type": "string", "enum": [kind]}}
        if "better" in keys:
            others["better"] = {"type": "string", "enum": ["lower", "higher"]}
        variants.append(_table(keys, meanings, needed, **others))
    return {"oneOf": variants}


def _suite() -> Schema:
    request = {
        **_table(REQUEST, words.REQUEST),
        "oneOf": [{"required": ["url"]}, {"required": ["path"]}],
    }
    kinds = {key: kind for key, kind in SUITE.items() if key not in ("requests", "environments")}
    environment = _table({"base_url": "text"}, words.SUITE_ENVIRONMENT)
    return {
        **_table(
            kinds,
            words.SUITE,
            requests={"type": "array", "items": request},
            environments=_each(environment),
        ),
        "oneOf": [{"required": [key]} for key in ("command", "shell", "requests")],
    }
