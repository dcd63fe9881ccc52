"""Programs run by real processes: the command line in a project, killed at random moments.

How attempts end is written into the project beforehand, as the model expects them; each attempt
notes when it begins and when it ends. Killed are engines and supervisors, which may not change
anything: whatever ran goes on under its slot, and the next engine finds it.
"""

import json
import random
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

from crash.harness import Playground, kill
from polling import PATIENCE
from random_programs import facts
from random_programs.case import Case
from random_programs.comparing import differences
from random_programs.generating import generate
from random_programs.model import expected

from orchestrate.workflow.events import Event, EventType

ACT = """#!/bin/sh
# Ends as the file of this attempt says; what is not expected has none.
step="$ORCHESTRATE_STEP $ORCHESTRATE_ATTEMPT"
echo "$step start" >> "$EFFECTS"
name=$(printf %s "$ORCHESTRATE_STEP" | tr / %)-$ORCHESTRATE_ATTEMPT
read -r seconds code output < "ends/$name" || exit 99
sleep "$seconds"
test "$output" = - || echo "{\\"x\\": $output}" > "$ORCHESTRATE_OUTPUT"
echo "$step end" >> "$EFFECTS"
exit "$code"
"""
FASTER = 100
"""How much faster than in memory its attempts are."""
STILL = 60.0
"""Seconds between two looks at a journal that would be stuck, if it is the same."""
OVER = frozenset({"succeeded", "failed"})
_VICTIMS = [("engine",)] * 5 + [("supervisor",)] * 2 + [("engine", "supervisor")] * 2


class Theatre(Playground):
    """The project of one program."""

    def __init__(self, root: Path, case: Case) -> None:
        super().__init__(root)
        (root / "playbooks" / "mixed.yaml").unlink()
        (root / "playbooks" / "below.yaml").unlink()
        for name in case.playbooks:
            (root / "playbooks" / f"{name}.yaml").write_text(case.text(name))
        (root / "orchestrate.toml").write_text("[engine]\nkill_grace = 1\n[capacity]\ncpu = 2\n")
        (root / "act").write_text(ACT)
        (root / "act").chmod(0o755)
        (root / "ends").mkdir()
        for attempt in expected(case).attempts:
            end = case.end(attempt.path, attempt.number)
            name = f"{attempt.path.replace('/', '%')}-{attempt.number}"
            said = f"{end.takes / FASTER} {end.code} {'-' if end.output is None else end.output}\n"
            (root / "ends" / name).write_text(said)
        self._limit = str(case.options["max_parallel"])

    def begin(self) -> "subprocess.Popen[bytes]":
        """Start it, or take it up."""
        if self.workflow_state:
            return self.resume()
        words = ("run", "--playbook", "program", "--yes", "--max-parallel", self._limit)
        return self.start(*words)

    def journal(self) -> list[Event]:
        """The journal, read without any code of ours."""
        rows = self.query("SELECT seq, at, type, path, data FROM events ORDER BY seq")
        return [Event(n, at, EventType(kind), p, json.loads(d)) for n, at, kind, p, d in rows]


class Show:
    """One program, struck until it is over."""

    def __init__(self, case: Case, theatre: Theatre, kills: int) -> None:
        self._case = case
        self._theatre = theatre
        self._chance: random.Random = case.chance("kills")
        self._kills_left = kills
        self.kills = 0

    def play(self) -> list[str]:
        """What is wrong with it."""
        theatre = self._theatre
        until = time.monotonic() + PATIENCE
        while theatre.workflow_state not in OVER:
            assert time.monotonic() < until, f"it does not end: {theatre.workflow_state}"
            process = theatre.begin()
            while self._kills_left > 0 and self._moment(process):
                self._strike()
            found = self._end(process)
            if found:
                return found
        events = theatre.journal()
        return [
            *differences(self._case, events),
            *facts.token_faults(events),
            *effect_faults(events, theatre.lines()),
        ]

    def _moment(self, process: "subprocess.Popen[bytes]") -> bool:
        """Wait until something more has happened; False if the process has ended before."""
        wanted = len(self._theatre.lines()) + self._chance.choice([1, 1, 2, 3, 5])
        until = time.monotonic() + PATIENCE
        while len(self._theatre.lines()) < wanted:
            if process.poll() is not None or time.monotonic() > until:
                return False
            time.sleep(0.01)
        return process.poll() is None

    def _strike(self) -> None:
        victims = self._theatre.processes(*self._chance.choice(_VICTIMS))
        self._chance.shuffle(victims)
        for victim in victims:
            kill(victim.pid)
        self._kills_left -= 1
        self.kills += 1

    def _end(self, process: "subprocess.Popen[bytes]") -> list[str]:
        """Wait for its end. It is stuck if its journal says so, and goes on saying the same."""
        until = time.monotonic() + PATIENCE
        still, since = 0, time.monotonic()
        while True:
            try:
                code = process.wait(0.5)
                break
            except subprocess.TimeoutExpired:
                events = self._theatre.journal()
                if not facts.stuck(events) or len(events) != still:
                    still, since = len(events), time.monotonic()
            if time.monotonic() - since > STILL or time.monotonic() > until:
                why = facts.stuck(self._theatre.journal()) or "it does not end"
                return [f"stuck: {why}", self._theatre.said(process)]
        # It came too late if the one before was killed when all was written, but nobody told yet.
        if code in (0, 1, -9) or (code == 5 and self._theatre.workflow_state in OVER):
            return []
        return [f"ended with {code}", self._theatre.said(process)]


def effect_faults(events: list[Event], lines: list[str]) -> list[str]:
    """What ran against what is recorded: each attempt once, and none besides."""
    ran = Counter(lines)
    wanted = Counter(
        f"{one.path} {one.number} {what}"
        for one in facts.attempts(events)
        for what in ("start", "end")
    )
    return [
        *(f"ran {ran[line]} times, recorded {wanted[line]} times: {line}"
          for line in sorted({*ran, *wanted}) if ran[line] != wanted[line])
    ]  # fmt: skip


def show(seed: int, number: int, figures: Counter[str] | None = None) -> list[str]:
    """Play one, in a directory of its own; what is wrong with it."""
    case = generate(seed, number, real=True)
    folder = Path(tempfile.mkdtemp(prefix="orchestrate-programs-"))
    theatre = Theatre(folder / "project", case)
    performance = Show(case, theatre, kills=case.chance("strikes").randint(1, 3))
    try:
        found = performance.play()
    except AssertionError as error:
        found = [str(error)]
    finally:
        theatre.close()
    left = theatre.processes()
    if left:
        found.append(f"left: {left}")
    if figures is not None:
        figures["programs of real processes"] += 1
        figures["kills of real processes"] += performance.kills
        figures["attempts of real processes"] += len(theatre.lines()) // 2
    shutil.rmtree(folder)
    if not found:
        return []
    texts = [case.text(name) for name in case.playbooks]
    return [f"make torture SEED={seed} PROCESS={number}", *found, *texts]


def failures(seed: int, numbers: range, figures: Counter[str]) -> list[str]:
    """What went wrong with these programs of a seed, one message for each."""
    wrong: list[str] = []
    for number in numbers:
        found = show(seed, number, figures)
        if found:
            wrong.append("\n".join(found))
            print(f"\n{wrong[-1]}", flush=True)
    return wrong
