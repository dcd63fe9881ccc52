"""The journal's events: append-only, numbered from 1 in each workflow, the only truth.

Where a workflow stands is a fold over its events (`state.py`). Three families:

- *inputs* reach the interpreter from outside and are delivered again, in the order of the journal,
  when a workflow is resumed: attempt_finished, claimed, claim_refused, timer_fired,
  cancel_requested, workflow_timed_out, resolved, approval_given, approval_rejected,
  event_received.
- *decisions* (`decided`) hold what the interpreter found out by itself, keyed by path and subject,
  and are never evaluated again: condition, branch, items, set values, retry times, deadlines.
- *notes* tell readers what happens: everything else.

`data` is JSON. Secrets never appear in it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from orchestrate.playbook.plan import Json


class EventType(StrEnum):
    """Every type, with the keys of its `data` (`?` may be missing)."""

    WORKFLOW_CREATED = "workflow_created"
    """playbook, plan (digest), version?, environment, parameters, secret_parameters, env,
    options, actor, git? {commit, dirty}, traceparent?, parent?, idempotency_key?, rerun_of?,
    priority?, concurrency? {group, overlap}, overrides? {freeze or required_success: reason},
    from? (see ACTIONS), told? {integration: events}, untold? {integration: why}"""
    WORKFLOW_STARTED = "workflow_started"
    """actor; the time of this event is `timestamp`"""
    OWNED = "owned"
    """epoch, pid, host, boot_id, started (process start time), supervisor"""
    RELEASED = "released"
    """epoch, reason: ended, paused, waiting, needs_attention, interrupted, recorded, or drained: a
    daemon ended, and the next one takes it up"""
    RESUMED = "resumed"
    """actor, from_step?, checkpoint?, skip_failed?, parameters?, playbook_changes?"""
    FORGOTTEN = "forgotten"
    """reason, and what no longer counts: `paths`? (each with all below it, but for what is within
    `keep`?), `reopen`? (of these steps only their deadlines and their ends), `requests`? (cancels,
    forced completion, the workflow's timeout), `since`? (all recorded after that position).
    `moved`? {old path: new path}: under which path something counts from now on"""
    FORCED = "forced"
    """path, status (skipped), reason, actor: the operator said how this step counts"""
    DECIDED = "decided"
    """subject, value. `undo`: a transaction is undone from here on; its value has because, steps
    (how many are to be undone), paths (of the first of them) and stopped? (the position of the
    input that stopped its body)"""
    STEP_STARTED = "step_started"
    """kind: a step that contains steps, or waits; `compensation`: what undoes a step begins"""
    ATTEMPT_STARTED = "attempt_started"
    """id, number, of (attempts in all), kind, label?, call (for display, secrets masked),
    secrets? (names of those that it is handed),
    call_digest, definition (digest), timeout?"""
    ATTEMPT_FINISHED = "attempt_finished"
    """id, number, status, exit_code?, output?, stdout?, stderr?, message?, started_at,
    finished_at, left_running?, survivors?, read_only?, timed_out?, excerpt?, written?, again?: it
    was stopped for a pause and is performed again, final: true if the step ends with it. Left-out
    keys have the default of `Outcome`"""
    STEP_FINISHED = "step_finished"
    """kind, status, message?, output?, handled?: a step whose last attempt was not its end.
    `inline`?: the outcome was found without a process, and this event is where it was decided"""
    TIMER_SET = "timer_set"
    """subject, at (epoch seconds) or after (seconds of running time, pauses not counted). A
    deadline is set again when its clock stops (`held`) and when it goes on, with what is left"""
    TIMER_FIRED = "timer_fired"
    """subject"""
    CLAIM_WAITING = "claim_waiting"
    """blockers: what is waited for, and who has it: [{lock or resource, workflow, step, since,
    shared?, waits?: it came first and waits itself}]"""
    CLAIMED = "claimed"
    """tokens {lock: fencing token}, resources?, waited (seconds). Once more after a pause or a
    resume if it had to be claimed again"""
    CLAIM_REFUSED = "claim_refused"
    """reason (conflict, deadlock, capacity), outcome (fail, skip), message"""
    CLAIM_RELEASED = "claim_released"
    """tokens, resources?"""
    LOCK_BROKEN = "lock_broken"
    """lock, token, actor, reason: somebody took a lock away from the step at this path"""
    RATE_WAITING = "rate_waiting"
    """limit: the name of what makes an attempt wait; until (epoch seconds)"""
    CHECKPOINT = "checkpoint"
    """id (CP-1 …), name, step?: a named position in the journal"""
    PAUSE_REQUESTED = "pause_requested"
    """actor, reason?, now, checkpoint (false, or the id that it will have), resume_at? (epoch
    seconds)"""
    PAUSED = "paused"
    """nothing runs any more"""
    UNPAUSED = "unpaused"
    """actor, automatic: true if the pause's own time was over"""
    CANCEL_REQUESTED = "cancel_requested"
    """actor, reason?, hard: true stops compensations and `finally` too"""
    WORKFLOW_TIMED_OUT = "workflow_timed_out"
    """the workflow's own deadline passed"""
    PARKED = "parked"
    """subject, message, choices: somebody must decide before this path goes on"""
    RESOLVED = "resolved"
    """subject, choice, actor"""
    APPROVAL_REQUESTED = "approval_requested"
    """message, approvers? (left out: anybody may), inputs (as declared), minimum, timeout?
    (seconds), on_timeout"""
    APPROVAL_GIVEN = "approval_given"
    """actor, inputs (typed), comment?, unowned?: nobody ran the workflow then, so it goes on when
    somebody does. The time of this event is when it was approved"""
    APPROVAL_REJECTED = "approval_rejected"
    """actor, reason?, unowned?"""
    EVENT_AWAITED = "event_awaited"
    """event and source? (patterns), filter? (as written), since (step, workflow)"""
    EVENT_RECEIVED = "event_received"
    """event: the whole of it, with id, source, type, subject, time, data"""
    PROGRESS = "progress"
    """percent"""
    WARNED = "warned"
    """message"""
    COMPLETION_REQUESTED = "completion_requested"
    """actor, reason?"""
    WORKFLOW_FINISHED = "workflow_finished"
    """state, error? {step, message, exit_code, timed_out}, outputs?"""


INPUTS = frozenset(
    {
        EventType.ATTEMPT_FINISHED,
        EventType.TIMER_FIRED,
        EventType.CLAIMED,
        EventType.CLAIM_REFUSED,
        EventType.CANCEL_REQUESTED,
        EventType.WORKFLOW_TIMED_OUT,
        EventType.RESOLVED,
        EventType.APPROVAL_GIVEN,
        EventType.APPROVAL_REJECTED,
        EventType.EVENT_RECEIVED,
        EventType.COMPLETION_REQUESTED,
    }
)

ACTIONS = frozenset(
    {
        EventType.WORKFLOW_CREATED,
        EventType.RESUMED,
        EventType.FORCED,
        EventType.LOCK_BROKEN,
        EventType.PAUSE_REQUESTED,
        EventType.UNPAUSED,
        EventType.CANCEL_REQUESTED,
        EventType.COMPLETION_REQUESTED,
        EventType.RESOLVED,
        EventType.APPROVAL_GIVEN,
        EventType.APPROVAL_REJECTED,
    }
)
"""What people and triggers do. Each has an `actor`, and if that is known `from`: host, pid,
terminal?, login?, sudo_user?, ssh? of the process that asked, and what a trigger knows (schedule
and slot; trigger with delivery and address, or with source and event); and `before`: {state}, but
for the first event."""


class Event(NamedTuple):
    """One line of the journal. `at` is seconds since the epoch; `path` is "" for the workflow."""

    seq: int
    at: float
    type: EventType
    path: str
    data: Mapping[str, Json]
