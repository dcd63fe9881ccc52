"""All scenarios under faults: `python -m faulty.campaign --seeds 50`.

Each play depends on its seed and on nothing but how fast the machine is: `--seed 7 --only NAME`
plays one of them again, `--keep` keeps its directory.
"""

import argparse
import json
import os
import pickle
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

from contract.scenario_runner import Case, cases
from faulty.chance import APPLIED, CALLED, ERROR, SLOW
from faulty.judging import judge
from faulty.playing import Player, UnfinishedError

from orchestrate.workflow.events import EventType

_OF_A_MOMENT = ("cancelling: what had just succeeded when the cancel came stays succeeded",)
_RICH = (
    "cancelling: a cancel stops what runs, starts nothing more, and runs finally",
    "claims: locks and capacity are had before a step begins and given back at its end",
    "pausing: a pause with now stops what runs and performs it again afterwards",
)
"""Scenarios that together come to most places."""
_ENOUGH = 10
"""Failures after which the rest is left."""
_OFTEN = 1000
"""Processes that come to a place, after which something must have failed there."""
KINDS = (ERROR, SLOW, APPLIED)
LAYERS = ("store", "engine", "supervisor")


class Report:
    """What was done to how many, and what became of it."""

    def __init__(self) -> None:
        self.hits: dict[str, Counter[str]] = {}
        """By place: how often it failed in which way."""
        self.kinds: dict[str, tuple[str, ...]] = {}
        """By place: the ways in which it can fail."""
        self.calls: Counter[str] = Counter()
        """By place: how many processes came to it."""
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []

    def add(self, book: Path) -> None:
        """What a book says."""
        for line in book.read_text().splitlines() if book.exists() else ():
            kind, place, *more = line.split("\t")
            hits = self.hits.setdefault(place, Counter())
            if kind == CALLED:
                self.kinds[place] = tuple(more[0].split())
                self.calls[place] += 1
            else:
                hits[kind] += 1

    def merge(self, other: "Report") -> None:
        """What another process has done."""
        for place, hits in other.hits.items():
            self.hits.setdefault(place, Counter()).update(hits)
        self.kinds.update(other.kinds)
        self.calls.update(other.calls)
        self.counts.update(other.counts)
        self.wrong += other.wrong

    @property
    def faults(self) -> int:
        """How many were injected."""
        return sum(hits.total() for hits in self.hits.values())

    @property
    def spared(self) -> list[tuple[str, str]]:
        """Places that were called, with kinds of faults that they did not meet."""
        return [
            (place, kind)
            for place, kinds in sorted(self.kinds.items())
            for kind in kinds
            if not self.hits[place][kind]
        ]

    def show(self) -> str:
        """A table."""
        lines = [f"{'error':>6} {'slow':>6} {'applied':>7}  place"]
        for place, hits in sorted(self.hits.items()):
            numbers = [str(hits[k]) if k in self.kinds.get(place, ()) else "-" for k in KINDS]
            lines.append(f"{numbers[0]:>6} {numbers[1]:>6} {numbers[2]:>7}  {place}")
        lines += [f"{count:6}  {what}" for what, count in sorted(self.counts.items())]
        lines.append(f"{self.faults:6}  faults at {len(self.hits)} places")
        lines.append(f"{len(self.spared):6}  kinds of faults that a place never met")
        return "\n".join(lines)

    def json(self) -> str:
        """The same for programs."""
        return json.dumps(
            {
                "hits": self.hits, "spared": self.spared, "counts": self.counts,
                "faults": self.faults, "wrong": self.wrong,
            }
        )  # fmt: skip


def play(case: Case, settings: dict[str, Any], report: Report, *, keep: bool = False) -> bool:
    """One scenario in a directory of its own. False if something is wrong, which is then told."""
    root = Path(tempfile.mkdtemp(prefix="orchestrate-faults-"))
    player = Player(case, root, {**settings, "book": str(root / "book")})
    try:
        player.play()
        wrong = judge(case, player)
    except UnfinishedError as error:
        wrong = [str(error)]
    _tidy(player)
    report.add(root / "book")
    report.counts["scenarios played"] += 1
    report.counts["of them by another way"] += player.is_touched
    report.counts["processes"] += len(player.said)
    report.counts["of them stopped with an error"] += sum(s.how != "ended" for s in player.said)
    if wrong:
        where = root if keep else "not kept; --keep keeps it"
        text = "\n  ".join(wrong)
        only = settings.get("only", "")
        report.wrong.append(f"seed {settings['seed']} {only} ({where}):\n  {text}")
    if not (wrong and keep):
        shutil.rmtree(root)
    return not wrong


def _tidy(player: Player) -> None:
    """Remove what supervisors left in memory when it could not be removed."""
    names = {e.data["supervisor"] for e in player.events if e.type is EventType.OWNED}
    for name in names - {""}:
        for folder in Path("/dev/shm").glob(f"orchestrate-{name}-*"):
            shutil.rmtree(folder, ignore_errors=True)


def campaign(plays: Sequence[tuple[Case, dict[str, Any]]], jobs: int, *, keep: bool) -> Report:
    """Many plays, some at once, each of which mostly waits; each process has every n-th of them."""
    pipes: list[int] = []
    jobs = min(jobs, len(plays))
    for job in range(jobs):
        reading, writing = os.pipe()
        if os.fork() == 0:
            try:
                report = Report()
                for case, settings in plays[job::jobs]:
                    play(case, settings, report, keep=keep)
                    if len(report.wrong) >= _ENOUGH:
                        break
                with os.fdopen(writing, "wb") as stream:
                    pickle.dump(report, stream)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(0)
        os.close(writing)
        pipes.append(reading)
    whole = Report()
    for reading in pipes:
        with os.fdopen(reading, "rb") as stream:
            whole.merge(pickle.load(stream))
        os.wait()
    return whole


def each(chosen: Sequence[Case], layers: str, jobs: int) -> list[tuple[Case, dict[str, Any]]]:
    """Plays in which one call at one place fails in one way: all places that these scenarios come
    to, and all ways.
    """
    plays: list[tuple[Case, dict[str, Any]]] = []
    known: set[str] = set()
    for case, killed in product(chosen, (False, True)):
        calm = {"seed": case.name, "rate": 0, "layers": layers, "fresh": True, "killed": killed}
        found = campaign([(case, calm)], jobs, keep=False).kinds
        plays += [
            (case, {**calm, "only": [place, kind, 1]})
            for place, kinds in sorted(found.items())
            for kind in kinds
            if place not in known
        ]
        known |= found.keys()
    return plays


def main() -> int:
    """The command line."""
    options = _options()
    begun, jobs, layers = time.monotonic(), options.jobs, options.layers
    chosen = [case for case in playable() if options.only in case.name]
    plays = [
        (
            case,
            {
                "seed": f"{seed} {case.name}",
                "rate": options.rate,
                "layers": layers,
                "fresh": not (seed + number) % 4,
            },
        )
        for seed in range(options.seed, options.seed + options.seeds)
        for number, case in enumerate(chosen[seed % options.every :: options.every])
    ]
    if options.fault:
        place, kind, numbers = options.fault
        plays = [
            (case, {**more, "only": [place, kind, int(number)]})
            for case, more in plays
            for number in numbers.split(",")
        ]
    if options.each:
        rich = [case for case in chosen if case.name in _RICH]
        plays = [*each(rich, layers, jobs), *plays]
    report = campaign(plays, jobs, keep=options.keep)
    report.counts["seconds"] = round(time.monotonic() - begun)
    spent = os.times()
    report.counts["seconds of a processor"] = round(sum(spent[:4]))
    if options.each:
        never = [p for p, hits in report.hits.items() if not hits and report.calls[p] > _OFTEN]
        report.wrong += [f"nothing failed at {place}" for place in sorted(never)]
    text = report.json() if options.json else "\n\n".join([report.show(), *report.wrong])
    sys.stdout.write(f"{text}\n")
    return 1 if report.wrong else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=1, help="how many")
    parser.add_argument("--seed", type=int, default=1, help="the first of them")
    parser.add_argument("--rate", type=float, default=0.01, help="the share of calls that fail")
    parser.add_argument("--each", action="store_true", help="first, each fault at each place once")
    parser.add_argument("--fault", nargs=3, metavar=("PLACE", "KIND", "N"), help="only this one")
    parser.add_argument("--only", default="", help="scenarios with this in their names")
    parser.add_argument("--every", type=int, default=1, help="only each n-th scenario, in turn")
    parser.add_argument("--layers", default=",".join(LAYERS))
    parser.add_argument("--jobs", type=int, default=6, help="scenarios at once; each mostly waits")
    parser.add_argument("--keep", action="store_true", help="keep the directories of failures")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def playable() -> list[Case]:
    """All but those in which something is asked for in the moment in which a process ends well: the
    moment has passed by the time that somebody has followed one who stopped.
    """
    return [case for case in cases() if case.name not in _OF_A_MOMENT]


if __name__ == "__main__":
    sys.exit(main())
