"""Locks between processes: never held twice, no waiter forgotten, tokens that only rise."""

import json
import os
import signal
from itertools import pairwise

import pytest
from contract.holding import HOLDS, QUICK, check_effects
from embedded.conftest import Project
from polling import eventually
from this_year import YEAR

from orchestrate.embedded.coordination import StoredCoordination
from orchestrate.workflow.events import EventType
from orchestrate.workflow.outcomes import State


def end(process) -> dict[str, object]:
    return json.loads(process.communicate(timeout=120)[0].splitlines()[-1])


def began(project: Project, count: int) -> None:
    eventually(lambda: len(project.lines("effects")) >= count)


def shared(engine) -> StoredCoordination:
    return StoredCoordination(engine, {}, None)


def waiting(engine, count: int) -> None:
    query = "SELECT count(*) FROM claims WHERE state = 'waiting'"
    eventually(lambda: engine.store.read(query) == [(count,)])


def first(engine) -> str:
    return engine.store.read("SELECT id FROM workflows ORDER BY number")[0][0]


def check_history(engine) -> None:
    """In the journals of all workflows together, no lock was granted before it was given back."""
    spans: list[tuple[float, float, int]] = []
    for number, at, data in engine.store.read(
        "SELECT workflow, at, data FROM events WHERE type = 'claimed' ORDER BY at"
    ):
        over = engine.store.read(
            "SELECT at FROM events WHERE type = 'claim_released' AND workflow = ?", (number,)
        )
        spans.append((at, over[0][0], json.loads(data)["tokens"]["db"]))
    spans.sort(key=lambda span: span[2])
    for before, after in pairwise(spans):
        assert before[1] <= after[0], (before, after)


def test_twenty_processes_take_turns(project):
    engine = project.engine()
    processes = [project.start(QUICK) for _ in range(20)]
    assert {end(process)["state"] for process in processes} == {"succeeded"}
    assert check_effects(project.lines("effects")) == list(range(1, 21))
    check_history(engine)
    assert engine.store.read("SELECT count(*) FROM claims") == [(0,)]


def test_the_death_of_an_engine_frees_nothing_and_a_resume_keeps_the_token(project):
    engine = project.engine()
    holder = project.start(HOLDS)
    began(project, 1)
    waiter = project.start(QUICK)
    waiting(engine, 1)
    holder.kill()
    holder.wait()
    name = first(engine)
    assert [row["workflow"] for row in shared(engine).locks()["locks"][0]["held_by"]] == [name]
    resumed = project.other("resume", name)
    project.path("go").touch()
    assert [end(resumed)["state"], end(waiter)["state"]] == ["succeeded", "succeeded"]
    assert check_effects(project.lines("effects")) == [1, 2]


def test_a_dead_waiter_drops_out_and_a_stopped_one_goes_on_later(project):
    engine = project.engine()
    holder = project.start(HOLDS)
    began(project, 1)
    dead = project.start(QUICK)
    waiting(engine, 1)
    stopped = project.start(QUICK)
    waiting(engine, 2)
    last = project.start(QUICK)
    waiting(engine, 3)
    dead.kill()
    dead.wait()
    os.kill(stopped.pid, signal.SIGSTOP)
    project.path("go").touch()
    assert end(holder)["state"] == "succeeded"
    eventually(lambda: len(shared(engine).locks()["locks"][0]["held_by"]) == 1)
    os.kill(stopped.pid, signal.SIGCONT)
    assert [end(stopped)["state"], end(last)["state"]] == ["succeeded", "succeeded"]
    assert check_effects(project.lines("effects")) == [1, 2, 3]


@pytest.mark.parametrize(
    "point", ["grant.before", "grant.after:1", "grant.after:2", "turn.before:2"]
)
def test_a_holder_that_is_killed_while_it_is_granted_or_gives_back(project, point):
    engine = project.engine()
    killed = project.start(QUICK, crash_at=point)
    assert killed.wait(timeout=120) == -signal.SIGKILL
    other = project.start(QUICK)
    name = first(engine)
    if engine.get(name).state is State.RUNNING:
        assert end(project.other("resume", name))["state"] == "succeeded"
    assert end(other)["state"] == "succeeded"
    check_effects(project.lines("effects"))


def test_a_lock_that_is_taken_away_is_in_the_journal_and_goes_to_the_next(project):
    engine = project.engine()
    holder = project.start(HOLDS)
    began(project, 1)
    waiter = project.start(QUICK)
    waiting(engine, 1)
    (taken,) = shared(engine).release_lock("db", actor="tester", reason="stuck")
    assert (taken["workflow"], taken["step"]) == (first(engine), "a")
    assert end(waiter)["state"] == "succeeded"
    project.path("go").touch()
    assert end(holder)["state"] == "succeeded"
    broken = [e for e in engine.events(first(engine), 0, 100) if e.type is EventType.LOCK_BROKEN]
    assert [(e.path, e.data["lock"], e.data["reason"]) for e in broken] == [("a", "db", "stuck")]


def test_what_ended_and_needs_attention_can_be_cancelled_after_its_lock_was_taken_away(project):
    engine = project.engine()
    holder = project.start(
        "locks: [db]\nsteps: [{command: sleep 1000}]\n"
        "finally: [{shell: 'echo cleaning >> $ROOT/effects; exec sleep 1000'}]"
    )
    eventually(lambda: shared(engine).locks()["locks"])
    name = first(engine)
    engine.cancel(name, actor="tester")
    began(project, 1)
    engine.cancel(name, actor="tester")
    assert end(holder)["state"] == "needs_attention"
    ended = engine.get(name).finished_at
    (taken,) = shared(engine).release_lock("db", actor="tester", reason="looked at")
    assert taken["workflow"] == name
    found = engine.get(name)
    assert (found.state, found.finished_at) == (State.NEEDS_ATTENTION, ended)
    assert ended is not None
    engine.cancel(name, actor="tester")
    assert engine.get(name).state is State.CANCELLED


def test_the_lock_goes_to_the_most_urgent_of_those_that_wait(project):
    engine = project.engine()
    holder = project.start(HOLDS)
    began(project, 1)
    others = []
    for count, priority in enumerate(("low", "normal", "critical", "high"), 1):
        others.append(project.start(f"priority: {priority}\n{QUICK}"))
        waiting(engine, count)
    (lock,) = shared(engine).locks()["locks"]
    assert [one["workflow"][-1] for one in lock["waiting"]] == ["4", "5", "3", "2"]
    project.path("go").touch()
    assert {end(process)["state"] for process in (holder, *others)} == {"succeeded"}
    query = "SELECT workflow, data FROM events WHERE type = 'claimed'"
    order = sorted((json.loads(data)["tokens"]["db"], w) for w, data in engine.store.read(query))
    assert order == [(1, 1), (2, 4), (3, 5), (4, 3), (5, 2)]


def test_whoever_shares_a_lock_goes_on_when_the_one_before_that_would_not_share_dies(project):
    engine = project.engine()
    shares = HOLDS.replace("[db]", "[{name: db, shared: true}]")
    holder = project.start(shares)
    began(project, 1)
    alone = project.start(HOLDS)
    waiting(engine, 1)
    other = project.start(shares)
    waiting(engine, 2)
    assert len(project.lines("effects")) == 1
    alone.kill()
    alone.wait()
    began(project, 2)  # although nobody has written anything since
    project.path("go").touch()
    assert [end(holder)["state"], end(other)["state"]] == ["succeeded", "succeeded"]
    assert end(project.other("resume", f"WF-{YEAR}-002"))["state"] == "succeeded"


def test_a_grant_that_its_process_never_heard_of_goes_to_the_next(project):
    engine = project.engine()
    holder = project.start(HOLDS)
    began(project, 1)
    stopped = project.start(QUICK)
    waiting(engine, 1)
    last = project.start(QUICK)
    waiting(engine, 2)
    os.kill(stopped.pid, signal.SIGSTOP)
    project.path("go").touch()
    assert end(holder)["state"] == "succeeded"
    held = "SELECT workflow FROM claims WHERE state = 'held' AND recorded = 0"
    eventually(lambda: engine.store.read(held) == [(2,)], "it was granted to the stopped one")
    stopped.kill()
    stopped.wait()
    assert end(last)["state"] == "succeeded"
    # What was granted and never heard of is gone for good: a token is not given twice.
    assert check_effects(project.lines("effects")) == [1, 3]
    assert end(project.other("resume", f"WF-{YEAR}-002"))["state"] == "succeeded"
    assert check_effects(project.lines("effects")) == [1, 3, 4]
