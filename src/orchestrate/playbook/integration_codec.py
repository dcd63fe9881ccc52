"""Integrations to JSON and back, for plans that have some."""

from collections.abc import Callable
from typing import Any

from orchestrate.errors import Place
from orchestrate.playbook.integrations import Integration
from orchestrate.playbook.plan import Secret, Template


def dump_integration(
    integration: Integration, place: Callable[[Place], Any], template: Callable[[Template], Any]
) -> dict[str, Any]:
    """The integration as JSON; `place` and `template` do that for what is inside."""
    return {
        **integration._asdict(),
        "place": place(integration.place),
        "options": template(integration.options),
        "secrets": [[*secret[:-1], place(secret.place)] for secret in integration.secrets],
    }


def load_integration(
    data: dict[str, Any],
    place: Callable[[list[int]], Place],
    template: Callable[[Any], Template],
) -> Integration:
    """The integration of `dump_integration`'s JSON."""
    environments = data["environments"]
    return Integration(
        name=data["name"],
        type=data["type"],
        place=place(data["place"]),
        events=tuple(data["events"]),
        environments=None if environments is None else tuple(environments),
        options=template(data["options"]),  # pyright: ignore[reportArgumentType] - it was a map
        secrets=tuple(
            Secret(name, source, options, place(where))
            for name, source, options, where in data["secrets"]
        ),
    )
