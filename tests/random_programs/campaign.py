"""Random programs against the model: `python -m random_programs.campaign --programs 20000`.

Each is played in memory several times: once undisturbed, then with pauses, engines that die at any
event, and machines that are lost; `--real` are run by real processes that are killed. A failure
says how to play just that program again, and shows a smaller one that goes wrong as well.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator

from random_programs.case import Case
from random_programs.comparing import differences
from random_programs.generating import generate
from random_programs.playing import course, plan_of, play, program_of
from random_programs.record import TieError
from random_programs.shrinking import shrink

from orchestrate.errors import OrchestrateError

PLAYS = 3
"""Of each program, with different pauses and kills."""
SHOWN = 12
"""Differences that a failure shows."""


def faults(case: Case, number: int, figures: Counter[str] | None = None) -> list[str]:
    """What is wrong with play `number` of a program."""
    program = program_of(case, plan_of(case))
    happens = course(case, number)
    played = play(case, program, happens)
    try:
        found = list(differences(case, played.events, played.lost))
    except TieError:
        found = []
    if figures is not None:
        figures["plays"] += 1
        figures["events"] += len(played.events)
        figures["kills"] += len(happens.kills)
        figures["pauses"] += len(happens.pauses)
        figures["attempts that were lost"] += len(played.lost)
    return found


def failures(
    seed: int, numbers: range, figures: Counter[str] | None = None, plays: int = PLAYS
) -> Iterator[str]:
    """What went wrong with these programs of a seed, one message for each."""
    for number in numbers:
        case = generate(seed, number)
        for played in range(plays):
            found = faults(case, played, figures)
            if found:
                yield told(seed, number, case, played, found)
                break
        if figures is not None:
            figures["programs"] += 1


def told(seed: int, number: int, case: Case, played: int, found: list[str]) -> str:
    """A failure in words."""

    kind = found[0].split()[:2]

    def goes_wrong(smaller: Case) -> bool:
        try:
            return any(fault.split()[:2] == kind for fault in faults(smaller, played))
        except (OrchestrateError, KeyError, LookupError):
            return False  # something needs what was taken away

    small = shrink(case, goes_wrong)
    lines = [f"make torture SEED={seed} PROGRAM={number}", *found[:SHOWN]]
    lines += [f"a smaller program that goes wrong in play {played}, {small.stop}:"]
    lines += [small.text(name) for name in small.playbooks]
    lines += faults(small, played)[:SHOWN]
    return "\n".join(lines)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--programs", type=int, default=20_000, help="how many in memory")
    parser.add_argument("--real", type=int, default=0, help="how many with real processes")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--program", type=int, help="only this one, in memory")
    parser.add_argument("--process", type=int, help="only this one, with real processes")
    options = parser.parse_args()
    begun = time.monotonic()
    figures: Counter[str] = Counter()
    numbers = range(options.programs)
    real = range(options.real)
    if options.program is not None or options.process is not None:
        numbers = _only(options.program)
        real = _only(options.process)
    wrong: list[str] = []
    for message in failures(options.seed, numbers, figures):
        wrong.append(message)
        print(f"\n{message}", flush=True)
        if len(wrong) >= 10:
            break
    if real:
        from random_programs.processes import failures as real_failures

        wrong += real_failures(options.seed, real, figures)
    print(f"seed {options.seed}, {time.monotonic() - begun:.0f} s")
    print("\n".join(f"{n:9,}  {what}" for what, n in sorted(figures.items())))
    print(f"{len(wrong):9,}  went wrong")
    return 1 if wrong else 0


def _only(number: int | None) -> range:
    return range(0) if number is None else range(number, number + 1)


if __name__ == "__main__":
    sys.exit(main())
