"""The port `Engine`: what users ask, whatever executes. `tests/contract/engine.py` is its suite.

Every method is synchronous and may block; each raises `NotFoundError` for an id that does not
exist and `ConflictError` for something that is not legal in the workflow's state.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from orchestrate.playbook.plan import Json, Plan
from orchestrate.workflow.approval_views import ApprovalView
from orchestrate.workflow.approvals import Answer, Approver
from orchestrate.workflow.events import Event
from orchestrate.workflow.notifying import Subscription
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.program import RunOptions

Observer = Callable[[Event], None]


class NewWorkflow(NamedTuple):
    """A request to execute a plan. `secret_values` stay in memory."""

    plan: Plan
    parameters: Mapping[str, Json]
    secret_values: Mapping[str, str]
    environment: str
    variables: Mapping[str, Json]
    env: Mapping[str, str]
    actor: str
    options: RunOptions
    idempotency_key: str | None = None
    rerun_of: str | None = None
    traceparent: str | None = None
    """The W3C trace context of whoever asks, so that the workflow is part of that trace."""
    git_commit: str | None = None
    git_dirty: bool | None = None
    """Whether the tree differs from the commit; None if that could not be found out in time."""
    priority: str | None = None
    """None: that of the playbook."""
    group: str | None = None
    """Its concurrency group, rendered."""
    waits: bool = True
    """While new workflows are held or frozen it is made and queues; otherwise it is refused."""
    overrides: Mapping[str, str] = {}
    """What it is let past, and why: `freeze`, `required_success`."""
    origin: Mapping[str, Json] = {}
    """From where it is asked for, see `events.ACTIONS`."""
    told: tuple[Subscription, ...] = ()
    """Who is told of it."""
    untold: Mapping[str, str] = {}
    """Integrations that are switched off, and why."""


class Summary(NamedTuple):
    """One workflow in a list. Times are seconds since the epoch."""

    id: str
    playbook: str
    state: State
    owner_lost: bool
    """Its state says running, but the process that ran it is gone."""
    environment: str
    parameters: Mapping[str, Json]
    created_at: float
    started_at: float | None
    finished_at: float | None
    actor: str
    reason: str
    """Of the pause, the failure, the cancellation or the forced completion; "" if none."""
    resume_at: float | None
    """When a pause ends by itself."""
    progress: Mapping[str, float] = {}
    """From `get`: how far steps are that run, in percent by path, if the journal does not say."""


class Filter(NamedTuple):
    """Which workflows to list, newest first."""

    states: tuple[State, ...] | None = None
    playbook: str | None = None
    since: float | None = None
    limit: int = 100
    before: str | None = None
    """Only those older than this id: the next page."""
    environment: str | None = None
    label: str | None = None
    """Only those whose playbook has a step with this label."""


class ResumeOptions(NamedTuple):
    """What `resume` may be told. `parameters` are typed already."""

    from_step: str | None = None
    checkpoint: str | None = None
    skip_failed: bool = False
    parameters: Mapping[str, Json] = {}
    secret_values: Mapping[str, str] = {}
    unknown: str | None = None
    """What becomes of steps that need attention: rerun, skip or fail."""
    compensation: str | None = None
    """What becomes of compensations that failed: retry, skip or accept."""
    changed_plan: Plan | None = None
    """`--playbook-changes use`: the edited playbook's plan."""
    jump: bool = False
    """Steps that never ran may be jumped over (`--yes`)."""
    unless_ended: bool = False
    """Whoever asks saw it going on: what has ended meanwhile is not begun anew."""
    actor: str = ""


class ResumeLine(NamedTuple):
    """One line of a resume plan: `action` is reuse, run, attach, skip, decide, undo, or drop, for
    what is no longer in the playbook.
    """

    path: str
    action: str
    why: str


class ResumePlan(NamedTuple):
    """What a resume would do, printed before it does it."""

    workflow: str
    lines: tuple[ResumeLine, ...]
    warnings: tuple[str, ...]
    """Recorded steps that had read a changed parameter, steps jumped over, effects not undone."""
    needs_yes: bool
    """Steps that never ran would be jumped over."""


class Ended(NamedTuple):
    """How a foreground `run` or `resume` came back: the state, and why if it did not end."""

    workflow: str
    state: State
    message: str
    timed_out: bool = False
    interrupted: bool = False


class LogPiece(NamedTuple):
    """A piece of output. `stream` is stdout or stderr; `at` seconds since the epoch."""

    path: str
    attempt: int
    stream: str
    at: float
    data: bytes


class OutputPart(NamedTuple):
    """Bytes of what an attempt wrote, stdout and stderr as they came."""

    data: bytes
    start: int
    """Where in all of it they begin."""
    size: int
    """How many there are by now."""


Waits: TypeAlias = Mapping[str, Sequence[Mapping[str, Json]]]
"""Of one workflow: who has what it waits for, by the path of the step that waits ("" is the whole
playbook). Each is {lock or resource, workflow, step, since}, with `waits` if it only came first.
"""


class Engine(Protocol):
    """What users ask of whatever executes their playbooks."""

    def create(self, new: NewWorkflow) -> tuple[str, bool]:
        """Make a workflow, state queued: (id, True), or (the existing id, False) if the
        idempotency key was used before.
        """
        ...

    def made_for(self, key: str) -> str | None:
        """The workflow that was made for an idempotency key."""
        ...

    def run(self, workflow: str, observer: Observer | None = None) -> Ended:
        """Own the workflow and run it until it ends, needs attention, or is interrupted."""
        ...

    def plan_resume(self, workflow: str, options: ResumeOptions) -> ResumePlan:
        """What `resume` with these options would do. Changes nothing."""
        ...

    def resume(
        self, workflow: str, options: ResumeOptions, observer: Observer | None = None
    ) -> Ended | None:
        """Continue it: None if the process that runs it was woken, else as `run`."""
        ...

    def pause(
        self,
        workflow: str,
        *,
        actor: str,
        reason: str = "",
        now: bool = False,
        checkpoint: bool = False,
        resume_after: float | None = None,
    ) -> str | None:
        """Start no more steps; returns the checkpoint's id if one was asked for."""
        ...

    def cancel(self, workflow: str, *, actor: str, reason: str = "") -> None:
        """Stop it: compensations and `finally` still run; a second call stops these too."""
        ...

    def complete(self, workflow: str, *, actor: str, force: bool, reason: str = "") -> None:
        """End it as completed. Without `force`: ConflictError while steps run or remain."""
        ...

    def answer(self, workflow: str, path: str, answer: Answer, approver: Approver) -> bool:
        """Approve or reject what `path` waits for; whether somebody runs the workflow, so that it
        goes on by itself. Raises ConflictError if it waits no more, or not for this person, and
        UsageError for inputs that do not fit.
        """
        ...

    def approvals(self, workflow: str) -> Sequence[ApprovalView]:
        """What was asked of people so far, what waits still included."""
        ...

    def get(self, workflow: str) -> Summary:
        """One workflow."""
        ...

    def find(self, which: Filter) -> Sequence[Summary]:
        """A page of workflows, newest first."""
        ...

    def waits(self) -> Mapping[str, Waits]:
        """What workflows wait for now of locks and capacity, by id. In any thread."""
        ...

    def plan(self, workflow: str) -> Plan:
        """The plan that it runs."""
        ...

    def events(self, workflow: str, after: int = 0, limit: int = 1000) -> Sequence[Event]:
        """A page of its journal, from `after` (exclusive)."""
        ...

    def follow(self, workflow: str, after: int = 0) -> Iterator[Event]:
        """Its journal as it grows, until it is final or nobody runs it. Progress that the journal
        does not have comes in between, with the number of the event before it.
        """
        ...

    def changes(self) -> Iterator[None]:
        """Now, and again whenever something may have been recorded, at least once a second."""
        ...

    def output(
        self, workflow: str, path: str | None = None, *, tail: int | None = None
    ) -> Iterator[LogPiece]:
        """What its steps wrote, oldest first; only the last `tail` lines if given."""
        ...

    def part_of_output(
        self, workflow: str, attempt: int, first: int | None, length: int
    ) -> OutputPart:
        """Bytes of what one attempt (the number of its `attempt_started`) wrote so far, from
        `first` on or (None) the last ones; fewer where there are no more.
        """
        ...

    def follow_output(self, workflow: str, path: str | None = None) -> Iterator[LogPiece]:
        """The same as it grows, until the workflow (or that step) ends."""
        ...
