"""Control in any interleaving, on a real store with real processes, against a small model.

The model knows only what was accepted: how many pauses, ends of pauses, cancels and completions.
After every rule the journal must be legal (see `World.check`), and nothing that was accepted may be
missing from it. `STORM=full` plays ten times as many.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

from control.others import GATE
from control.world import World, tail
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from polling import eventually

from orchestrate.workflow.events import EventType
from orchestrate.workflow.outcomes import State

FULL = os.environ.get("STORM") == "full"
FOR_EVER = 3600.0
SOON = 0.05
ENDED = frozenset((State.SUCCEEDED, State.FAILED, State.CANCELLED, State.COMPLETED))

PAUSES = st.fixed_dictionaries(
    {
        "now": st.booleans(),
        "checkpoint": st.booleans(),
        "resume_after": st.sampled_from([None, SOON, FOR_EVER]),
    }
)
VERBS = st.one_of(
    st.tuples(st.just("pause"), PAUSES),
    st.tuples(st.just("resume"), st.just({})),
    st.tuples(st.just("resume"), st.sampled_from([{"unknown": c} for c in ("rerun", "skip")])),
    st.tuples(st.just("cancel"), st.just({})),
    st.tuples(st.just("complete"), st.just({})),
    st.tuples(st.sampled_from(["approve", "approve", "reject"]), st.just({"path": GATE})),
)


class Control(RuleBasedStateMachine):
    world: World

    @initialize(
        timeout=st.sampled_from([None, None, None, 0.4]),
        patience=st.sampled_from([None, SOON, FOR_EVER]),
        on_timeout=st.sampled_from(["fail", "reject", "continue"]),
    )
    def begin(self, timeout: float | None, patience: float | None, on_timeout: str) -> None:
        root = Path(tempfile.mkdtemp(prefix="orchestrate-control-"))
        self.world = World(root, timeout, patience, on_timeout)
        self.accepted = {"pause": 0, "cancel": 0, "complete": 0, "approve": 0, "reject": 0}
        first = self.world.begin("run")
        assert self.world.settle(first)
        eventually(lambda: self.world.held() or self.owner() is None, "the first step")

    def took(self, verb: str, said: dict[str, Any]) -> None:
        """Count what was accepted; a refusal is a conflict, never anything else."""
        if "refused" in said:
            unasked = ("not-found",) if verb in ("approve", "reject") else ()
            assert said["refused"] in ("conflict", "stale-owner", *unasked), said
        elif verb in self.accepted:
            self.accepted[verb] += 1

    @rule(asked=VERBS)
    def ask(self, asked: tuple[str, dict[str, Any]]) -> None:
        verb, more = asked
        self.took(verb, self.world.settle(self.world.begin(verb, **more)))

    @rule(one=VERBS, other=VERBS)
    def ask_at_once(
        self, one: tuple[str, dict[str, Any]], other: tuple[str, dict[str, Any]]
    ) -> None:
        started = [(verb, self.world.begin(verb, **more)) for verb, more in (one, other)]
        for verb, pid in started:
            self.took(verb, self.world.settle(pid))

    @rule(code=st.sampled_from([0, 0, 3]))
    def a_step_ends(self, code: int) -> None:
        held = self.world.held()
        if held:
            self.world.end_step(held[0][0], code)

    @rule(asked=VERBS, code=st.sampled_from([0, 0, 3]))
    def a_step_ends_while_somebody_asks(self, asked: tuple[str, dict[str, Any]], code: int) -> None:
        verb, more = asked
        pid = self.world.begin(verb, **more)
        self.a_step_ends(code)
        self.took(verb, self.world.settle(pid))

    @rule()
    def nobody_knows_how_a_step_ended(self) -> None:
        held = self.world.held()
        if held:
            self.world.lose(held[0][1])

    def owner(self) -> int | None:
        row = self.world.row()
        return row.owner.pid if row.owned and row.owner is not None else None

    @rule()
    def the_owner_dies(self) -> None:
        pid = self.owner()
        if pid is not None:
            self.world.kill(pid)

    @rule(asked=VERBS)
    def the_owner_dies_while_somebody_asks(self, asked: tuple[str, dict[str, Any]]) -> None:
        verb, more = asked
        pid = self.owner()
        other = self.world.begin(verb, **more)
        if pid is not None:
            self.world.kill(pid)
        self.took(verb, self.world.settle(other))

    @rule()
    def a_pause_ends_by_itself(self) -> None:
        eventually(lambda: not self.due() or self.owner() is None, "the automatic end of the pause")

    # The lock, which somebody else holds at first

    @rule()
    def the_lock_is_given_back(self) -> None:
        self.world.holder.give_back()

    @rule()
    def the_process_of_the_holder_dies(self) -> None:
        self.world.holder.die()

    @rule()
    def the_lock_is_taken_away(self) -> None:
        self.world.holder.is_robbed()

    def due(self) -> bool:
        """Whether the workflow is paused for a moment only."""
        summary = self.world.row().summary
        return (
            summary.state is State.PAUSED
            and summary.resume_at is not None
            and summary.resume_at < summary.created_at + FOR_EVER / 2
        )

    @invariant()
    def the_journal_is_legal(self) -> None:
        if hasattr(self, "world"):
            self.world.check()

    @invariant()
    def nothing_that_was_accepted_is_lost(self) -> None:
        if not hasattr(self, "world"):
            return
        _, events, pending = self.world.look()
        assert pending == 0
        for verb, kind in (
            ("pause", EventType.PAUSE_REQUESTED),
            ("cancel", EventType.CANCEL_REQUESTED),
            ("complete", EventType.COMPLETION_REQUESTED),
            ("approve", EventType.APPROVAL_GIVEN),
            ("reject", EventType.APPROVAL_REJECTED),
        ):
            assert sum(event.type is kind for event in events) == self.accepted[verb], verb

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        world = self.world
        try:
            for _ in range(3):  # an end, then a hard one, then whatever a killed owner left
                if world.row().summary.state in ENDED:
                    break
                self.took("cancel", world.settle(world.begin("cancel")))
                eventually(
                    lambda: world.row().summary.state in ENDED or self.owner() is None,
                    f"the end of the workflow: {tail(world.look()[1])}",
                )
            assert world.final
            world.check()
            eventually(lambda: not world.held(), "the end of all steps")
        finally:
            world.close()


TestControl = Control.TestCase
TestControl.settings = settings(
    max_examples=200 if FULL else 15,
    stateful_step_count=10,
    deadline=None,
    phases=(Phase.generate,),  # real processes do not repeat themselves: nothing to shrink
    report_multiple_bugs=False,
    database=None,
    suppress_health_check=list(HealthCheck),
)
