"""Integrations in a plan: which other systems are told of its workflows, checked."""

from collections.abc import Mapping
from typing import NamedTuple

from orchestrate.errors import Place
from orchestrate.playbook.plan import Secret, Template

EVENTS = ("start", "success", "failure", "pause", "approval", "recovery")
"""What can be told: it began; it ended well; it ended otherwise; it is paused or somebody has to
decide; it waits for approval; it ended well after it had not, in the same environment."""

DEFAULT_EVENTS: Mapping[str, tuple[str, ...]] = {
    "slack": EVENTS,
    "jira": ("failure", "recovery"),
    "datadog": ("success", "failure", "recovery"),
    "webhook": EVENTS,
    "notify": ("failure", "approval", "recovery"),
}
"""What each type is told if the playbook does not say."""

COUNTED: Mapping[str, tuple[str, ...]] = {"datadog": ("success", "failure", "recovery")}
"""What types that count workflows are told in any case: every end. Their service looks itself at
which `events` were asked for."""

CREDENTIALS: Mapping[str, tuple[str, ...]] = {
    "slack": ("webhook", "token"),
    "jira": ("token",),
    "datadog": ("api_key",),
    "webhook": ("secret", "headers"),
    "notify": ("url",),
}
"""Options whose values are secrets, however they are written."""

VARIABLES: Mapping[str, Mapping[str, str]] = {
    "jira": {"url": "JIRA_URL", "user": "JIRA_USER", "token": "JIRA_TOKEN"},
    "datadog": {"api_key": "DD_API_KEY", "site": "DD_SITE"},
}
"""The environment variables that stand for options which nobody gave."""


def told_of(kind: str, events: tuple[str, ...]) -> tuple[str, ...]:
    """What a type is told if these are asked for."""
    return tuple(dict.fromkeys((*events, *COUNTED.get(kind, ()))))


class Integration(NamedTuple):
    """One system that is told."""

    name: str
    """Unique in the playbook: by default the type."""
    type: str
    place: Place
    events: tuple[str, ...]
    environments: tuple[str, ...] | None
    """Where it is told; None: everywhere."""
    options: Mapping[str, Template]
    """Of its type, as written; rendered when a workflow is made, but for secrets."""
    secrets: tuple[Secret, ...]
    """Those that the options hold."""
