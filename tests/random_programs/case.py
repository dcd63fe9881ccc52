"""A random program: a playbook as data, how its attempts end, and what people do meanwhile.

Everything follows from a seed and a number. How an attempt ends depends on its path and number
alone, so a playbook from which steps were taken away (see `shrinking`) plays like before elsewhere.
All times are multiples of 2**-20 s: sums of them are exact, so equal moments are equal numbers.
"""

import json
import random
from collections.abc import Mapping
from typing import Any, NamedTuple

Data = dict[str, Any]
GRAIN = 1 << 20
PONDERS = 1.5
"""Seconds that people take to decide about a step that needs attention."""
EVERY = 7.25
"""Seconds between events that arrive from outside."""


def grained(seconds: float) -> float:
    """The nearest multiple of 2**-20 s."""
    return round(seconds * GRAIN) / GRAIN


class End(NamedTuple):
    """How an attempt ends if nobody stops it: with exit code 0 it has succeeded."""

    code: int
    takes: float
    output: int | None


class Stop(NamedTuple):
    """What ends the workflow before its time: cancel, complete or timeout."""

    verb: str
    at: float


class Case(NamedTuple):
    """A program of one seed. `racing`: what comes of it depends on times, so the model needs them;
    otherwise it must come to the same on any machine and schedule.
    """

    seed: str
    racing: bool
    playbooks: Mapping[str, Data]
    """`program`, and those that it includes."""
    options: Mapping[str, Any]
    stop: Stop | None = None
    real: bool = False
    """Real processes run it: they take a hundredth of the time, and undoing succeeds."""

    @property
    def program(self) -> Data:
        """The playbook that is run."""
        return self.playbooks["program"]

    @property
    def forced(self) -> float:
        """When it is completed by force; infinite if it is not."""
        stop = self.stop
        return stop.at if stop is not None and stop.verb == "complete" else float("inf")

    def text(self, name: str = "program") -> str:
        """A playbook as a file; JSON is YAML."""
        return json.dumps(self.playbooks[name], indent=1)

    def chance(self, *about: object) -> random.Random:
        """Random numbers that depend on the seed and on what they are about."""
        return random.Random("/".join([self.seed, *map(str, about)]))

    def end(self, path: str, number: int) -> End:
        """How that attempt ends."""
        chance = self.chance("end", path, number)
        undoes = "/compensate/" in path
        fails = chance.random() < (
            0.25 if not undoes else 0.0 if self.racing or self.real else 0.15
        )
        takes = grained(chance.uniform(0.25, 5.0))
        output = chance.randint(1, 9) if chance.random() < 0.6 else None
        return End(chance.randint(1, 3) if fails else 0, takes, output)

    def arrives(self, event: str) -> float | None:
        """When events of that name arrive first; then again and again. None: never."""
        if event.startswith("never"):
            return None
        return grained(self.chance("event", event).uniform(0.1, EVERY))

    def answer(self, name: str) -> tuple[str, float] | None:
        """Whether somebody approves or rejects what a step asks, and after how long; None: nobody
        does.
        """
        chance = self.chance("answer", name)
        what = chance.choice(["approve", "approve", "reject", None])
        return None if what is None else (what, grained(chance.uniform(0.5, 6.0)))

    def decision(self, path: str, subject: str, choices: tuple[str, ...]) -> str:
        """What somebody decides about a step that needs attention."""
        if "/compensate" in path and subject.startswith("unknown"):
            return "rerun"
        return self.chance("decision", path, subject).choice(choices)
