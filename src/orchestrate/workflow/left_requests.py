"""What was asked of a workflow while nobody ran it, or of a process that died before it was done:
it is in the journal, and waits until somebody takes the workflow up.
"""

from typing import NamedTuple

from orchestrate.playbook.plan import Json
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.moments import rfc3339

_VERBS = {
    EventType.APPROVAL_GIVEN: "approve",
    EventType.APPROVAL_REJECTED: "reject",
    EventType.PAUSE_REQUESTED: "pause",
    EventType.CANCEL_REQUESTED: "cancel",
    EventType.COMPLETION_REQUESTED: "complete",
}
_ANSWERS = ("approve", "reject")
_PAUSE_OVER = frozenset({EventType.PAUSED, EventType.UNPAUSED})


class LeftRequest(NamedTuple):
    """Something that was asked for. `verb` is that of the command line."""

    verb: str
    path: str
    actor: str
    at: float
    unowned: bool
    """Nobody ran the workflow then."""

    def command(self, workflow: str) -> str:
        """What has it taken up. To resume means to go on without a pause that has not come."""
        if self.verb == "pause":
            return "orchestrate serve"
        return f"orchestrate resume --workflow {workflow}"

    def to_json(self, workflow: str) -> dict[str, Json]:
        """As in `status --json`."""
        return {
            "request": self.verb,
            "path": self.path,
            "actor": self.actor,
            "at": rfc3339(self.at),
            "command": self.command(workflow),
        }


class LeftRequests:
    """A fold over events; those of approvals only if they decide it."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], LeftRequest] = {}

    def apply(self, event: Event) -> None:
        """Take one of the events that are of interest."""
        if event.type is EventType.WORKFLOW_FINISHED:
            self._known.clear()
        elif event.type is EventType.RESUMED:  # the others go on under whoever took it up
            self._known = {key: one for key, one in self._known.items() if one.verb not in _ANSWERS}
        elif event.type in _PAUSE_OVER:
            self._known.pop(("pause", ""), None)
        else:
            verb, actor = _VERBS[event.type], str(event.data.get("actor", ""))
            unowned = bool(event.data.get("unowned"))
            self._known[verb, event.path] = LeftRequest(verb, event.path, actor, event.at, unowned)

    def of(self, *, owner_lost: bool) -> tuple[LeftRequest, ...]:
        """Those that wait. `owner_lost`: nobody runs the workflow, though it is to run."""
        return tuple(one for one in self._known.values() if one.unowned or owner_lost)
