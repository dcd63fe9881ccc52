"""The conformance suite of what workflows share: locks, capacity, places, rates, freezes.

Subclass `CoordinationContract` and give it a fixture `site`. Every run has an engine, and a thread,
of its own; steps are run for real, and tell what they do in a file.
"""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import pytest
from contract.holding import HOLDS, QUICK
from polling import PATIENCE, eventually

from orchestrate.errors import ConflictError, NotFoundError
from orchestrate.workflow.coordination import Coordination
from orchestrate.workflow.engine import Ended, Engine, NewWorkflow
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.rates import Limit

TAKES = """
name: takes
steps:
  - name: a
    resources: {cpu: AMOUNT}
    shell: |
      echo AMOUNT >> $ROOT/effects
      until test -e $ROOT/go; do sleep 0.05; done
"""
RUNS = """
name: runs
steps:
  - name: a
    shell: |
      echo begun >> $ROOT/effects
      until test -e $ROOT/go; do sleep 0.05; done
"""
GROUPED = RUNS.replace("name: runs", "name: runs\nconcurrency: {group: one, overlap: OVERLAP}", 1)


class Site(Protocol):
    """A place for workflows, with settings of its own."""

    root: Path

    def set(self, **settings: object) -> None:
        """`capacity`, `max_workflows`, `rate_limits`, `freezes`: of all engines made later."""

    def engine(self) -> Engine: ...

    def coordination(self, engine: Engine) -> Coordination: ...

    def new(self, text: str, **more: object) -> NewWorkflow: ...


class Run:
    """A workflow that runs in a thread, with an engine of its own."""

    def __init__(self, site: Site, new: NewWorkflow) -> None:
        self.id = ""
        self.seen: list[Event] = []
        self._ended: Ended | None = None
        self._error: BaseException | None = None
        self._made = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(site, new), daemon=True)
        self._thread.start()
        assert self._made.wait(PATIENCE)
        if self._error is not None:
            raise self._error

    def _run(self, site: Site, new: NewWorkflow) -> None:
        try:
            engine = site.engine()
            self.id, _ = engine.create(new)
            self._made.set()
            self._ended = engine.run(self.id, self.seen.append)
        except BaseException as error:
            self._error = error
        finally:
            self._made.set()

    @property
    def warnings(self) -> list[str]:
        """What whoever runs it was told."""
        return [str(e.data["message"]) for e in self.seen if e.type is EventType.WARNED]

    @property
    def state(self) -> State:
        """How it ended; waits until it did."""
        self._thread.join(PATIENCE)
        if self._error is not None:
            raise self._error
        assert self._ended is not None, f"{self.id} did not end"
        return self._ended.state


class CoordinationContract:
    """Given workflows that want the same, when they run, then this."""

    @pytest.fixture
    def site(self) -> Site:
        raise NotImplementedError

    @pytest.fixture
    def run(self, site: Site) -> Callable[..., Run]:
        return lambda text, **more: Run(site, site.new(text, **more))

    @pytest.fixture
    def shared(self, site: Site) -> Coordination:
        return site.coordination(site.engine())

    def waiting(self, shared: Coordination, count: int) -> None:
        eventually(lambda: len(shared.queued()) == count)

    def lines(self, site: Site) -> list[str]:
        path = site.root / "effects"
        return path.read_text().splitlines() if path.exists() else []

    def begun(self, site: Site, count: int) -> None:
        eventually(lambda: len(self.lines(site)) >= count)

    def go(self, site: Site) -> None:
        (site.root / "go").touch()

    # Locks

    def test_holders_take_turns_in_order_and_tokens_rise(self, site, run, shared):
        first = run(HOLDS)
        self.begun(site, 1)
        second = run(QUICK)
        self.waiting(shared, 1)
        third = run(QUICK)
        self.waiting(shared, 2)
        (lock,) = shared.locks()["locks"]
        assert [(h["workflow"], h["step"], h["token"]) for h in lock["held_by"]] == [
            (first.id, "a", 1)
        ]
        assert [w["workflow"] for w in lock["waiting"]] == [second.id, third.id]
        assert [b["workflow"] for b in lock["waiting"][0]["for"]] == [first.id]
        assert site.engine().waits()[second.id]["a"][0]["lock"] == "db"
        self.go(site)
        assert [each.state for each in (first, second, third)] == [State.SUCCEEDED] * 3
        assert self.lines(site) == ["in 1", "out 1", "in 2", "out 2", "in 3", "out 3"]
        eventually(lambda: shared.locks()["locks"] == [])

    def test_a_lock_is_shared_by_those_who_share_it(self, site, run, shared):
        text = HOLDS.replace("[db]", "[{name: db, shared: true}]")
        both = [run(text), run(text)]
        self.begun(site, 2)
        alone = run(QUICK)
        self.waiting(shared, 1)
        self.go(site)
        assert {each.state for each in (*both, alone)} == {State.SUCCEEDED}
        assert self.lines(site)[-2:] == ["in 3", "out 3"]

    @pytest.mark.parametrize(
        ("how", "state"),
        [
            ("on_conflict: fail", State.FAILED),
            ("on_conflict: skip", State.SUCCEEDED),
            ("wait: 0.2", State.FAILED),
            ("wait: 0.2, on_conflict: skip", State.SUCCEEDED),
        ],
    )
    def test_what_is_not_waited_for_fails_or_is_skipped(self, site, run, how, state):
        holder = run(HOLDS)
        self.begun(site, 1)
        assert run(QUICK.replace("[db]", f"[{{name: db, {how}}}]")).state is state
        self.go(site)
        assert holder.state is State.SUCCEEDED
        assert self.lines(site) == ["in 1", "out 1"]

    def test_a_playbook_holds_its_lock_around_its_steps_and_they_have_its_token(self, site, run):
        text = QUICK.replace("name: holds", "name: holds\nlocks: [db]", 1)
        assert run(text).state is State.SUCCEEDED
        assert run(text).state is State.SUCCEEDED
        assert self.lines(site) == ["in 1", "out 1", "in 2", "out 2"]

    def test_the_most_urgent_comes_first(self, site, run, shared):
        holder = run(HOLDS)
        self.begun(site, 1)
        others: list[Run] = []
        for count, priority in enumerate(("low", "normal", "critical"), 1):
            others.append(run(f"priority: {priority}\n{QUICK}"))
            self.waiting(shared, count)
        (lock,) = shared.locks()["locks"]
        expected = [others[2].id, others[1].id, others[0].id]
        assert [one["workflow"] for one in lock["waiting"]] == expected
        self.go(site)
        assert {each.state for each in (holder, *others)} == {State.SUCCEEDED}

    def test_whoever_is_cancelled_waits_no_more_and_gives_back(self, site, run, shared):
        holder = run(HOLDS)
        self.begun(site, 1)
        waiter = run(QUICK)
        self.waiting(shared, 1)
        last = run(QUICK)
        self.waiting(shared, 2)
        site.engine().cancel(waiter.id, actor="tester")
        assert waiter.state is State.CANCELLED
        site.engine().cancel(holder.id, actor="tester")
        assert [holder.state, last.state] == [State.CANCELLED, State.SUCCEEDED]

    def test_a_lock_that_is_taken_away_goes_to_the_next_and_is_in_the_journal(
        self, site, run, shared
    ):
        holder = run(HOLDS)
        self.begun(site, 1)
        waiter = run(QUICK)
        self.waiting(shared, 1)
        with pytest.raises(NotFoundError, match="nobody holds the lock dc"):
            shared.release_lock("dc", actor="tester", reason="typo")
        (taken,) = shared.release_lock("db", actor="tester", reason="stuck")
        assert (taken["workflow"], taken["step"]) == (holder.id, "a")
        assert waiter.state is State.SUCCEEDED
        self.go(site)
        assert holder.state is State.SUCCEEDED
        journal = site.engine().events(holder.id)
        broken = [event for event in journal if event.type is EventType.LOCK_BROKEN]
        assert [(e.path, e.data["lock"], e.data["reason"]) for e in broken] == [
            ("a", "db", "stuck")
        ]

    def test_two_that_wait_for_each_other_are_told_apart(self, site, run, shared):
        def crossed(first: str, second: str) -> str:
            return f"""
name: crossed
locks: [{first}]
steps:
  - name: mark
    shell: "echo {first} >> $ROOT/effects; until test -e $ROOT/go; do sleep 0.05; done"
  - {{name: other, locks: [{second}], command: echo there}}
"""

        one, other = run(crossed("x", "y")), run(crossed("y", "x"))
        self.begun(site, 2)
        self.go(site)
        assert sorted([one.state, other.state]) == [State.FAILED, State.SUCCEEDED]

    def test_a_paused_workflow_keeps_its_locks_and_gives_its_capacity(self, site, run, shared):
        site.set(capacity={"cpu": 2})
        text = """
name: paused
locks: [db]
resources: {cpu: 2}
steps:
  - {name: one, shell: "echo one >> $ROOT/effects; until test -e $ROOT/go; do sleep 0.05; done"}
  - {name: two, shell: "echo two >> $ROOT/effects"}
"""
        paused = run(text)
        self.begun(site, 1)
        engine = site.engine()
        engine.pause(paused.id, actor="tester")
        self.go(site)
        eventually(lambda: engine.get(paused.id).state is State.PAUSED)
        assert run(TAKES.replace("AMOUNT", "2")).state is State.SUCCEEDED
        shared = site.coordination(engine)
        assert [h["workflow"] for h in shared.locks()["locks"][0]["held_by"]] == [paused.id]
        from orchestrate.workflow.engine import ResumeOptions

        engine.resume(paused.id, ResumeOptions(actor="tester"))
        assert paused.state is State.SUCCEEDED
        assert self.lines(site) == ["one", "2", "two"]

    # Capacity

    def test_capacity_is_never_exceeded(self, site, run):
        site.set(capacity={"cpu": 3})
        big = run(TAKES.replace("AMOUNT", "2"))
        self.begun(site, 1)
        other = run(TAKES.replace("AMOUNT", "2"))
        shared = site.coordination(site.engine())
        self.waiting(shared, 1)
        pools = {pool.name: (pool.used, pool.there) for pool in shared.pools()}
        assert pools["cpu"] == (2, 3)
        assert [(w.workflow, w.reason) for w in shared.queued()] == [(other.id, "a: waits for cpu")]
        self.go(site)
        assert [big.state, other.state] == [State.SUCCEEDED] * 2

    def test_more_than_there_is_fails_the_step(self, site, run):
        site.set(capacity={"cpu": 3})
        assert run(TAKES.replace("AMOUNT", "4")).state is State.FAILED
        assert self.lines(site) == []

    # Places

    def test_only_so_many_run_at_once_and_the_most_urgent_is_next(self, site, run):
        site.set(max_workflows=1)
        first = run(RUNS)
        self.begun(site, 1)
        engine = site.engine()
        shared = site.coordination(engine)
        low = run(RUNS, priority="low")
        self.waiting(shared, 1)
        high = run(RUNS, priority="high")
        self.waiting(shared, 2)
        assert [one.workflow for one in shared.queued()] == [high.id, low.id]
        assert engine.get(low.id).state is State.QUEUED
        reason = "1 workflow runs or comes first, as many as may run at once"
        eventually(lambda: engine.get(low.id).reason == reason)
        eventually(lambda: low.warnings == [f"queued: {reason}"])
        self.go(site)
        assert [each.state for each in (first, low, high)] == [State.SUCCEEDED] * 3
        summaries = [engine.get(each.id) for each in (first, high, low)]
        spans = [(one.started_at, one.finished_at) for one in summaries]
        assert spans[0][1] <= spans[1][0] <= spans[1][1] <= spans[2][0]

    def test_a_queued_one_is_cancelled_and_is_in_nobodys_way(self, site, run):
        site.set(max_workflows=1)
        first = run(RUNS)
        self.begun(site, 1)
        shared = site.coordination(site.engine())
        second = run(RUNS)
        self.waiting(shared, 1)
        third = run(RUNS)
        self.waiting(shared, 2)
        site.engine().cancel(second.id, actor="tester")
        assert second.state is State.CANCELLED
        self.go(site)
        assert [first.state, third.state] == [State.SUCCEEDED] * 2

    def test_a_paused_one_leaves_its_place_and_goes_on_when_there_is_one(self, site, run):
        site.set(max_workflows=1)
        steps = 'name: b\n    shell: "echo b >> $ROOT/effects"'
        paused = run(f"{RUNS}  - {steps}\n")
        self.begun(site, 1)
        engine = site.engine()
        engine.pause(paused.id, actor="tester")
        self.go(site)
        eventually(lambda: engine.get(paused.id).state is State.PAUSED)
        (site.root / "go").unlink()
        other = run(RUNS)
        self.begun(site, 2)
        from orchestrate.workflow.engine import ResumeOptions

        engine.resume(paused.id, ResumeOptions(actor="tester"))
        eventually(lambda: engine.get(paused.id).state is State.PAUSED)
        assert self.lines(site) == ["begun", "begun"]
        self.go(site)
        assert [other.state, paused.state] == [State.SUCCEEDED] * 2
        assert self.lines(site) == ["begun", "begun", "b"]

    # Groups

    def test_of_a_group_that_queues_one_follows_the_other(self, site, run):
        text = GROUPED.replace("OVERLAP", "queue")
        first = run(text, group="one")
        self.begun(site, 1)
        second = run(text, group="one")
        engine = site.engine()
        reason = f"{first.id} of the group one is not over"
        eventually(lambda: engine.get(second.id).reason == reason)
        other = run(text, group="other")
        self.begun(site, 2)
        self.go(site)
        assert [each.state for each in (first, second, other)] == [State.SUCCEEDED] * 3

    def test_of_a_group_that_skips_a_second_one_is_not_made(self, site, run):
        text = GROUPED.replace("OVERLAP", "skip")
        first = run(text, group="one")
        self.begun(site, 1)
        with pytest.raises(ConflictError, match=f"{first.id} .* of the group one is not over"):
            run(text, group="one")
        self.go(site)
        assert first.state is State.SUCCEEDED
        eventually(lambda: self.made(run, text))

    def made(self, run: Callable[..., Run], text: str) -> bool:
        try:
            return run(text, group="one").state is State.SUCCEEDED
        except ConflictError:
            return False  # that the first one is over has not arrived yet

    def test_of_a_group_that_cancels_the_newest_stays(self, site, run):
        text = GROUPED.replace("OVERLAP", "cancel_previous")
        first = run(text, group="one")
        self.begun(site, 1)
        second = run(text, group="one")
        assert first.state is State.CANCELLED
        self.begun(site, 2)
        self.go(site)
        assert second.state is State.SUCCEEDED
        reason = site.engine().get(first.id).reason
        assert f"superseded by {second.id}" in reason

    def test_of_a_group_that_allows_all_run(self, site, run):
        text = GROUPED.replace("OVERLAP", "allow")
        both = [run(text, group="one"), run(text, group="one")]
        self.begun(site, 2)
        self.go(site)
        assert {each.state for each in both} == {State.SUCCEEDED}

    # Freezes and holds

    def test_what_is_frozen_is_refused_or_waits_or_goes_past(self, site, run):
        site.set(freeze=("release", time.time() - 10, time.time() + 3600))
        with pytest.raises(ConflictError, match="no new workflows begin: frozen by release until"):
            run(QUICK, waits=False)
        past = run(QUICK, waits=False, overrides={"freeze": "urgent"})
        assert past.state is State.SUCCEEDED
        waiter = run(QUICK)
        engine = site.engine()
        eventually(lambda: engine.get(waiter.id).reason.startswith("frozen by release"))
        engine.cancel(waiter.id, actor="tester")
        assert waiter.state is State.CANCELLED

    def test_a_freeze_that_ends_lets_those_begin_that_wait(self, site, run):
        site.set(freeze=("short", time.time() - 10, time.time() + 3))
        assert run(QUICK).state is State.SUCCEEDED

    def test_while_new_workflows_are_held_they_wait(self, site, run, shared):
        assert shared.held() is None
        shared.hold(actor="tester", reason="audit")
        held = shared.held()
        assert held is not None
        assert (held.actor, held.reason, held.since <= time.time()) == ("tester", "audit", True)
        with pytest.raises(ConflictError, match="tester holds all new workflows already: audit"):
            shared.hold(actor="other", reason="")
        waiter = run(QUICK)
        engine = site.engine()
        eventually(lambda: engine.get(waiter.id).reason == "tester holds all new workflows: audit")
        assert shared.unhold(actor="tester") == "audit"
        assert waiter.state is State.SUCCEEDED
        assert shared.held() is None
        with pytest.raises(ConflictError, match="nobody holds new workflows"):
            shared.unhold(actor="tester")

    def test_a_playbook_must_have_succeeded_elsewhere_before(self, site, run):
        text = f"require_success_in: [staging]\n{QUICK}"
        with pytest.raises(ConflictError, match="has not succeeded in staging"):
            run(text, environment="production")
        past = run(text, environment="production", overrides={"required_success": "urgent"})
        assert past.state is State.SUCCEEDED
        assert run(text, environment="staging").state is State.SUCCEEDED
        assert run(text, environment="production").state is State.SUCCEEDED

    # Rates

    def test_a_command_is_called_as_often_as_its_limit_says(self, site, run):
        site.set(rate_limits=(Limit("sh", (("sh",),), 1, 1.0),))
        steps = "".join(
            f"  - {{name: s{n}, command: \"sh -c 'date +%s.%N >> $ROOT/effects'\"}}\n"
            for n in range(3)
        )
        ended = run(f"name: limited\nsteps:\n{steps}")
        assert ended.state is State.SUCCEEDED
        at = [float(line) for line in self.lines(site)]
        journal = site.engine().events(ended.id)
        # On a machine that is slow enough nothing has to wait.
        until = {e.path: e.data["until"] for e in journal if e.type is EventType.RATE_WAITING}
        assert until.keys() <= {"s1", "s2"}
        for number, moment in enumerate(at):
            assert moment >= until.get(f"s{number}", 0.0) - 0.1
        assert len(until) < 2 or until["s2"] - until["s1"] >= 0.9

    def test_how_long_a_playbook_takes_is_known_from_the_last_ones(self, site, run, shared):
        assert shared.usual_duration("holds") is None
        assert run(QUICK).state is State.SUCCEEDED
        took = eventually(lambda: shared.usual_duration("holds"))
        assert 0 < took < 60


def windows(freeze: object) -> Mapping[str, object]:
    """A freeze as `FreezeWindow` has it."""
    name, start, end = freeze  # pyright: ignore
    return {
        "name": name, "start": start, "end": end, "cron": None, "duration": 0.0, "zone": None,
        "environments": None, "allow_priority": None,
    }  # fmt: skip
