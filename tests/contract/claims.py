"""The conformance suite of the port `Runtime` for what a workflow claims: its own steps want the
same. What several workflows share is in `coordination.py`.

Subclass `ClaimSuite` with the fixture `host` of `RuntimeSuite`.
"""

from contract.runtime import Host, RuntimeSuite

from orchestrate.workflow.events import EventType
from orchestrate.workflow.outcomes import State

BOTH = """
steps:
  - type: parallel
    branches:
      - {name: left, steps: [{name: a, locks: [LEFT], command: "<succeed>"}]}
      - {name: right, steps: [{name: b, locks: [RIGHT], command: "<succeed>"}]}
"""
_CLAIMS = (EventType.CLAIMED, EventType.CLAIM_RELEASED, EventType.CLAIM_REFUSED)


class ClaimSuite(RuntimeSuite):
    """Every test runs one workflow."""

    def claims(self, host: Host) -> list[tuple[str, str]]:
        """What was claimed, given back and refused, in order, by the last part of its path."""
        return [
            (str(event.type), event.path.rpartition("/")[2])
            for event in host.journal()
            if event.type in _CLAIMS
        ]

    def test_steps_that_want_the_same_lock_have_it_in_turn(self, host: Host) -> None:
        text = BOTH.replace("LEFT", "db").replace("RIGHT", "db")
        execution = self.start(host, text)
        assert self.finish(host, execution) is State.SUCCEEDED
        assert self.claims(host) == [
            ("claimed", "a"), ("claim_released", "a"), ("claimed", "b"), ("claim_released", "b"),
        ]  # fmt: skip

    def test_fencing_tokens_rise_with_each_holder(self, host: Host) -> None:
        text = BOTH.replace("LEFT", "db").replace("RIGHT", "db")
        self.finish(host, self.start(host, text))
        events = [event for event in host.journal() if event.type is EventType.CLAIMED]
        first, second = (event.data["tokens"] for event in events)
        assert isinstance(first, dict)
        assert isinstance(second, dict)
        assert 0 < first["db"] < second["db"]

    def test_different_locks_keep_nobody_waiting(self, host: Host) -> None:
        text = BOTH.replace("LEFT", "one").replace("RIGHT", "two")
        execution = self.start(host, text)
        assert self.finish(host, execution) is State.SUCCEEDED
        types = [event.type for event in host.journal()]
        assert EventType.CLAIM_WAITING not in types

    def test_a_lock_that_is_not_waited_for_is_refused_while_somebody_has_it(
        self, host: Host
    ) -> None:
        text = BOTH.replace("LEFT", "db").replace("RIGHT", "{name: db, on_conflict: skip}")
        text = text.replace('"<succeed>"', '"<hang>"', 1)
        execution = self.start(host, text)
        self.until(host, execution, EventType.CLAIM_REFUSED)
        execution.cancel(actor="tester")
        assert self.finish(host, execution) is State.CANCELLED
        assert self.claims(host) == [
            ("claimed", "a"), ("claim_refused", "b"), ("claim_released", "a"),
        ]  # fmt: skip

    def test_a_lock_is_had_by_all_who_share_it(self, host: Host) -> None:
        shared = "{name: db, shared: true}"
        text = BOTH.replace("LEFT", shared).replace("RIGHT", shared)
        execution = self.start(host, text)
        assert self.finish(host, execution) is State.SUCCEEDED
        types = [event.type for event in host.journal()]
        assert EventType.CLAIM_WAITING not in types
