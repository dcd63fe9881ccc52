"""Workflows, their steps, and what is learnt from them."""

from typing import Any, Literal

from orchestrate.web.answers.common import Answer, Counts, Moment, Page, Seconds, Values
from orchestrate.workflow.outcomes import State


class Waits(Answer):
    """Something that a workflow waits for; further fields by its kind."""

    kind: Literal["approval", "capacity", "decision", "event", "lock", "rate", "retry", "timer"]
    path: str


class Listed(Answer):
    """A workflow in a list."""

    id: str
    playbook: str
    state: State
    owner: Literal["lost"] | None
    environment: str
    parameters: Values
    actor: str
    reason: str
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    resume_at: Moment | None
    waits_for: list[Waits]


class Asked(Answer):
    """What an approval step asks."""

    path: str
    waits: bool
    message: str
    inputs: list[Values]
    minimum: int
    on_timeout: str
    approvers: Any
    asked_at: Moment
    deadline: Moment | None
    answers: list[Values]


class Waiting(Asked):
    """The same with the workflow that it is of."""

    workflow: str
    playbook: str
    environment: str


class CheckpointTaken(Answer):
    """A position to resume from."""

    id: str
    name: str | None
    step: str | None
    at: Moment


class Left(Answer):
    """What was asked for and waits until somebody runs the workflow."""

    request: Literal["approve", "cancel", "complete", "pause", "reject"]
    path: str
    actor: str
    at: Moment
    command: str


class Standing(Listed):
    """A workflow as it stands, without its steps."""

    error: Values | None
    outputs: Any
    counts: Counts
    seq: int
    running: list[str]
    checkpoints: list[CheckpointTaken]
    parked: list[Values]
    approvals: list[Asked]
    warnings: list[str]
    requests: list[Left]


class Entry(Answer):
    """A step in the tree, or what contains steps."""

    path: str
    name: str
    kind: str
    label: str | None
    state: str | None
    attempts: int
    exit_code: int | None
    started_at: Moment | None
    finished_at: Moment | None
    duration: Seconds | None
    parent: str
    planned: bool
    role: str | None
    children: int
    counts: Counts


class Entries(Page[Entry]):
    """A page of the tree, and the position in the journal that it shows."""

    seq: int


class JournalEntry(Answer):
    """One event."""

    seq: int
    at: Moment
    type: str
    path: str
    data: Values


class AttemptMade(Answer):
    """One attempt of a step."""

    attempt: int
    number: int | None
    call: str | None
    worker: str | None
    started_at: Moment
    finished_at: Moment | None
    status: str | None
    exit_code: int | None
    message: str | None
    bytes: int | None


class Detail(Entry):
    """A step in full."""

    output: Any
    seq: int
    attempts_made: list[AttemptMade]
    events: list[JournalEntry]


class Drawn(Answer):
    """A step in a graph."""

    path: str
    name: str
    kind: str
    call: str
    state: str
    follows: list[int]
    groups: "list[DrawnGroup]"


class DrawnGroup(Answer):
    """Steps that belong together."""

    caption: str
    aside: bool
    figures: list[Drawn]


class Graph(Answer):
    """What follows on what."""

    title: str
    groups: list[DrawnGroup]


class Bar(Answer):
    """A part of a row."""

    started_at: Moment
    finished_at: Moment
    what: str
    about: str


class Row(Answer):
    """A step over time."""

    depth: int
    name: str
    path: str
    started_at: Moment
    finished_at: Moment
    status: str
    critical: bool
    bars: list[Bar]


class Gantt(Answer):
    """Steps over time."""

    started_at: Moment
    finished_at: Moment
    hidden: int
    rows: list[Row]


class Analysis(Answer):
    """Where the time of a workflow went."""

    id: str
    playbook: str
    state: str
    started_at: Moment | None
    finished_at: Moment | None
    duration: Seconds
    time: dict[str, float]
    critical_path: list[Values]
    savings: list[Values]
    steps: list[Values]
    earlier_workflows: int


class Lasted(Answer):
    """A workflow and how long it took."""

    id: str
    duration: Seconds


class Comparison(Answer):
    """Two workflows, step by step."""

    before: Lasted
    after: Lasted
    steps: list[Values]


class Flaky(Answer):
    """Steps that sometimes fail."""

    workflows: int
    steps: list[Values]


class LogLine(Answer):
    """A line of output, its end included."""

    path: str
    attempt: int
    stream: str
    at: Moment
    text: str


class ResumeStep(Answer):
    """What becomes of a step."""

    path: str
    action: str
    why: str


class ResumePlanned(Answer):
    """What a resume would do."""

    workflow: str
    lines: list[ResumeStep]
    warnings: list[str]
    needs_yes: bool
