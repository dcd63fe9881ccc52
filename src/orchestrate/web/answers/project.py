"""What belongs to the whole project, and who asks."""

from typing import Any, Literal

from orchestrate.web.answers.common import Answer, Counts, Moment, Page, Values


class Allowed(Answer):
    """What somebody may do, and where; null: everywhere."""

    scopes: list[str]
    environments: list[str] | None
    playbooks: list[str] | None


class Session(Allowed):
    """Who asks."""

    actor: str
    csrf: str | None
    expires_at: Moment | None


class Token(Allowed):
    """A token without its secret."""

    name: str
    created_at: Moment
    created_by: str
    expires_at: Moment | None


class Place(Answer):
    """An environment."""

    name: str
    protected: bool
    description: str


class Project(Answer):
    """What this is."""

    name: str
    version: str
    engine: Literal["embedded", "cluster"]
    environments: list[Place]
    actor: str
    rights: Allowed


class Capacity(Answer):
    """What there is, who uses it, what will come."""

    at: Moment
    until: Moment
    pools: list[Values]
    rates: list[Values]
    queue: list[Values]
    scheduled: list[Values]
    collisions: list[Values]
    unknown_durations: list[str]
    warnings: list[str]


class Locks(Answer):
    """Who holds what."""

    locks: list[Values]
    capacity: list[Values]


class Released(Answer):
    """A lock that was taken away."""

    released: str
    held_by: list[Any]


class Held(Answer):
    """Whether new workflows are held."""

    held: bool
    reason: str | None


class Holding(Answer):
    """What keeps new workflows from beginning."""

    held: bool
    reason: str
    actor: str | None
    since: Moment | None
    freezes: list[Values]


class Integration(Answer):
    """Who is told of workflows, and what became of that."""

    name: str
    kind: str
    playbook: str | None
    target: str
    events: list[str]
    environments: list[str] | None
    off: str
    counts: Counts
    last_delivery: Moment | None
    last_error: str | None
    failing: str | None


class Delivery(Answer):
    """What one receiver is told of one event."""

    key: str
    workflow: str
    playbook: str
    integration: str
    event: str
    at: Moment
    state: Literal["waiting", "refused", "given_up", "dropped", "delivered"]
    failed_attempts: int
    next_at: Moment | None
    settled_at: Moment | None
    error: str
    unset_variables: list[str]


class Retried(Answer):
    """How many are tried again."""

    retried: int


class Dropped(Answer):
    """What was given up."""

    dropped: str


class Done(Answer):
    """An entry of the audit; empty fields are left out."""

    at: Moment
    action: str
    actor: str = ""


class Verified(Answer):
    """Whether all is as it was recorded, and at how much it was looked."""

    sound: bool
    findings: list[Values]
    found: int
    workflows: int
    events: int
    actions: int | None
    checkpoints: int | None
    head: Values | None


class Checkpoint(Answer):
    """A signed checkpoint."""

    at: Moment
    key: str
    signature: str


class Checkpoints(Page[Checkpoint]):
    """The last ones, and whether there is a key to sign more with."""

    signs: bool


class Metric(Answer):
    """A figure, or a histogram."""

    metric: str
    kind: str
    labels: dict[str, str]


class Emitted(Answer):
    """An event that was kept."""

    id: str
    source: str
    type: str
    accepted: bool
    offered_to: list[Values]


class Unmatched(Answer):
    """An event that nobody wanted."""

    at: Moment
    event: Values
    state: str
    reason: str


class LookedAgain(Answer):
    """How many events are looked at once more."""

    looked_at_again: int


class Examined(Answer):
    """What the doctor found."""

    level: Literal["good", "warn", "bad"]
    subject: str
    message: str
    hint: str


class Worker(Answer):
    """Who works for a cluster."""

    name: str
    state: str
    host: str
    pid: int
    pools: list[str]
    labels: list[str]
    version: str
    steps: Values
    started_at: Moment | None


class Pruned(Answer):
    """Workflows that were removed, or would be."""

    removed: bool
    workflows: list[str]
