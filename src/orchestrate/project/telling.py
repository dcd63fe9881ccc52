"""Who is told of a workflow: the playbook's integrations with what the project adds to them."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from orchestrate.playbook.integrations import (
    COUNTED,
    DEFAULT_EVENTS,
    VARIABLES,
    Integration,
    told_of,
)
from orchestrate.playbook.plan import Json, Plan
from orchestrate.project.integrations import Integrations

VARIABLE = re.compile(r"\$?\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
"""An environment variable in an option of the project; with two dollars it is none."""
_INSTEAD: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "slack": (("webhook",), ("token", "channel")),
    "notify": (("url",), ("target",)),
}
"""Options that stand for each other: who gives one has no use for the project's other."""
_NEEDED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "slack": (("webhook",), ("token", "channel")),
    "jira": (("project", "url", "token"),),
    "datadog": (("api_key",),),
    "webhook": (("url",),),
    "notify": (("url",), ("target",)),
}
"""What each type cannot do without: all options of one of these groups."""


class Chosen(NamedTuple):
    """Who is told of a workflow, and of what; and who is not, and why."""

    told: Mapping[str, tuple[str, ...]]
    untold: Mapping[str, str]


def choose(
    plan: Plan, settings: Integrations, environment: str, env: Mapping[str, str] | None
) -> Chosen:
    """The integrations of a workflow that is about to be made. `env`: that of whoever delivers;
    None: it is not known.
    """
    told: dict[str, tuple[str, ...]] = {}
    untold: dict[str, str] = {}
    for integration in (*plan.integrations, *_added(plan, settings)):
        wanted = integration.environments
        if wanted is not None and environment not in wanted:
            continue
        why = lacking(integration, settings.of(integration.type).options, env)
        if why:
            untold[integration.name] = why
        else:
            told[integration.name] = integration.events
    return Chosen(told, untold)


def _added(plan: Plan, settings: Integrations) -> list[Integration]:
    """Those that every playbook has which has none of the type itself."""
    types = {integration.type for integration in plan.integrations}
    names = {integration.name for integration in plan.integrations}
    return [
        of_project(kind, plan, settings)
        for kind, service in settings.services.items()
        if service.every_playbook and kind not in types and kind not in names
    ]


def of_project(kind: str, plan: Plan, settings: Integrations) -> Integration:
    """The integration of a type that is the project's own."""
    service = settings.of(kind)
    events = told_of(kind, service.events or DEFAULT_EVENTS[kind])
    own = {"events": service.events} if service.events and kind in COUNTED else {}
    return Integration(kind, kind, plan.steps[0].place, events, service.environments, own, ())


def merged(kind: str, own: Mapping[str, object], settings: Mapping[str, Json]) -> dict[str, Json]:
    """The options of the project that an integration with these of its own takes over."""
    taken = dict(settings)
    for group in _INSTEAD.get(kind, ()):
        if any(name in own for name in group):
            for other in _INSTEAD[kind]:
                if other is not group:
                    taken = {name: value for name, value in taken.items() if name not in other}
    return {name: value for name, value in taken.items() if name not in own}


def lacking(
    integration: Integration, settings: Mapping[str, Json], env: Mapping[str, str] | None
) -> str:
    """Why an integration cannot work, for want of options; "" if it can, as far as is known."""
    needed = (secret.options["variable"] for secret in integration.secrets
              if secret.source == "environment")  # fmt: skip
    unset = () if env is None else tuple(name for name in needed if not env.get(name))
    if unset:
        return f"{', '.join(unset)} is not set"
    kind, own = integration.type, integration.options
    taken = merged(kind, own, settings)
    variables = VARIABLES.get(kind, {})
    known = {
        *own,
        *taken,
        *(name for name, variable in variables.items() if env is None or env.get(variable)),
    }
    groups = _NEEDED[kind]
    if any(known.issuperset(group) for group in groups):
        unset = () if env is None else unset_in(taken, env)
        return f"{', '.join(unset)} is not set" if unset else ""
    group = min(groups, key=lambda names: len(set(names) - known))
    missing = [name for name in group if name not in known]
    where = [f"`{name}`" for name in missing]
    hints = [f" ({variables[name]})" if name in variables else "" for name in missing]
    listed = " and ".join(name + hint for name, hint in zip(where, hints, strict=True))
    return f"it has no {listed}, nor has [integrations.{kind}] of orchestrate.toml"


def unset_in(options: Mapping[str, Json], env: Mapping[str, str]) -> tuple[str, ...]:
    """The variables in options of the project that have no value."""
    found: dict[str, None] = {}
    for value in options.values():
        for text in texts_in(value):
            for match in VARIABLE.finditer(text):
                if not match[0].startswith("$$") and not env.get(match[1]):
                    found[match[1]] = None
    return tuple(found)


def texts_in(value: Json) -> list[str]:
    """Every text in a value."""
    match value:
        case str():
            return [value]
        case Mapping():
            return [text for part in value.values() for text in texts_in(part)]
        case list() | tuple():
            return [text for part in value for text in texts_in(part)]
        case _:
            return []
