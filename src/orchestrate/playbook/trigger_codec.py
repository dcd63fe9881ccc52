"""Triggers to JSON and back, for plans that have some."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from orchestrate.errors import Place
from orchestrate.playbook.plan import Secret, Template
from orchestrate.playbook.triggers import TYPES, Rate, Trigger, WebhookTrigger, type_of


def dump_trigger(
    trigger: Trigger, place: Callable[[Place], Any], template: Callable[[Template], Any]
) -> list[Any]:
    """The trigger as JSON; `place` and `template` do that for what is inside."""
    fields = trigger._asdict()
    fields["place"] = place(trigger.place)
    fields["parameters"] = template(trigger.parameters)
    if "filter" in fields:
        fields["filter"] = template(fields["filter"])
    if isinstance(trigger, WebhookTrigger) and trigger.secret is not None:
        secret = trigger.secret
        fields["secret"] = [*secret[:-1], place(secret.place)]
    return [type_of(trigger), fields]


def load_trigger(
    data: list[Any], place: Callable[[list[int]], Place], template: Callable[[Any], Template]
) -> Trigger:
    """The trigger of `dump_trigger`'s JSON."""
    kind, written = data
    fields: dict[str, Any] = dict(cast("Mapping[str, Any]", written))
    fields["place"] = place(fields["place"])
    fields["parameters"] = template(fields["parameters"])
    if "filter" in fields:
        fields["filter"] = template(fields["filter"])
    if fields.get("secret") is not None:
        name, source, options, where = fields["secret"]
        fields["secret"] = Secret(name, source, options, place(where))
    if "rate" in fields:
        fields["rate"] = Rate(*fields["rate"])
    for key in ("methods", "on"):
        if key in fields:
            fields[key] = tuple(fields[key])
    return TYPES[kind](**fields)
