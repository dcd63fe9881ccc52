"""The model itself, on programs small enough to be right by looking; and what it would notice."""

from typing import Any

import pytest
from random_programs import facts
from random_programs.case import Case, Stop
from random_programs.comparing import differences
from random_programs.model import expected
from random_programs.notation import NoValueError, evaluate, holds
from random_programs.playing import Course, plan_of, play, program_of

from orchestrate.workflow.events import Event, EventType


class Fixed(Case):
    """Paths whose attempts fail are listed; they take half a second, others a whole one."""

    def end(self, path: str, number: int) -> Any:
        from random_programs.case import End

        fails = f"{path} {number}" in self.options["fails"]
        return End(3, 0.5, None) if fails else End(0, 1.0, None)

    def decision(self, path: str, subject: str, choices: tuple[str, ...]) -> str:
        """Whoever is asked the first time leaves it, and accepts it the second time."""
        return "skip" if subject.endswith(" 1") else "accept"


def case(*steps: dict[str, Any], fails: tuple[str, ...] = (), **more: Any) -> Fixed:
    program = {"name": "program", "parameters": [], "steps": list(steps)}
    options = {"max_parallel": 1000, "fails": fails}
    return Fixed("fixed", True, {"program": program}, options, **more)


def call(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "command": f"./act {name}", **more}


def test_what_follows_a_failure_does_not_run() -> None:
    found = expected(case(call("a"), call("b", retry=1), call("c"), fails=("b 1", "b 2")))
    assert found.state == "failed"
    assert [(a.path, a.number, a.started) for a in found.attempts] == [
        ("a", 1, 0.0), ("b", 1, 1.0), ("b", 2, 1.5)
    ]  # fmt: skip
    assert found.ends == [("a", "succeeded"), ("b", "failed")]


def test_a_failure_cuts_off_the_branches_beside_it() -> None:
    branches = [{"name": "l", "steps": [call("a"), call("b")]}, {"name": "r", "steps": [call("c")]}]
    found = expected(
        case({"name": "p", "type": "parallel", "branches": branches}, fails=("p/r/c 1",))
    )
    assert dict(found.ends)["p"] == "failed"
    assert "p/l/b" not in dict(found.ends)


def test_a_transaction_is_undone_the_last_step_first() -> None:
    undo = {"compensate": [{"name": "u", "command": "./act undo"}]}
    steps = [call("a", **undo), call("b", **undo), call("c", **undo)]
    move = {"name": "move", "type": "transaction", "steps": steps}
    found = expected(case(move, fails=("move/c 1",)))
    assert [path for _, path in found.undone] == ["move/b", "move/a"]
    assert found.rolled_back == [("move", True)]


def test_what_a_branch_that_is_cut_off_would_have_asked_was_not_asked() -> None:
    undo = {"compensate": [{"name": "u", "command": "./act undo"}], "compensate_on": "start"}
    move = {"name": "move", "type": "transaction", "steps": [call("a", **undo), call("b")]}
    branches = [{"name": "l", "steps": [move]}, {"name": "r", "steps": [call("c")]}]
    a = "p/l/move/a"
    fails = ("p/r/c 1", "p/l/move/b 1", f"{a}/compensate/u 1")
    found = expected(case({"name": "p", "type": "parallel", "branches": branches}, fails=fails))
    assert (a, "cancelled") in found.ends
    assert (f"{a}/compensate", "skipped") in found.ends
    assert found.rolled_back == [("p/l/move", False)]


def test_what_is_stopped_before_its_time_cleans_up() -> None:
    step = call("a", **{"finally": [call("tidy")], "on_failure": [call("never")]})
    found = expected(case(step, call("b"), stop=Stop("cancel", 0.5)))
    assert found.state == "cancelled"
    assert found.ends == [("a/finally/tidy", "succeeded"), ("a", "cancelled")]


def test_expressions() -> None:
    values = {"v": 3, "s": {"status": "failed", "output": None}}.__getitem__
    assert evaluate("v + 1", values) == 4
    assert holds("${v} > 2 and ${s.status} == 'failed'", values)
    with pytest.raises(NoValueError):
        evaluate("s.output.x", values)


# What it would notice

PROGRAM = case(
    call("a"),
    {"name": "move", "type": "transaction", "continue_on_error": True, "steps": [
        call("b", compensate=[{"name": "u", "command": "./act undo"}]), call("c")]},
    call("d", locks=["own"]),
    fails=("move/c 1",),
)  # fmt: skip


@pytest.fixture(scope="module")
def journal() -> list[Event]:
    played = play(PROGRAM, program_of(PROGRAM, plan_of(PROGRAM)), Course())
    assert list(differences(PROGRAM, played.events)) == []
    return list(played.events)


def renumbered(events: list[Event]) -> list[Event]:
    return [event._replace(seq=number) for number, event in enumerate(events, 1)]


def at(events: list[Event], kind: EventType, path: str) -> int:
    return next(n for n, event in enumerate(events) if (event.type, event.path) == (kind, path))


def test_an_attempt_that_is_recorded_twice(journal: list[Event]) -> None:
    where = at(journal, EventType.ATTEMPT_FINISHED, "a")
    twice = [*journal[: where + 1], *journal[where:]]
    assert "a ended at 5, which did not run" in list(facts.faults(renumbered(twice)))


def test_a_hole_in_the_journal(journal: list[Event]) -> None:
    assert "holes" in next(facts.faults(journal[:3] + journal[4:]))


def test_a_step_that_is_left_out(journal: list[Event]) -> None:
    without = [event for event in journal if event.path != "d"]
    assert "end is missing: ('d', 'succeeded')" in list(differences(PROGRAM, without))


def test_a_step_that_is_not_undone(journal: list[Event]) -> None:
    without = [event for event in journal if "/compensate" not in event.path]
    assert "undone [], not ['move/b']" in list(differences(PROGRAM, without))


def test_a_lock_that_is_never_given_back(journal: list[Event]) -> None:
    without = [event for event in journal if event.type is not EventType.CLAIM_RELEASED]
    assert "still held when the workflow ended: {'own': ['d']}" in list(facts.faults(without))


def test_a_workflow_that_is_stuck(journal: list[Event]) -> None:
    """After the end of a step, without the start of the next one, nothing can move."""
    assert facts.stuck(journal[:1]) == ""
    where = at(journal, EventType.ATTEMPT_FINISHED, "a")
    assert facts.stuck(journal[:where]) == ""
    assert facts.stuck(journal[: where + 1]).startswith("nothing runs, waits or asks after")
    assert facts.stuck(journal) == ""
