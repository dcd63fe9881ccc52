"""`[integrations]`: what playbooks' integrations leave out, and whom every playbook tells."""

from collections.abc import Mapping
from typing import NamedTuple

from orchestrate.playbook.integrations import EVENTS
from orchestrate.playbook.plan import Json
from orchestrate.project.fields import Table, suggest

OPTIONS: Mapping[str, Mapping[str, str]] = {
    "slack": {
        "webhook": "text",
        "token": "text",
        "channel": "text",
        "mention": "texts",
        "api_url": "text",
    },
    "jira": {
        "project": "text",
        "create_issue_on_failure": "flag",
        "issue_type": "text",
        "labels": "texts",
        "priority": "text",
        "resolve_on_success": "flag",
        "transition": "text",
        "url": "text",
        "user": "text",
        "token": "text",
    },
    "datadog": {
        "api_key": "text",
        "site": "text",
        "url": "text",
        "track_metrics": "flag",
        "track_events": "flag",
        "tags": "texts",
    },
    "webhook": {"url": "text", "secret": "text", "headers": "map"},
    "notify": {"url": "text", "target": "text"},
}
"""The options of each type, and of which kind each is."""
COMMON = {"every_playbook": "flag", "events": "texts", "environments": "texts"}
GIVE_UP_AFTER = 3 * 86_400.0


class ServiceSettings(NamedTuple):
    """`[integrations.TYPE]`."""

    options: Mapping[str, Json]
    """For those that a playbook does not give; `${NAME}` in text is an environment variable."""
    every_playbook: bool = False
    """Playbooks without an integration of this type are told of, too."""
    events: tuple[str, ...] | None = None
    """Of what, then; None: as the type has it."""
    environments: tuple[str, ...] | None = None
    """And where; None: everywhere."""


_NOTHING: Mapping[str, ServiceSettings] = {}


class Integrations(NamedTuple):
    """The whole table."""

    link: str | None = None
    """Where a workflow can be looked at; `{id}` stands for its id."""
    give_up_after: float = GIVE_UP_AFTER
    """Seconds for which a delivery is tried."""
    services: Mapping[str, ServiceSettings] = _NOTHING

    def of(self, kind: str) -> ServiceSettings:
        """What is said of a type."""
        return self.services.get(kind) or ServiceSettings({})


def read_integrations(table: Table) -> Integrations:
    """The table, checked."""
    link, patience = table.read("link", "text"), table.read("give_up_after", "duration")
    if link is not None and "{id}" not in link:
        table.problem("link", f"{table.name('link')} does not say where the workflow's id goes",
                      "Such as https://ops.example.com/workflows/{id}.")  # fmt: skip
    services = {name: _service(name, table.table(name)) for name in OPTIONS if name in table.data}
    for name in OPTIONS:
        table.read(name, "map")
    table.finish()
    return Integrations(link, GIVE_UP_AFTER if patience is None else patience, services)


def _service(name: str, table: Table) -> ServiceSettings:
    values = table.values({**OPTIONS[name], **COMMON})
    events, environments = _texts(values, "events"), _texts(values, "environments")
    for event in events or ():
        if event not in EVENTS:
            table.problem("events", f"there is no event `{event}`", suggest(event, EVENTS))
    headers = values.get("headers")
    for key, value in headers.items() if isinstance(headers, Mapping) else ():
        if not isinstance(value, str):
            table.problem("headers", f"{table.name('headers')}.{key} must be text")
    return ServiceSettings(
        {key: value for key, value in values.items() if key not in COMMON},
        values.get("every_playbook") is True,
        events,
        environments,
    )


def _texts(values: Mapping[str, Json], key: str) -> tuple[str, ...] | None:
    found = values.get(key)
    return tuple(str(item) for item in found) if isinstance(found, list) else None
