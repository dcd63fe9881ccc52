"""The integrations of a project: who is told of its workflows, and what became of that.

Where something is sent is shown as it was written, variables by their names. What is a credential
and stands there in clear is left out of it, but for the host.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from orchestrate.launching.deliveries import DELIVERED, FAILED, WAITING, Tally
from orchestrate.library.listing import Entry
from orchestrate.playbook.integrations import CREDENTIALS, VARIABLES, Integration
from orchestrate.playbook.plan import Expression, Json, Plan, SecretRef, Template, Text
from orchestrate.project.integrations import Integrations
from orchestrate.project.telling import lacking, merged, of_project
from orchestrate.workflow.moments import rfc3339

_PLACES: Mapping[str, tuple[str, ...]] = {
    "slack": ("channel", "webhook"),
    "jira": ("url", "project"),
    "datadog": ("url", "site"),
    "webhook": ("url",),
    "notify": ("target", "url"),
}
"""The options that say where each type sends, as far as they are given."""
_DEFAULTS: Mapping[str, str] = {"datadog": "datadoghq.com"}
_HIDDEN = "***"
_HOLE = re.compile(r"\$\{[^{}]*\}")


class Configured(NamedTuple):
    """An integration of one playbook, or (None) of every one that has none of its type."""

    playbook: str | None
    integration: Integration


def configured(entries: Sequence[Entry], settings: Integrations) -> Iterator[Configured]:
    """Those of the project, then those of its playbooks."""
    plans = [entry.plan for entry in entries if entry.plan is not None and not entry.shipped]
    for kind, service in settings.services.items():
        if service.every_playbook and plans:
            yield Configured(None, of_project(kind, plans[0], settings))
    for plan in plans:
        yield from (Configured(plan.name, one) for one in plan.integrations)


def integration_json(
    one: Configured,
    settings: Integrations,
    env: Mapping[str, str] | None,
    tallies: Sequence[Tally],
    plans: Sequence[Plan],
) -> dict[str, Json]:
    """One of them, with what became of its deliveries. `env`: that of whoever delivers, if it is
    known here.
    """
    integration = one.integration
    options = settings.of(integration.type).options
    theirs = [each for each in tallies if _is_of(each, one, plans)]
    failing = max(
        (each.failing for each in theirs if each.failing is not None),
        key=lambda delivery: delivery.number,
        default=None,
    )
    delivered = [each.delivered_at for each in theirs if each.delivered_at is not None]
    wanted = integration.environments
    return {
        "name": integration.name,
        "kind": integration.type,
        "playbook": one.playbook,
        "target": target_of(integration, options),
        "events": list(integration.events),
        "environments": None if wanted is None else list(wanted),
        "off": lacking(integration, options, env),
        "counts": {
            "delivered": _count(theirs, (DELIVERED,)),
            "waiting": _count(theirs, (WAITING,)),
            "failed": _count(theirs, FAILED),
        },
        "last_delivery": rfc3339(max(delivered, default=None)),
        "last_error": None if failing is None else failing.error,
        "failing": None if failing is None else failing.key,
    }


def target_of(integration: Integration, settings: Mapping[str, Json]) -> str:
    """Where it sends, without secrets; "" if nobody says."""
    kind, own = integration.type, integration.options
    variables = {
        secret.name: secret.options["variable"]
        for secret in integration.secrets
        if secret.source == "environment"
    }
    given = {
        **{name: _written(value, {}) for name, value in merged(kind, own, settings).items()},
        **{name: _written(template, variables) for name, template in own.items()},
    }
    for name, variable in VARIABLES.get(kind, {}).items():
        given.setdefault(name, f"${{{variable}}}")
    places = [name for name in _PLACES[kind] if given.get(name) and not _is_default(name, given)]
    if kind != "jira":  # one says it all, of the others two
        places = places[:1]
    shown = [_shown(given[name], is_credential=name in CREDENTIALS[kind]) for name in places]
    return " ".join(shown) or _DEFAULTS.get(kind, "")


def _is_default(name: str, given: Mapping[str, str]) -> bool:
    """Datadog's own address, which nobody has to give."""
    return name == "site" and given[name] == "${DD_SITE}"


def _written(template: Template, variables: Mapping[str, str]) -> str:
    """As somebody would write it; secrets by their names."""
    match template:
        case str():
            return template
        case Expression():
            return f"${{{template.source}}}"
        case SecretRef():
            return f"${{{variables.get(template.name, f'secrets.{template.name}')}}}"
        case Text():
            return "".join(_written(part, variables) for part in template.parts)
        case _:
            return "" if template is None else _HIDDEN


def _shown(written: str, *, is_credential: bool) -> str:
    """Without what stands there in clear and nobody may see."""
    if is_credential:
        if _HOLE.fullmatch(written):
            return written
        scheme, found, rest = written.partition("://")
        host = rest.partition("/")[0].rpartition("@")[2]
        web = scheme in ("http", "https") and found
        return f"{scheme}://{host}/{_HIDDEN}" if web else f"{scheme}://{_HIDDEN}" * bool(found)
    return _without_credentials(written)


def _without_credentials(address: str) -> str:
    """An address without a password and without what stands behind a question mark."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return _HIDDEN
    if not parts.scheme or not parts.netloc:
        return address
    host = parts.netloc.rpartition("@")[2]
    who = f"{_HIDDEN}@" if "@" in parts.netloc else ""
    query = f"?{_HIDDEN}" if parts.query else ""
    return f"{parts.scheme}://{who}{host}{parts.path}{query}"


def _is_of(each: Tally, one: Configured, plans: Sequence[Plan]) -> bool:
    """Whether these deliveries are of that integration."""
    if each.integration != one.integration.name:
        return False
    if one.playbook is not None:
        return each.playbook == one.playbook
    own = (plan for plan in plans if plan.name == each.playbook)
    return all(each.integration != told.name for plan in own for told in plan.integrations)


def _count(tallies: Sequence[Tally], states: Sequence[str]) -> int:
    return sum(each.counts.get(state, 0) for each in tallies for state in states)
