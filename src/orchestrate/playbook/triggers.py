"""Triggers in a plan: what starts a playbook by itself, checked."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from orchestrate.errors import Place
from orchestrate.playbook.plan import Expression, Json, Secret, Template

MAX_BODY = 1 << 20
"""Bytes of a webhook's body, unless it says otherwise."""
SHARED_SECRET = "ORCHESTRATE_WEBHOOK_SECRET"
"""The environment variable with the secret of webhooks that name none."""


class ScheduleTrigger(NamedTuple):
    """Starts it by the clock. The policies are the words of `orchestrate schedule`."""

    name: str
    place: Place
    enabled: bool
    environment: str | None
    cron: str
    zone: str | None
    """None: that of the machine."""
    dst: str
    catch_up: str
    overlap: str
    jitter: float
    parameters: Mapping[str, Json]


class EventTrigger(NamedTuple):
    """Starts it for an event. `*` in `source` and `event` stands for any characters."""

    name: str
    place: Place
    enabled: bool
    environment: str | None
    source: str | None
    event: str
    filter: Expression | None
    parameters: Mapping[str, Template]


class Rate(NamedTuple):
    """So many in so many seconds."""

    most: int
    seconds: float


class WebhookTrigger(NamedTuple):
    """Starts it for a request to `path`. `secret` None: the one that all webhooks share."""

    name: str
    place: Place
    enabled: bool
    environment: str | None
    url: str
    path: str
    secret: Secret | None
    signature: str
    methods: tuple[str, ...]
    max_body: int
    rate: Rate
    filter: Expression | None
    parameters: Mapping[str, Template]


class FileTrigger(NamedTuple):
    """Starts it for files. `pattern` is relative to the project, or absolute; `on` holds some of
    created, changed, removed; `settle`: seconds for which a file must stay as it is.
    """

    name: str
    place: Place
    enabled: bool
    environment: str | None
    pattern: str
    on: tuple[str, ...]
    settle: float
    filter: Expression | None
    parameters: Mapping[str, Template]


Trigger: TypeAlias = ScheduleTrigger | EventTrigger | WebhookTrigger | FileTrigger

TYPES: Mapping[str, type[Trigger]] = {
    "schedule": ScheduleTrigger,
    "event": EventTrigger,
    "webhook": WebhookTrigger,
    "file": FileTrigger,
}
NAMES: Mapping[str, tuple[str, ...]] = {
    "schedule": (),
    "event": ("event",),
    "webhook": ("body", "headers", "query"),
    "file": ("file",),
}
"""What the expressions of each type may speak of."""


def secrets_of(triggers: Sequence[Trigger]) -> tuple[Secret, ...]:
    """The secrets that sign deliveries to them."""
    hooks = (trigger for trigger in triggers if isinstance(trigger, WebhookTrigger))
    return tuple(hook.secret for hook in hooks if hook.secret is not None)


def type_of(trigger: Trigger) -> str:
    """The word under `type`."""
    return next(name for name, kind in TYPES.items() if isinstance(trigger, kind))
