"""Hundreds of kills at random moments: `python -m crash.torture --kills 500 --seed 1`.

Each round is one workflow: it is started, struck, resumed and struck again until it is over; then
effects, journal, state and processes are compared with what they must be. A round depends on
nothing but its seed and the speed of the machine; `--round 17` plays round 17 alone.
"""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from crash.harness import PATIENCE, Playground, Seen, eventually, kill
from crash.verdict import Verdict, judge

from orchestrate.processes.supervising.crash import ENGINE_POINTS, SLOT_POINTS, SUPERVISOR_POINTS

TARGETS = {
    "engine": 52, "supervisor": 14, "engine and supervisor": 12, "slot": 6,
    "supervisor and slots": 5, "everything that watches": 6, "reboot": 2,
}  # fmt: skip
"""What is killed, and how often of a hundred (the rest is for engines killed at a named point)."""
_VICTIMS = {
    "engine": ("engine",),
    "supervisor": ("supervisor",),
    "engine and supervisor": ("engine", "supervisor"),
    "slot": ("slot",),
    "supervisor and slots": ("supervisor", "slot"),
    "everything that watches": ("engine", "supervisor", "slot"),
}
_POINTS = [p for p in (*ENGINE_POINTS, *SUPERVISOR_POINTS, *SLOT_POINTS) if "checkpoint" not in p]
_MOST_STRIKES = 12
"""Kills in one workflow; then it may end in peace."""


class Figures:
    """What a campaign has done and found."""

    def __init__(self) -> None:
        self.kills: Counter[str] = Counter()
        self.live = 0
        """Kills at which some step was running."""
        self.counts = Counter({"doubled": 0, "lost": 0, "stuck": 0, "left processes": 0})
        self.faults: list[str] = []

    @property
    def total(self) -> int:
        """All kills."""
        return sum(self.kills.values())

    def add(self, verdict: Verdict) -> None:
        """A workflow is over."""
        self.counts["workflows"] += 1
        self.counts["effects"] += verdict.effects
        self.counts["unknown"] += verdict.unknown
        self.counts["doubled"] += len(verdict.doubled)
        self.counts["lost"] += len(verdict.lost)
        self.counts["other faults"] += len(verdict.other)

    def show(self) -> str:
        """A table."""
        lines = [f"{n:6}  {what}" for what, n in self.kills.most_common()]
        share = 100 * self.live / max(1, self.total)
        lines.append(f"{self.total:6}  kills, {self.live} ({share:.0f} %) with a step running")
        lines += [f"{n:6}  {what}" for what, n in sorted(self.counts.items())]
        return "\n".join(lines)


class Left(NamedTuple):
    """How a process that ran the workflow came back: its exit code, None if it was killed."""

    code: int | None


class Round:
    """One workflow, struck until it is over."""

    def __init__(self, ground: Playground, seed: str, figures: Figures, most: int) -> None:
        self._ground = ground
        self._random = random.Random(seed)
        self._figures = figures
        self._strikes_left = min(most, _MOST_STRIKES)
        self._may_be_unknown = False

    def play(self) -> Verdict:
        """Until it is over."""
        for _ in range(60):
            state = self._ground.workflow_state
            if state == "succeeded":
                break
            self._session(state)
        return judge(self._ground, may_be_unknown=self._may_be_unknown)

    def _session(self, state: str) -> None:
        chance = self._random.random()
        strike = self._strikes_left > 0
        if state in ("", "queued"):
            self._struck(self._begin(state, ""), strike=strike)
        elif state == "needs_attention":
            choice = self._random.choice(["rerun", "rerun", "skip"])
            self._struck(self._ground.resume("--unknown", choice), strike=strike)
        elif chance < 0.12:
            self._rivals()
        elif chance < 0.2 and strike:
            self._taken_over()
        elif chance < 0.3 and strike:
            self._named()
        else:
            self._struck(self._ground.resume(), strike=strike)

    def _begin(self, state: str, crash_at: str) -> "subprocess.Popen[bytes]":
        if state == "queued":
            return self._ground.resume(crash_at=crash_at)
        return self._ground.run(crash_at=crash_at)

    # --- strikes

    def _struck(self, process: "subprocess.Popen[bytes]", *, strike: bool) -> None:
        """Kill something while `process` runs the workflow; then wait for its end."""
        while strike and self._moment(process):
            self._strike(process)
            strike = self._strikes_left > 0 and self._random.random() < 0.5
        self._come_back(process)

    def _moment(self, process: "subprocess.Popen[bytes]") -> bool:
        """Wait for some moment. False if the process has ended before."""
        if self._random.random() < 0.15:
            until = time.monotonic() + self._random.uniform(0.0, 1.2)
            return _ended(process, until) is None
        effects = len(self._ground.lines()) + self._random.choice([1, 1, 2, 3, 5, 8, 13])
        until = time.monotonic() + PATIENCE
        while len(self._ground.lines()) < effects:
            if process.poll() is not None:
                return False
            if time.monotonic() > until:
                raise AssertionError(f"stuck\n{self._ground.said(process)}")
            time.sleep(0.003)
        return _ended(process, time.monotonic() + self._random.uniform(0.0, 0.025)) is None

    def _strike(self, process: "subprocess.Popen[bytes]") -> None:
        what = self._random.choices([*TARGETS], [*TARGETS.values()])[0]
        seen = self._ground.processes()
        if what == "reboot":
            self._count(what, seen)
            self._may_be_unknown = True
            self._ground.reboot()
            return
        victims = [entry for entry in seen if entry.kind in _VICTIMS[what]]
        if what == "slot" and victims:
            victims = [self._random.choice(victims)]
        if not victims:
            return
        self._random.shuffle(victims)
        for victim in victims:
            kill(victim.pid)
        if "slot" in _VICTIMS[what]:
            self._may_be_unknown = True
        self._count(what, seen)
        if "engine" in _VICTIMS[what]:
            process.wait(PATIENCE)

    def _count(self, what: str, seen: list[Seen]) -> None:
        self._strikes_left -= 1
        self._figures.kills[what] += 1
        self._figures.live += any(entry.kind == "step" for entry in seen)

    def _come_back(self, process: "subprocess.Popen[bytes]") -> None:
        code = self._ground.wait(process)
        if code in (0, -9):
            return
        if code == 4 and self._ground.workflow_state == "needs_attention":
            return
        if code == 5 and self._ground.workflow_state == "succeeded":
            return  # it was killed when its last commit was written, but to be seen by nobody yet
        raise AssertionError(f"ended with {code}\n{self._ground.said(process)}")

    # --- other disasters

    def _named(self) -> None:
        """Something kills itself at a named point, which may never be reached."""
        point = self._random.choice(_POINTS)
        crash_at = f"{point}:{self._random.choice([1, 1, 2, 3, 5])}!stop"
        process = self._ground.resume(crash_at=crash_at)
        eventually(
            lambda: process.poll() is not None or self._ground.stopped(), f"{crash_at} is reached"
        )
        stopped = self._ground.stopped()
        if stopped:
            seen = self._ground.processes()
            self._may_be_unknown = self._may_be_unknown or point in SLOT_POINTS
            for entry in stopped:
                kill(entry.pid)
            self._count(f"{stopped[0].kind} at a named point", seen)
        self._come_back(process)

    def _rivals(self) -> None:
        """Two resume at the same moment: one wins, the other is told that it came too late."""
        rivals = [self._ground.resume(), self._ground.resume()]
        eventually(lambda: any(rival.poll() is not None for rival in rivals), "one comes back")
        if self._strikes_left > 0 and self._random.random() < 0.5:
            for rival in rivals:
                if rival.poll() is None:
                    self._struck(rival, strike=True)
        codes = sorted(self._ground.wait(rival) for rival in rivals)
        self._figures.counts["two resumes at once"] += 1
        # One that comes when the other has left a step to be decided on may look at it as well.
        if codes not in ([-9, 5], [0, 5], [4, 5], [4, 4], [-9, 4]):
            raise AssertionError(
                f"two resumes at once ended with {codes}\n"
                + "\n".join(self._ground.said(rival) for rival in rivals)
            )

    def _taken_over(self) -> None:
        """An engine is stopped between commit and launch, another takes over, the first goes on."""
        point = self._random.choice(["launch.before", "turn.before", "launch.after"])
        first = self._ground.resume(crash_at=f"{point}:{self._random.choice([1, 2, 3, 6])}!stop")
        eventually(lambda: first.poll() is not None or self._ground.stopped(), "it is stopped")
        if first.poll() is not None:
            self._come_back(first)
            return
        second = self._ground.take_over()
        code = self._ground.wait(second)
        kill(first.pid, 18)
        late = self._ground.wait(first)
        self._figures.counts["taken over from a stopped engine"] += 1
        if code not in (0, 4) or late == 0:
            raise AssertionError(
                f"a takeover ended with {code}, the one before with {late}\n"
                f"{self._ground.said(first)}\n{self._ground.said(second)}"
            )


def _ended(process: "subprocess.Popen[bytes]", until: float) -> int | None:
    """The exit code of a process if it ends before a moment."""
    try:
        return process.wait(max(0.0, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        return None


def play_round(seed: int, number: int, figures: Figures, most: int, *, keep: bool = False) -> bool:
    """One round in a directory of its own. False if something is wrong, which is then told."""
    folder = Path(tempfile.mkdtemp(prefix="orchestrate-torture-"))
    ground = Playground(folder / "project")
    try:
        verdict = Round(ground, f"{seed}/{number}", figures, most).play()
        figures.add(verdict)
        faults = list(verdict.faults)
    except (AssertionError, subprocess.TimeoutExpired) as error:
        figures.counts["stuck"] += 1
        faults = [str(error)]
    finally:
        ground.close()
    left = ground.processes()
    if left:
        figures.counts["left processes"] += len(left)
        faults.append(f"left: {left}")
    if faults:
        where = folder if keep else "not kept; --keep keeps it"
        figures.faults.append(f"seed {seed}, round {number} ({where}):\n" + "\n".join(faults))
    if not (faults and keep):
        shutil.rmtree(folder)
    return not faults


def campaign(kills: int, seed: int, *, seconds: float | None = None, keep: bool = False) -> Figures:
    """Rounds until there were enough kills, the time is over, or something is wrong."""
    figures = Figures()
    until = None if seconds is None else time.monotonic() + seconds
    number = 0
    while figures.total < kills and (until is None or time.monotonic() < until):
        number += 1
        play_round(seed, number, figures, kills - figures.total, keep=keep)
        if len(figures.faults) >= 10:
            break
    return figures


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--round", type=int, help="only this round")
    parser.add_argument("--keep", action="store_true", help="keep the directories of failures")
    options = parser.parse_args()
    begun = time.monotonic()
    if options.round is not None:
        figures = Figures()
        play_round(options.seed, options.round, figures, options.kills, keep=options.keep)
    else:
        figures = campaign(options.kills, options.seed, keep=options.keep)
    print(f"seed {options.seed}, {time.monotonic() - begun:.0f} s\n{figures.show()}")
    for fault in figures.faults:
        print(f"\n{fault}")
    return 1 if figures.faults else 0


if __name__ == "__main__":
    sys.exit(main())
