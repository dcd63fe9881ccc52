"""Playbooks, checks and rehearsals of them, scenarios, schedules."""

from typing import Any, Literal

from pydantic import Field

from orchestrate.web.answers.common import Answer, Moment, Values


class Catalogued(Answer):
    """A playbook in a list."""

    name: str
    path: str
    origin: Literal["project", "shipped"]
    category: str | None
    description: str
    tags: list[str]
    version: str | None
    valid: bool
    errors: int


class Declared(Answer):
    """A parameter."""

    name: str
    type: str
    description: str
    required: bool
    default: Any
    choices: list[Any] | None
    secret: bool


class Described(Catalogued):
    """A playbook in full."""

    problem: str
    environments: list[str] | None
    holds: list[str]
    parameters: list[Declared]
    steps: list[Values]
    commands: list[Values]
    workflows: list[Values]
    usual_duration: float | None
    versions: list[Values]


class Form(Answer):
    """What a run takes."""

    playbook: str
    environment: str
    protected: bool
    environments: list[str] | None
    parameters: list[Declared]
    given: Values
    schema_: Values = Field(alias="schema")


class Found(Answer):
    """An error, a warning or a note."""

    rule: str
    severity: Literal["error", "warning", "note"]
    message: str
    hint: str
    file: str
    line: int
    column: int
    length: int
    fixable: bool


class Findings(Answer):
    """What was found in a playbook."""

    file: str
    name: str
    environment: str
    protected: bool
    valid: bool
    findings: list[Found]


class Repairs(Findings):
    """With what would be repaired."""

    changes: Values


class Dependencies(Findings):
    """With what it needs."""

    dependencies: list[Values]


class Checked(Findings):
    """A text that is not saved."""

    graph: Values | None
    parameters: list[Declared] | None


class DryRun(Answer):
    """What a run would do."""

    playbook: str
    environment: str
    parameters: Values
    can_run: bool
    state: str
    complete: bool
    steps: list[Values]


class Callable(Answer):
    """A slash command."""

    name: str
    origin: str
    read_only: bool


class PlaybookMade(Answer):
    """A new playbook."""

    name: str
    files: list[str]
    added: list[str]


class Taken(Answer):
    """What was taken into the project."""

    name: str
    files: list[Values]
    warnings: list[str]


class Differences(Answer):
    """Two versions."""

    name: str
    a: str
    b: str
    by: Literal["text", "steps"]
    diff: list[str]


class ScenarioListed(Answer):
    """A scenario."""

    id: str
    scenario: str
    file: str
    line: int
    playbook: str


class ScenariosPlayed(Answer):
    """What came of scenarios."""

    passed: int
    failed: int
    invalid: int
    deselected: int
    not_run: int
    seconds: float
    scenarios: list[Values]


class Scheduled(Answer):
    """A schedule."""

    name: str
    playbook: str
    cron: str
    environment: str | None
    parameters: Values
    actor: str
    dst: str
    catch_up: str
    overlap: str
    jitter: float
    enabled: bool
    declared_in: str | None
    time_zone: str
    next_at: Moment | None


class ScheduledFull(Scheduled):
    """With what became of its last slots."""

    history: list[Values]


class Slot(Answer):
    """A time at which a schedule is due."""

    slot: str
    at: Moment
    remark: str


class CalendarSlot(Slot):
    """The same with its schedule."""

    schedule: str
    playbook: str
    environment: str | None
