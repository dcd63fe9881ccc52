"""The part of the port `Runtime` that is about events: what a host must do for steps that wait.

Subclass `EventSuite` beside `RuntimeSuite` and give it, besides `host`, a fixture `emit`, which
gives an event to the host.
"""

from collections.abc import Callable, Mapping

from contract.runtime import Host, RuntimeSuite

from orchestrate.playbook.plan import Json
from orchestrate.workflow.events import EventType
from orchestrate.workflow.execution import Execution
from orchestrate.workflow.outcomes import State

Emit = Callable[[Execution, Mapping[str, Json]], None]


def event(identity: str, kind: str = "go", source: str = "here", **data: Json) -> dict[str, Json]:
    return {"id": identity, "type": kind, "source": source, "subject": None, "time": None,
            "data": data}  # fmt: skip


class EventSuite(RuntimeSuite):
    """Every test runs one workflow."""

    def received(self, host: Host) -> dict[str, Json]:
        """Path -> id of the event that the step there got."""
        return {
            e.path: e.data["event"]["id"]  # type: ignore[index,call-overload]
            for e in host.journal()
            if e.type is EventType.EVENT_RECEIVED
        }

    def test_the_first_event_that_fits_is_taken(self, host: Host, emit: Emit) -> None:
        wait = 'event: "go-*", source: "h*", filter: "${event.data.n} > 1"'
        execution = self.start(host, f"steps: [{{name: a, type: wait, {wait}}}]")
        emit(execution, event("1", "come"))
        emit(execution, event("2", "go-on", "there", n=2))
        emit(execution, event("3", "go-on", n=1))
        emit(execution, event("4", "go-on", n=2))
        emit(execution, event("5", "go-on", n=2))
        assert self.finish(host, execution) is State.SUCCEEDED
        assert self.received(host) == {"a": "4"}

    def test_all_that_wait_get_the_event(self, host: Host, emit: Emit) -> None:
        branches = ", ".join(
            f"{{name: {name}, steps: [{{name: a, type: wait, event: go}}]}}" for name in "lr"
        )
        execution = self.start(
            host, f"steps: [{{name: p, type: parallel, branches: [{branches}]}}]"
        )
        emit(execution, event("1"))
        assert self.finish(host, execution) is State.SUCCEEDED
        assert self.received(host) == {"p/l/a": "1", "p/r/a": "1"}

    def test_what_came_before_the_wait_counts_only_since_the_workflow(
        self, host: Host, emit: Emit
    ) -> None:
        execution = self.start(
            host,
            """
steps:
  - {name: first, type: wait, event: begin}
  - {name: since, type: wait, event: go, since: workflow}
  - {name: fresh, type: wait, event: go}
""",
        )
        emit(execution, event("1"))
        emit(execution, event("2", "begin"))
        self.until(host, execution, EventType.EVENT_RECEIVED)
        host.drive(execution, lambda: "since" in self.received(host))
        emit(execution, event("3"))
        assert self.finish(host, execution) is State.SUCCEEDED
        assert self.received(host) == {"first": "2", "since": "1", "fresh": "3"}

    def test_a_wait_that_is_over_is_told_nothing(self, host: Host, emit: Emit) -> None:
        execution = self.start(
            host,
            "steps: [{name: a, type: wait, event: go, timeout: 0.05, continue_on_error: true}]",
        )
        assert self.finish(host, execution) is State.SUCCEEDED
        emit(execution, event("1"))
        assert self.received(host) == {}
