"""What a failure matrix consists of: steps, what can happen to each, and what comes of it."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from orchestrate.playbook.plan import Json


class Mishap(StrEnum):
    """What can happen to a step. The engine is the process that runs the workflow."""

    FAILS = "fails"
    """its last attempt, too"""
    TIMES_OUT = "times_out"
    """its own `timeout`, at its last attempt, too"""
    ENCLOSING_TIMES_OUT = "enclosing_times_out"
    """the `timeout` of a step or playbook around it is over while it runs"""
    WORKFLOW_TIMES_OUT = "workflow_times_out"
    """the time for everything is over while it runs"""
    CANCELLED = "cancelled"
    """somebody cancels the workflow while it runs"""
    ENGINE_DIES_BEFORE = "engine_dies_before"
    """before its start is recorded"""
    ENGINE_DIES_DURING = "engine_dies_during"
    """after its start is recorded; the step goes on"""
    HOST_DIES = "host_dies"
    """the supervisor or the machine, while it runs: its outcome is unknown"""


CRASHES = frozenset((Mishap.ENGINE_DIES_BEFORE, Mishap.ENGINE_DIES_DURING, Mishap.HOST_DIES))
"""After these the workflow has no owner until somebody resumes it."""
FAILURES = frozenset(
    (
        Mishap.FAILS,
        Mishap.TIMES_OUT,
        Mishap.ENCLOSING_TIMES_OUT,
        Mishap.WORKFLOW_TIMES_OUT,
    )
)
"""Mishaps that are failures: nobody wanted them, and the engine goes on to react to them."""


_WORDS = {
    Mishap.FAILS: "fails",
    Mishap.TIMES_OUT: "times out",
    Mishap.WORKFLOW_TIMES_OUT: "the workflow times out",
    Mishap.CANCELLED: "cancelled",
    Mishap.ENGINE_DIES_BEFORE: "engine dies before",
    Mishap.ENGINE_DIES_DURING: "engine dies during",
    Mishap.HOST_DIES: "host dies",
}


class Resume(NamedTuple):
    """How `resume` would go on."""

    runs: tuple[str, ...] = ()
    """The steps that it starts first."""
    attaches: tuple[str, ...] = ()
    """Steps that went on without an engine: their end is waited for."""
    decide: tuple[str, ...] = ()
    """Steps about which somebody must decide first: rerun, skip or fail."""
    reuses: tuple[str, ...] = ()
    """What is recorded and not run again, handlers left out; a step that contains steps stands for
    all in it."""

    def to_json(self) -> dict[str, Json]:
        """As `--json` prints it."""
        return {name: list(value) for name, value in self._asdict().items()}


class Row(NamedTuple):
    """One step, one mishap, and what comes of it. All names are step paths."""

    path: str
    mishap: Mishap
    of: str
    """Whose time is over, with `ENCLOSING_TIMES_OUT`; else ""."""
    handlers: tuple[str, ...]
    """Steps of `on_failure`, `finally` and compensations that run because of it, in order."""
    done: tuple[str, ...]
    """Steps with effects that succeeded and that no handler or compensation was there for."""
    partial: tuple[str, ...]
    """Steps with effects that were broken off or failed, for which the same holds."""
    state: str
    """How the workflow ends; after a crash, how it ends once it is resumed."""
    resume: Resume
    deployed: bool
    """A step labelled `deployment` had begun."""
    reacted: bool
    """A handler or compensation that changes something ran, and does not run when everything
    succeeds.
    """
    told: bool
    """A handler told somebody."""

    @property
    def lost(self) -> bool:
        """Whether the workflow is left without an owner: `running`, until somebody resumes it."""
        return self.mishap in CRASHES

    def to_json(self) -> dict[str, Json]:
        """As `--json` prints it."""
        return {
            "path": self.path,
            "mishap": str(self.mishap),
            "of": self.of or None,
            "handlers": list(self.handlers),
            "done": list(self.done),
            "partial": list(self.partial),
            "owner": "lost" if self.lost else None,
            "state": self.state,
            "resume": self.resume.to_json(),
            "deployed": self.deployed,
            "reacted": self.reacted,
            "told": self.told,
        }


def happening(row: Row) -> str:
    """What happens to a step, in words."""
    return _WORDS.get(row.mishap) or f"{row.of} times out"


class Rehearsed(NamedTuple):
    """A step that something can happen to. `when`: what must be so that it runs at all."""

    path: str
    label: str | None
    call: str
    """As a person would type it, secrets masked; "" for a step that only waits."""
    when: str
    tells: bool
    """It tells somebody something."""
    rows: tuple[Row, ...]

    def to_json(self) -> dict[str, Json]:
        """As `--json` prints it."""
        return {
            "path": self.path,
            "label": self.label,
            "call": self.call,
            "when": self.when or None,
            "outcomes": [row.to_json() for row in self.rows],
        }


class Breach(NamedTuple):
    """A row that breaks a rule."""

    rule: str
    row: Row
    why: str

    def to_json(self) -> dict[str, Json]:
        """As `--json` prints it."""
        return {
            "rule": self.rule,
            "path": self.row.path,
            "mishap": str(self.row.mishap),
            "of": self.row.of or None,
            "why": self.why,
        }


class Matrix(NamedTuple):
    """Everything that can happen to the steps of a playbook."""

    steps: tuple[Rehearsed, ...]
    state: str
    """How the workflow ends if nothing happens."""
    notes: tuple[str, ...]
    """What a reader must know: what was not reached, and where this was cut short."""
    bounded: bool
    """Not every step was rehearsed."""

    @property
    def rows(self) -> Sequence[Row]:
        """All rows."""
        return [row for step in self.steps for row in step.rows]

    def to_json(self) -> dict[str, Json]:
        """As `--json` prints it, without the playbook and the rules."""
        return {
            "state": self.state,
            "bounded": self.bounded,
            "notes": list(self.notes),
            "steps": [step.to_json() for step in self.steps],
        }
