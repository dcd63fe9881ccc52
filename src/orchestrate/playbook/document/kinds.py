"""Which keys belong where: the step kinds with their own keys."""

from collections.abc import Mapping
from typing import NamedTuple

CALL = "command"
"""The kind of a step that calls a command; its `type` is a label."""


class Kind(NamedTuple):
    """The keys that only this kind has, and those of them that it cannot do without."""

    keys: tuple[str, ...]
    required: tuple[str, ...] = ()


CALL_KEYS = ("command", "shell", "script")

KINDS: Mapping[str, Kind] = {
    CALL: Kind(CALL_KEYS),
    "parallel": Kind(("branches", "max_parallel", "fail_fast"), ("branches",)),
    "conditional": Kind(("condition", "then", "else"), ("condition", "then")),
    "foreach": Kind(
        ("items", "as", "steps", "max_parallel", "fail_fast"), ("items", "as", "steps")
    ),
    "transaction": Kind(("steps",), ("steps",)),
    "playbook": Kind(("playbook", "parameters"), ("playbook",)),
    "assert": Kind(("condition", "message"), ("condition",)),
    "set": Kind(("variables",), ("variables",)),
    "approval": Kind(("message", "approvers", "inputs", "on_timeout", "minimum"), ("message",)),
    "wait": Kind(
        (
            "duration",
            "until",
            "interval",
            "command",
            "shell",
            "event",
            "source",
            "filter",
            "since",
            "on_timeout",
        )
    ),
}

COMMON_KEYS = (
    "name",
    "type",
    "description",
    "when",
    "needs",
    "env",
    "workdir",
    "pool",
    "timeout",
    "retry",
    "idempotent",
    "checkpoint",
    "continue_on_error",
    "on_failure",
    "on_success",
    "finally",
    "outputs",
    "compensate",
    "compensate_on",
    "locks",
    "resources",
)
COMPENSATION_KEYS = ("compensate", "compensate_on")
"""Keys of steps in a transaction, at any depth; handlers and compensations are not part of it."""
HANDLER_LISTS = ("on_failure", "on_success", "finally", "compensate")
STEP_LISTS = ("steps", "then", "else", *HANDLER_LISTS)
"""Keys whose value is a list of steps."""

CONCURRENCY_KEYS = ("group", "overlap")

PARAMETER_KEYS = (
    "name",
    "description",
    "type",
    "required",
    "default",
    "choices",
    "pattern",
    "min",
    "max",
    "secret",
    "allow_in_arguments",
)
INPUT_KEYS = tuple(key for key in PARAMETER_KEYS if key not in ("secret", "allow_in_arguments"))
"""Keys of what an approver gives: it is recorded, so it is never a secret."""
SECRET_SOURCES: Mapping[str, Kind] = {
    "environment": Kind(("variable",), ("variable",)),
    "file": Kind(("path", "strip"), ("path",)),
    "vault": Kind(("path", "field", "version"), ("path",)),
}
"""The sources of secrets that this program has, and their keys."""
OTHER_SOURCE = Kind(("options",))
"""A source that an installed package offers."""
SECRET_KEYS = (
    "name",
    "source",
    *dict.fromkeys(key for kind in SECRET_SOURCES.values() for key in kind.keys),
    *OTHER_SOURCE.keys,
    "allow_in_arguments",
)
RETRY_KEYS = ("attempts", "delay", "backoff", "max_delay", "jitter", "on_exit_codes")
SCRIPT_KEYS = ("interpreter", "text")
LOCK_KEYS = ("name", "shared", "wait", "on_conflict")
BRANCH_KEYS = ("name", "description", "when", "steps")
PLAYBOOK_KEYS = (
    "name",
    "description",
    "version",
    "category",
    "tags",
    "parameters",
    "variables",
    "secrets",
    "environments",
    "priority",
    "concurrency",
    "require_success_in",
    "triggers",
    "integrations",
    "locks",
    "resources",
    "timeout",
    "cleanup_timeout",
    "idempotent",
    "checkpoint",
    "steps",
    "on_failure",
    "on_success",
    "finally",
    "outputs",
)

TRIGGERS: Mapping[str, Kind] = {
    "schedule": Kind(("cron", "time_zone", "dst", "catch_up", "overlap", "jitter"), ("cron",)),
    "event": Kind(("source", "event", "filter"), ("event",)),
    "webhook": Kind(
        ("url", "secret", "signature", "filter", "methods", "max_body", "rate"), ("url",)
    ),
    "file": Kind(("path", "on", "settle", "filter"), ("path",)),
}
"""The types of triggers."""
TRIGGER_COMMON_KEYS = ("name", "type", "description", "enabled", "environment", "parameters")
INTEGRATIONS: Mapping[str, Kind] = {
    "slack": Kind(("webhook", "token", "channel", "mention", "api_url")),
    "jira": Kind(
        (
            "project",
            "create_issue_on_failure",
            "issue_type",
            "labels",
            "priority",
            "resolve_on_success",
            "transition",
            "url",
            "user",
            "token",
        )
    ),
    "datadog": Kind(("api_key", "site", "url", "track_metrics", "track_events", "tags")),
    "webhook": Kind(("url", "secret", "headers")),
    "notify": Kind(("url", "target")),
}
"""The types of integrations. What one leaves out may stand in `[integrations.TYPE]`."""
INTEGRATION_COMMON_KEYS = ("name", "type", "description", "events", "environments")

INLINE_KINDS = frozenset(("assert", "set"))
"""Kinds that run no process of their own."""
IDEMPOTENT_LABELS = frozenset(("validation", "test"))


def kinds_with(key: str) -> tuple[str, ...]:
    """The kinds that have this key."""
    return tuple(name for name, kind in KINDS.items() if key in kind.keys)
