"""The clock of the machine is set back an hour or forward a day while workflows wait: what waits
for some time waits for just that.
"""

import threading
import time
from collections.abc import Callable

import pytest
from embedded.conftest import Project
from polling import eventually
from this_year import YEAR

from orchestrate.embedded.engine import EmbeddedEngine
from orchestrate.workflow.approvals import Answer, Approver
from orchestrate.workflow.outcomes import State

HOUR, DAY = 3600.0, 86400.0
MARK = "  - shell: echo over >> $ROOT/effects\n"
JUMPS = pytest.mark.parametrize("jump", [-HOUR, DAY], ids=["back", "forward"])


class Clock:
    """The wall clock of this process, which can be set; the one of elapsed time goes on."""

    def __init__(self) -> None:
        self.off = 0.0
        self._real = time.time

    def __call__(self) -> float:
        return self._real() + self.off


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(time, "time", made)
    return made


def set_clock(
    clock: Clock, project: Project, jump: float, ready: Callable[[EmbeddedEngine], object],
    then: Callable[[EmbeddedEngine], None] = lambda _: None,
) -> threading.Thread:  # fmt: skip
    """In a thread beside the one that runs the workflow: set it once something has come."""

    def wait() -> None:
        engine = project.engine()
        eventually(lambda: ready(engine), "what the clock is to jump over")
        clock.off = jump
        then(engine)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def timer(engine: EmbeddedEngine) -> object:
    """A timer is set."""
    return engine.store.exists(engine.store.directory) and engine.store.read(
        "SELECT 1 FROM events WHERE type = 'timer_set'"
    )


def run(project: Project, text: str) -> tuple[State, float]:
    """How a workflow ends, and how long it takes in truth."""
    engine = project.engine(stays=True)
    workflow, _ = engine.create(project.new(f"name: clocks\nsteps:\n{text}"))
    began = time.monotonic()
    return engine.run(workflow).state, time.monotonic() - began


@JUMPS
def test_a_wait_lasts_as_long_as_it_says(project: Project, clock: Clock, jump: float) -> None:
    jumps = set_clock(clock, project, jump, timer)
    state, took = run(project, "  - {type: wait, duration: 1s}\n" + MARK)
    jumps.join()
    assert (state, project.lines("effects")) == (State.SUCCEEDED, ["over"])
    assert 1.0 <= took < 60.0


@JUMPS
def test_the_delay_of_a_retry_lasts_as_long_as_it_says(project, clock, jump: float) -> None:
    jumps = set_clock(clock, project, jump, timer)
    again = "test -e $ROOT/again || { touch $ROOT/again; exit 1; }"
    step = f"  - {{retry: {{attempts: 2, delay: 1s}}, shell: '{again}'}}\n"
    state, took = run(project, step + MARK)
    jumps.join()
    assert (state, project.lines("effects")) == (State.SUCCEEDED, ["over"])
    assert 1.0 <= took < 60.0


def test_people_have_the_time_that_they_were_given(project: Project, clock: Clock) -> None:
    def answer(engine: EmbeddedEngine) -> None:
        engine.answer(f"WF-{YEAR}-001", "gate", Answer(), Approver("ada"))

    jumps = set_clock(clock, project, DAY, timer, answer)
    gate = "  - {name: gate, type: approval, message: Go on?, timeout: 12h}\n"
    state, _ = run(project, gate + MARK)
    jumps.join()
    assert (state, project.lines("effects")) == (State.SUCCEEDED, ["over"])


def test_no_more_time_than_they_were_given(project: Project, clock: Clock) -> None:
    jumps = set_clock(clock, project, -HOUR, timer)
    gate = "  - {name: gate, type: approval, message: Go on?, timeout: 1s, on_timeout: continue}\n"
    state, took = run(project, gate + MARK)
    jumps.join()
    assert (state, project.lines("effects")) == (State.SUCCEEDED, ["over"])
    assert took < 60.0


@JUMPS
def test_a_pause_ends_by_itself_in_time(project: Project, clock: Clock, jump: float) -> None:
    def pause(engine: EmbeddedEngine) -> bool:
        if not project.lines("began"):
            return False
        engine.pause(f"WF-{YEAR}-001", actor="ada", resume_after=1.0)
        project.path("go").touch()
        return True

    jumps = set_clock(clock, project, jump, pause)
    held = "echo on >> $ROOT/began; until test -e $ROOT/go; do sleep 0.02; done"
    state, took = run(project, f"  - shell: {held!r}\n" + MARK)
    jumps.join()
    assert (state, project.lines("effects")) == (State.SUCCEEDED, ["over"])
    assert 0.9 <= took < 60.0


@JUMPS
def test_the_deadline_of_a_lock_is_kept(project: Project, clock: Clock, jump: float) -> None:
    held = "echo on >> $ROOT/began; until test -e $ROOT/go; do sleep 0.02; done"
    holder = project.start(f"name: holder\nsteps:\n  - {{locks: [db], shell: '{held}'}}\n")
    eventually(lambda: project.lines("began"), "the lock is held")
    jumps = set_clock(clock, project, jump, timer)
    lock = "{name: db, wait: 1s, on_conflict: skip}"
    state, took = run(project, f"  - {{locks: [{lock}], shell: 'false'}}\n" + MARK)
    jumps.join()
    assert (state, project.lines("effects")) == (State.SUCCEEDED, ["over"])
    assert 1.0 <= took < 60.0
    project.path("go").touch()
    assert holder.wait(120) == 0
