"""The state that events tell of: what runs beside something that waits for people counts."""

from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.state import fold

ASKED = {"message": "Go on?", "inputs": [], "minimum": 1, "on_timeout": "fail"}
STORY = (
    (EventType.WORKFLOW_CREATED, "", {"playbook": "p", "actor": "ada"}, State.QUEUED),
    (EventType.WORKFLOW_STARTED, "", {"actor": "ada"}, State.RUNNING),
    (EventType.STEP_STARTED, "spread", {"kind": "parallel"}, State.RUNNING),
    (EventType.STEP_STARTED, "spread/a/gate", {"kind": "approval"}, State.RUNNING),
    (EventType.APPROVAL_REQUESTED, "spread/a/gate", ASKED, State.WAITING),
    (EventType.ATTEMPT_STARTED, "spread/b/work", {"id": 6, "number": 1}, State.RUNNING),
    (EventType.ATTEMPT_FINISHED, "spread/b/work",
     {"id": 6, "status": "succeeded", "final": True}, State.WAITING),
    (EventType.APPROVAL_GIVEN, "spread/a/gate", {"actor": "ada", "inputs": {}}, State.RUNNING),
)  # fmt: skip


def test_a_step_that_runs_beside_an_approval_keeps_the_workflow_running() -> None:
    events = [Event(n, float(n), kind, path, data) for n, (kind, path, data, _) in
              enumerate(STORY, 1)]  # fmt: skip
    found = [fold(events[:count]).state for count in range(1, len(events) + 1)]
    assert found == [state for *_, state in STORY]
