"""Which keys of a `wait` go together."""

from collections.abc import Sequence

_ENDS = ("duration", "until", "event")
_OF_UNTIL = ("command", "shell", "interval")
_OF_EVENT = ("source", "filter", "since", "on_timeout")
NOTHING = ("", "")


def misfit(keys: frozenset[str], called: Sequence[str]) -> tuple[str, str]:
    """What is wrong and what to do about it. `called`: which of `command` and `shell` are there."""
    ends = [key for key in _ENDS if key in keys]
    if len(ends) != 1:
        return (
            "a wait has one of `duration`, `until` and `event`",
            "such as `duration: 10s`, or `event: build-finished`",
        )
    if len(called) > 1:
        return "a wait has either `command` or `shell`", "join them in one `shell:`"
    if ends != ["until"] and not keys.isdisjoint(_OF_UNTIL):
        return (
            "`command`, `shell` and `interval` of a wait belong to `until`",
            "remove them, or wait `until` a condition holds",
        )
    of_event = next((key for key in _OF_EVENT if key in keys), None)
    if ends != ["event"] and of_event is not None:
        return (
            f"`{of_event}` of a wait belongs to `event`",
            "remove it, or wait for an `event`",
        )
    if "on_timeout" in keys and "timeout" not in keys:
        return WITHOUT_TIMEOUT
    return NOTHING


WITHOUT_TIMEOUT = (
    "`on_timeout` says what comes of `timeout`, and there is none",
    "add `timeout:`, or remove the key",
)
