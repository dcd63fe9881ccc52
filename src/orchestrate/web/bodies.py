"""What requests hold: checked before anybody looks at it, and named in the OpenAPI document."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(min_length=1, max_length=200)]
Reason = Annotated[str, Field(max_length=2000)]
Seconds = Annotated[float, Field(gt=0, le=366 * 86_400)]
Names = Annotated[list[Name], Field(max_length=500)]
Values = Annotated[dict[Annotated[str, Field(max_length=200)], Any], Field(max_length=500)]
Priority = Literal["critical", "high", "normal", "low"]


class Strict(BaseModel):
    """A body in which nothing is ignored."""

    model_config = ConfigDict(extra="forbid")


class Admission(Strict):
    """How urgent it is, and past what it may go."""

    priority: Priority | None = None
    wait: bool = True
    override_freeze: Reason | None = None
    override_required_success: Reason | None = None
    yes: bool = False


class Wish(Admission):
    """What somebody wants to run of a playbook."""

    environment: Name | None = None
    parameters: Values = {}
    parallel: bool = False
    max_parallel: Annotated[int, Field(ge=1, le=10_000)] | None = None
    checkpoint: bool = False
    timeout: Seconds | None = None
    only: Names = []
    skip: Names = []


class Run(Wish):
    """A workflow that is wanted."""

    playbook: Name


class Rerun(Admission):
    """One like an earlier one, with some other values."""

    parameters: Values = {}


class Pause(Strict):
    """How a workflow is to be paused."""

    reason: Reason = ""
    now: bool = False
    checkpoint: bool = False
    timeout: Seconds | None = None


class Resume(Strict):
    """How a workflow is to go on."""

    from_step: Annotated[str, Field(max_length=2000)] | None = None
    checkpoint: Name | None = None
    skip_failed: bool = False
    parameters: Values = {}
    playbook_changes: Literal["use", "keep"] | None = None
    unknown: Literal["rerun", "skip", "fail"] | None = None
    compensation: Literal["retry", "skip", "accept"] | None = None
    yes: bool = False


class Because(Strict):
    """Why."""

    reason: Reason = ""


class Complete(Because):
    """An end by decision."""

    force: bool = False


class Decision(Strict):
    """An answer to an approval."""

    path: Annotated[str, Field(min_length=1, max_length=2000)]
    decision: Literal["approve", "reject"]
    inputs: Values = {}
    comment: Reason = ""
    reason: Reason = ""


class Text(Strict):
    """A playbook that is not saved."""

    text: Annotated[str, Field(max_length=1 << 20)]
    name: Name | None = None
    environment: Name | None = None


class Where(Strict):
    """In which environment."""

    environment: Name | None = None


class NewSchedule(Strict):
    """A schedule."""

    name: Name | None = None
    playbook: Name
    cron: Name
    time_zone: Name | None = None
    environment: Name | None = None
    parameters: Values = {}
    enabled: bool = False
    dst: Literal["run-once", "skip", "run-twice"] = "run-once"
    catch_up: Literal["latest", "skip", "all"] = "latest"
    overlap: Literal["skip", "queue", "allow", "cancel_previous"] = "skip"
    jitter: Annotated[float, Field(ge=0, le=86_400)] = 0.0
    replace: bool = False
    yes: bool = False


class Enabled(Strict):
    """Whether it is."""

    enabled: bool


class Slots(Strict):
    """A time by the clock, to look at."""

    cron: Name
    time_zone: Name | None = None
    dst: Literal["run-once", "skip", "run-twice"] = "run-once"
    count: Annotated[int, Field(ge=1, le=200)] = 20


class Release(Strict):
    """A lock that is taken away."""

    name: Name
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class Key(Strict):
    """Of a delivery."""

    key: Annotated[str, Field(min_length=1, max_length=400)]


class NewEvent(Strict):
    """What happened, for triggers and for steps that wait."""

    source: Name
    type: Name
    data: Any = None
    subject: Reason | None = None
    id: Name | None = None


class NewPlaybook(Strict):
    """A playbook from a template."""

    name: Name
    template: Literal["blank", "deployment", "maintenance", "recovery"] = "blank"
    description: Reason | None = None
    force: bool = False


class Force(Strict):
    """Whether files that are there may be replaced."""

    force: bool = False


class Needs(Where):
    """What a playbook needs, and whether hosts are asked."""

    offline: bool = True
    network_timeout: Annotated[float, Field(gt=0, le=60)] = 5.0


class Require(Where):
    """Which rules a failure must not break."""

    require: Names = []


class Scenarios(Strict):
    """Which scenarios are to be played."""

    playbooks: Names = []
    pattern: Annotated[str, Field(max_length=200)] | None = None
    strict: bool = False
    stop_at_first: bool = False
    coverage: bool = False


class Prune(Strict):
    """Workflows that ended before so many days; without `yes` they are only listed."""

    older_than: Annotated[float, Field(ge=0, le=100_000)] | None = None
    yes: bool = False
