"""The one table of legal changes of a workflow's state. Drawn in docs/states.md."""

from collections.abc import Mapping

from orchestrate.workflow.outcomes import State

_ENDS: frozenset[State] = frozenset(
    (
        State.SUCCEEDED,
        State.FAILED,
        State.CANCELLED,
        State.COMPLETED,
        State.NEEDS_ATTENTION,
    )
)

TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.QUEUED: frozenset((State.RUNNING, State.CANCELLED, State.COMPLETED)),
    State.RUNNING: frozenset((State.PAUSED, State.WAITING)) | _ENDS,
    State.PAUSED: frozenset((State.RUNNING, State.WAITING)) | _ENDS,
    State.WAITING: frozenset((State.RUNNING, State.PAUSED)) | _ENDS,
    State.NEEDS_ATTENTION: frozenset((State.RUNNING, State.PAUSED))
    | _ENDS - {State.NEEDS_ATTENTION},
    State.SUCCEEDED: frozenset((State.RUNNING,)),
    State.FAILED: frozenset((State.RUNNING,)),
    State.CANCELLED: frozenset((State.RUNNING,)),
    State.COMPLETED: frozenset((State.RUNNING,)),
}
"""From each state those that can follow. Out of a final state only a resume leads, to running. A
paused workflow can end by itself: what ran, or a wait, was the last of it."""

FINAL = frozenset((State.SUCCEEDED, State.FAILED, State.CANCELLED, State.COMPLETED))
"""States in which nothing is left to do. A workflow that needs attention may have ended or may
wait for a decision."""


def is_legal(before: State, after: State) -> bool:
    """Whether a workflow may go from `before` to `after`."""
    return before is after or after in TRANSITIONS[before]
