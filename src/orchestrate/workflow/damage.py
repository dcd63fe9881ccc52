"""Events that do not say what events of their kind say: a disk, or somebody, has changed them."""

from orchestrate.errors import StoreError
from orchestrate.workflow.events import Event

DAMAGE = (LookupError, TypeError, ValueError, AttributeError, AssertionError)
"""What comes of reading an event that lacks something, or has something else in its place."""


def damaged(event: Event, reason: Exception) -> StoreError:
    """The error for whoever reads on."""
    return StoreError(
        f"event {event.seq} ({event.type} of `{event.path}`) is damaged: {reason!r:.100}",
        hint="`orchestrate audit verify` names what was changed; restore a backup with "
        "`orchestrate state restore FILE`.",
    )
