"""Rows of failure matrices, drawn at random, are executed for real and end as predicted.

Every step appends its path to `starts` when it begins and to `ends` when it succeeds, and does as
the files beside it say: it fails (`fail`), waits until it is let go or stopped (`hang`), or waits
until another has failed (`late`). The rest is real: processes, timeouts, signals, `kill -9` of the
engine alone or of everything, and then `resume`.
"""

import random
import re
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import NamedTuple

from crash.harness import Playground, eventually, kill
from this_year import YEAR

from orchestrate.playbook.compile import compile_playbook
from orchestrate.workflow import paths
from orchestrate.workflow.events import EventType
from orchestrate.workflow.program import Program, RunOptions
from orchestrate.workflow.rehearsal.courses import Stage
from orchestrate.workflow.rehearsal.failures import failure_matrix
from orchestrate.workflow.rehearsal.matrix import Matrix, Mishap, Rehearsed, Row
from orchestrate.workflow.rehearsal.parts import is_reaction

DRAWN = 50
SEED = 20261122
AT_ONCE = 6

ACT = """#!/bin/sh
step="$ORCHESTRATE_STEP"
echo "$step" >> starts
listed() { grep -qxF "$step" "$1" 2> /dev/null; }
if listed hang; then
  echo "$step" >> hanging
  until [ -e go ]; do sleep 0.02; done
fi
if listed late; then
  echo "$step" >> hanging
  until [ -e failed ]; do sleep 0.02; done
  failed=$(cat failed)
  while kill -0 "$failed" 2> /dev/null; do sleep 0.02; done
  sleep 0.5
fi
if listed fail; then
  for other in $(cat first 2> /dev/null); do
    until grep -qxF "$other" ends; do sleep 0.02; done
  done
  for other in $(cat late 2> /dev/null); do
    until grep -qxF "$other" hanging; do sleep 0.02; done
  done
  sleep 0.1
  echo $$ > failing-$$
  mv failing-$$ failed
  exit 3
fi
echo ok=true > "$ORCHESTRATE_OUTPUT"
echo sound=yes >> "$ORCHESTRATE_OUTPUT"
cat answer >> "$ORCHESTRATE_OUTPUT" 2> /dev/null
echo "$step" >> ends
"""

LIMITS = """
parameters:
  - {name: patience, type: number, default: 60}
  - {name: limit, type: number, default: 600}
  - {name: total, type: number, default: 600}
  - {name: pause, type: number, default: 0.05}
timeout: ${total}
"""

INNER = """
name: inner
steps:
  - {name: one, command: ./act, on_success: [{name: seen, command: ./act}]}
  - {name: two, command: ./act, idempotent: true}
on_failure: [{name: back, command: ./act}]
finally: [{name: close, command: ./act}]
"""

PLAYBOOKS = {
    "handlers": """
steps:
  - {name: check, type: validation, command: ./act}
  - name: deploy
    type: deployment
    command: ./act
    retry: 1
    timeout: ${patience}
    on_failure: [{name: undo, command: ./act}, {name: tell, command: ./act}]
    finally: [{name: tidy, command: ./act}]
  - {name: optional, command: ./act, continue_on_error: true, timeout: "${patience}"}
  - {name: last, command: ./act}
on_failure: [{name: report, command: ./act}]
finally: [{name: clean, command: ./act}]
""",
    "parallel": """
steps:
  - {name: pre, command: ./act}
  - name: spread
    type: parallel
    timeout: ${limit}
    branches:
      - {name: left, steps: [{name: x, command: ./act}]}
      - {name: right, steps: [{name: "y", command: ./act, idempotent: true}]}
    on_failure: [{name: back, command: ./act}]
  - {name: post, command: ./act, idempotent: true}
""",
    "loops": """
steps:
  - name: each
    type: foreach
    items: [r, s, t]
    as: item
    timeout: ${limit}
    steps:
      - {name: work, command: "./act ${item}"}
      - {name: look, type: test, command: ./act}
  - {name: inner, type: playbook, playbook: inner, on_failure: [{name: mend, command: ./act}]}
  - {name: last, command: ./act, timeout: "${patience}"}
""",
    "decisions": """
steps:
  - {name: probe, command: ./act}
  - name: way
    type: conditional
    condition: ${probe.output.ok} == "true"
    then: [{name: good, command: ./act}]
    else: [{name: bad, command: ./act, timeout: "${patience}"}]
  - {name: rest, type: wait, duration: "${pause}"}
  - {name: never, command: ./act, when: "${total} < 0"}
  - {name: known, type: assert, condition: "${total} > 0"}
  - {name: sound, type: assert, condition: "${probe.output.sound} == 'yes'"}
  - {name: last, command: ./act, retry: {attempts: 2, delay: 0.05}}
finally: [{name: clean, command: ./act}]
""",
    "transactions": """
steps:
  - {name: pre, command: ./act}
  - name: move
    type: transaction
    timeout: ${limit}
    steps:
      - {name: a, command: ./act, compensate: [{name: undo, command: ./act}]}
      - {name: b, command: ./act, compensate: [{name: undo, command: ./act}]}
      - {name: c, command: ./act, timeout: "${patience}"}
  - {name: post, command: ./act}
finally: [{name: clean, command: ./act}]
""",
}


class Drawn(NamedTuple):
    """A row to be executed: of which playbook and step."""

    playbook: str
    step: Rehearsed
    row: Row


def program(name: str) -> Program:
    text = (LIMITS + PLAYBOOKS[name]).encode()
    plan = compile_playbook(f"{name}.yaml", text, lambda wanted: (wanted, INNER.encode()))
    parameters = {parameter.name: parameter.default for parameter in plan.parameters}
    return Program(f"WF-{YEAR}-001", plan, parameters, "dev", {}, {}, "tester", RunOptions())


@cache
def matrix(name: str) -> Matrix:
    return failure_matrix(program(name), lambda words: False)


def together(name: str, path: str) -> tuple[str, ...]:
    """What runs while the step runs, itself included, in the order of the starts."""
    return next(
        (
            row.resume.attaches
            for row in matrix(name).rows
            if row.path == path and row.mishap is Mishap.ENGINE_DIES_DURING
        ),
        (),
    )


def starts_before(name: str, path: str) -> int:
    """How many attempts are started, up to that of the step, if nothing happens."""
    course, _ = Stage(program(name), 10_000).whole({}, "")
    started = [event.path for event in course.events if event.type is EventType.ATTEMPT_STARTED]
    return started.index(path) + 1 if path in started else 0


def can_be_arranged(step: Rehearsed, row: Row) -> bool:
    """Whether this test can bring a row about: it makes steps fail, and gives another answer; an
    engine that dies before a step is one that dies at its launch.
    """
    if row.mishap is Mishap.ENGINE_DIES_BEFORE and (step.when or not step.call):
        return False
    return all(re.search(r" fails$| is false$", part) for part in step.when.split(", ") if part)


def drawn() -> list[Drawn]:
    rows = [
        Drawn(name, step, row)
        for name in PLAYBOOKS
        for step in matrix(name).steps
        for row in step.rows
        if can_be_arranged(step, row)
    ]
    return random.Random(SEED).sample(rows, DRAWN)


class Ground(Playground):
    """A project for one row."""

    def __init__(self, root: Path, row: Drawn) -> None:
        super().__init__(root, LIMITS + PLAYBOOKS[row.playbook])
        (root / "playbooks" / "inner.yaml").write_text(INNER)
        (root / "act").write_text(ACT)
        (root / "act").chmod(0o755)

    def note(self, name: str, *listed: str) -> None:
        with (self.root / name).open("a") as file:
            file.writelines(f"{path}\n" for path in listed)

    def listed(self, name: str) -> list[str]:
        file = self.root / name
        return file.read_text().splitlines() if file.exists() else []

    def forget(self, *names: str) -> None:
        for name in names:
            (self.root / name).unlink(missing_ok=True)

    def recorded(self, kind: str, path: str = "") -> int:
        """How many events of that type there are."""
        rows = self.query(f"SELECT path FROM events WHERE type = '{kind}'")
        return sum(not path or found == path for (found,) in rows)

    def parked(self) -> list[str]:
        events = self.query("SELECT type, path FROM events WHERE type IN ('parked', 'resolved')")
        return [path for kind, path in events if kind == "parked"]


class Case:
    """One row, executed."""

    def __init__(self, root: Path, which: Drawn) -> None:
        self.ground = Ground(root, which)
        self.which = which
        self.row = which.row
        self.path = which.row.path
        self.together = together(which.playbook, self.path)
        self.asserts = which.step.call.startswith("assert ")
        self.waits = not which.step.call
        self.faults: list[str] = []

    def check(self, what: str, expected: object, found: object) -> None:
        if expected != found:
            which = f"{self.which.playbook}: {self.path} {self.row.mishap} {self.row.of}"
            self.faults.append(f"{which}: {what}: predicted {expected}, was {found}")

    def execute(self) -> list[str]:
        ground, row = self.ground, self.row
        for part in filter(None, self.which.step.when.split(", ")):
            if part.endswith(" fails"):
                self.make_fail(part.removesuffix(" fails"))
            else:
                ground.note("answer", "ok=false")
        try:
            MAKE[row.mishap](self)
            self.check("state", row.state, ground.workflow_state)
            self.compare()
            if self.faults:
                self.faults += [ground.said(process) for process in ground.started]
        finally:
            ground.close()
        return self.faults

    # What is done to it

    def run(self, **values: float) -> "subprocess.Popen[bytes]":
        given = [f"--parameters={name}={value}" for name, value in values.items()]
        return self.ground.start("run", "--playbook", "mixed", *given)

    def run_until_it_runs(self, **values: float) -> "subprocess.Popen[bytes]":
        """Start it; returns when the step and all that runs at the same time have begun."""
        ground = self.ground
        if self.waits:
            process = self.run(**values)
            eventually(lambda: ground.recorded("timer_set", self.path), "the wait has begun")
            return process
        ground.note("hang", *self.together)
        process = self.run(**values)
        eventually(lambda: {*self.together} <= {*ground.listed("hanging")}, "all of it runs")
        return process

    def let_it_end(self, kind: str) -> None:
        """What cleans up is not stopped: it goes on once that is recorded."""
        if {paths.FINALLY, paths.COMPENSATE} & {*self.path.split("/")}:
            eventually(lambda: self.ground.recorded(kind), kind)
            self.ground.note("go")

    def make_fail(self, path: str) -> None:
        """It fails when those that started before it have ended, and before the others do."""
        all_of_it = together(self.which.playbook, path)
        at = all_of_it.index(path)
        self.ground.note("first", *all_of_it[:at])
        self.ground.note("late", *all_of_it[at + 1 :])
        self.ground.note("fail", path)

    def fails(self) -> None:
        if self.asserts:
            self.ground.note("answer", "sound=no")
        else:
            self.make_fail(self.path)
        self.ground.wait(self.run())

    def times_out(self) -> None:
        self.ground.note("hang", self.path)
        self.ground.wait(self.run(patience=1))

    def enclosing_times_out(self) -> None:
        process = self.run_until_it_runs(limit=2)
        self.let_it_end("timer_fired")
        self.ground.wait(process)

    def workflow_times_out(self) -> None:
        process = self.run_until_it_runs(total=2, **({"pause": 30} if self.waits else {}))
        self.let_it_end("workflow_timed_out")
        self.ground.wait(process)

    def is_cancelled(self) -> None:
        process = self.run_until_it_runs(**({"pause": 30} if self.waits else {}))
        process.send_signal(signal.SIGINT)
        self.let_it_end("cancel_requested")
        self.ground.wait(process)

    def resume(self) -> None:
        """Continue it. A resume that could not do its work says nothing about the row."""
        again = self.ground.resume()
        assert self.ground.wait(again) in (0, 1, 4, 124, 130), self.ground.said(again)
        assert "error[" not in self.ground.said(again), self.ground.said(again)

    def engine_dies_before(self) -> None:
        count = starts_before(self.which.playbook, self.path)
        process = self.ground.start("run", "--playbook", "mixed", crash_at=f"launch.before:{count}")
        self.check("the engine's end", -signal.SIGKILL, self.ground.wait(process))
        done = self.ground.listed("starts")
        self.check("starts before", False, self.path in done)
        self.resume()
        self.compare_starts(self.ground.listed("starts")[len(done) :])
        for path in self.together:
            self.check(f"starts of {path}", 1, self.ground.listed("starts").count(path))

    def engine_dies_during(self) -> None:
        process = self.run_until_it_runs(**({"pause": 2} if self.waits else {}))
        kill(process.pid)
        self.ground.wait(process)
        again = self.ground.resume()
        eventually(lambda: self.ground.recorded("owned") == 2, "somebody has taken it over")
        self.ground.note("go")
        self.ground.wait(again)
        for path in () if self.waits else self.together:
            self.check(f"starts of {path}", 1, self.ground.listed("starts").count(path))

    def host_dies(self) -> None:
        self.run_until_it_runs()
        self.ground.reboot()
        self.ground.forget("hang")
        begun = len(self.ground.listed("starts"))
        self.resume()
        again = [path for path in self.ground.listed("starts")[begun:] if path in self.together]
        self.check("runs again", sorted(self.row.resume.runs), sorted(again))

    # What is compared

    def compare(self) -> None:
        row, ground = self.row, self.ground
        starts = ground.listed("starts")
        if row.mishap not in (Mishap.ENGINE_DIES_BEFORE, Mishap.ENGINE_DIES_DURING):
            after = starts[starts.index(self.path) + 1 :] if self.path in starts else starts
            ran = [path for path in dict.fromkeys(after) if is_reaction(path) and path != self.path]
            if self.waits or self.asserts:
                ran = [path for path in dict.fromkeys(starts) if is_reaction(path)]
            self.check("handlers", [p for p in row.handlers if p != self.path], ran)
        self.compare_left(starts)
        if row.resume.decide:
            self.check("decisions", sorted(row.resume.decide), sorted(ground.parked()))
        elif row.state in ("failed", "cancelled") and not row.lost:
            ground.forget("fail", "hang", "late", "first")
            ground.note("go")
            quickly = ("--parameters", "pause=0.05") if self.waits else ()
            ground.wait(ground.resume(*quickly))
            self.compare_starts(ground.listed("starts")[len(starts) :])

    def compare_left(self, starts: list[str]) -> None:
        ended = self.ground.listed("ends")
        self.check("done", [], [path for path in self.row.done if path not in ended])
        self.check("partial", [], [path for path in self.row.partial if path not in starts])
        undoing = (paths.ON_FAILURE, paths.COMPENSATE)
        reacted = any({*undoing} & {*path.split("/")} for path in starts)
        if self.row.state not in ("succeeded",) and not reacted and self.row.done:
            body = {p for p in ended if not is_reaction(p) and not is_check(p)}
            self.check("done", body - {*self.row.partial}, {*self.row.done} - {*self.row.partial})

    def compare_starts(self, starts: list[str]) -> None:
        resume = self.row.resume
        runs = () if self.waits or self.asserts else resume.runs
        self.check("runs first", sorted(runs), sorted(starts[: len(runs)]))
        again = [p for p in starts if any(paths.within(p, reused) for reused in resume.reuses)]
        self.check("runs again", [], [path for path in again if not is_reaction(path)])


def is_check(path: str) -> bool:
    return paths.static(path) in ("check", "each/look")


MAKE = {
    Mishap.FAILS: Case.fails,
    Mishap.TIMES_OUT: Case.times_out,
    Mishap.ENCLOSING_TIMES_OUT: Case.enclosing_times_out,
    Mishap.WORKFLOW_TIMES_OUT: Case.workflow_times_out,
    Mishap.CANCELLED: Case.is_cancelled,
    Mishap.ENGINE_DIES_BEFORE: Case.engine_dies_before,
    Mishap.ENGINE_DIES_DURING: Case.engine_dies_during,
    Mishap.HOST_DIES: Case.host_dies,
}


def test_rows_drawn_at_random_end_as_predicted(tmp_path: Path) -> None:
    rows = drawn()
    assert {each.row.mishap for each in rows} == {*Mishap}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        cases = [Case(tmp_path / str(at), which) for at, which in enumerate(rows)]
        faults = [fault for found in pool.map(Case.execute, cases) for fault in found]
    assert faults == []
