"""Notices: what a service tells of a workflow. Plain data, built once from the journal, masked.

Times are seconds since the epoch, durations seconds. A notice is the same whenever it is built
again: a delivery that is repeated says what the first one said.
"""

from collections.abc import Mapping
from typing import NamedTuple

from orchestrate.playbook.plan import Json


class FailedStep(NamedTuple):
    """The first step that failed."""

    path: str
    """"" if the workflow failed without a step, such as by its own timeout."""
    attempt: int
    """How many attempts it had; 0 for a step without attempts."""
    exit_code: int | None
    message: str
    output: str
    """Its last lines, at most 2 KiB; "" if it wrote nothing."""


class ApprovalAsked(NamedTuple):
    """What waits for a person."""

    path: str
    message: str
    approvers: tuple[str, ...]
    """Users and `group:NAME`; empty: anybody may answer."""
    deadline: float | None
    command: str
    """What an approver types."""


class StepTime(NamedTuple):
    """How long a top-level step took."""

    path: str
    label: str
    """Its label or kind, such as `deployment` or `parallel`."""
    state: str
    """Its outcome: succeeded, failed, timed_out, cancelled, skipped, unknown."""
    duration: float


class Metrics(NamedTuple):
    """Figures of a workflow up to the moment of the notice."""

    steps: Mapping[str, int]
    """How many steps there are of each outcome."""
    attempts: int
    retries: int
    """Attempts that were not the first of their step."""
    lock_wait: float
    """Seconds for which steps waited for locks and capacity, added up."""
    slowest: tuple[StepTime, ...]
    """The top-level steps, the slowest first, at most 20."""


class Notice(NamedTuple):
    """What happened."""

    kind: str
    """start, success, failure, pause, approval or recovery."""
    key: str
    """The idempotency key, `WF-2026-001/17/slack`: the same for every attempt to deliver it."""
    sequence: int
    """The number of the event that it tells of. Rises within a workflow."""
    at: float
    """When that happened."""
    integration: str
    """The name of the integration in the playbook."""
    project: str
    """The name of the project's folder."""
    workflow: str
    playbook: str
    version: str
    """"" if the playbook has none."""
    category: str
    labels: tuple[str, ...]
    """The playbook's `tags`."""
    environment: str
    actor: str
    """Who is responsible for the workflow."""
    state: str
    """Of the workflow at that moment: running, waiting, paused, succeeded, failed, cancelled,
    completed, needs_attention."""
    started_at: float | None
    finished_at: float | None
    duration: float | None
    """From the start to the end, or to this moment."""
    reason: str
    """Why it is paused, was cancelled or failed; "" if there is nothing to say."""
    failed: FailedStep | None
    approval: ApprovalAsked | None
    parameters: Mapping[str, Json]
    """Secret ones hold `***`."""
    link: str | None
    """Where it can be looked at: `[integrations] link`."""
    dedup_key: str
    """The same for all workflows of one playbook in one environment of one project."""
    recovered: bool
    """A success after a failure of the same playbook in the same environment."""
    metrics: Metrics

    @property
    def is_over(self) -> bool:
        """Whether it tells of the end of a workflow."""
        return self.finished_at is not None
