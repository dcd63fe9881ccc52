"""What the model says must come of a program, and the values that it works with."""

from collections import ChainMap
from collections.abc import Mapping
from typing import Any, NamedTuple

from random_programs import notation

FOR_EVER = float("inf")


class TieError(Exception):
    """Two things happen at the very same moment, so the model cannot say which comes first."""


class Failure(NamedTuple):
    """What failed first, and when."""

    at: float
    path: str
    code: int | None


class Result(NamedTuple):
    """How a step, or a sequence of them, ended, and when."""

    status: str
    end: float
    code: int | None = None
    output: Any = None
    attempts: int = 0
    failure: Failure | None = None
    tolerated: bool = False
    begun: bool = True
    """Its body was reached."""
    hopeless: bool = False
    """Something of it was left that could not be undone: it is not tried again."""
    children: Mapping[str, Any] = {}

    @property
    def failed(self) -> bool:
        """It failed, or its time was over."""
        return self.status in ("failed", "timed_out")

    @property
    def stops(self) -> bool:
        """What comes after it does not run."""
        return self.status == "cancelled" or (self.failed and not self.tolerated)

    def shown(self) -> dict[str, Any]:
        """What expressions see of it."""
        return {
            **self.children,
            "success": self.status == "succeeded",
            "failed": self.failed,
            "skipped": self.status == "skipped",
            "status": self.status,
            "exit_code": self.code,
            "output": self.output,
            "attempts": self.attempts,
        }


class Attempt(NamedTuple):
    """An attempt that must have been made."""

    path: str
    number: int
    status: str
    started: float
    ended: float
    call: str


class Undo:
    """What a transaction did so far, and what those inside of it could not undo."""

    def __init__(self) -> None:
        self.effects: list[Effect] = []
        self.left = False

    def extend(self, other: "Undo") -> None:
        """What happened in a branch, or in a transaction inside."""
        self.effects += other.effects
        self.left = self.left or other.left


class Effect(NamedTuple):
    """A step that is to be undone if its transaction does not succeed."""

    at: float
    cut: bool
    """It was cut off: what did that ended before it, though at the same moment."""
    path: str
    step: Mapping[str, Any]
    place: "Place"


class Record:
    """Everything that must be in the journal."""

    def __init__(self) -> None:
        self.attempts: list[Attempt] = []
        self.ends: list[tuple[str, str]] = []
        """Path and status of all that ends."""
        self.undone: list[tuple[float, str]] = []
        """Steps that are undone, and when that begins."""
        self.rolled_back: list[tuple[str, bool]] = []
        """Transactions, and whether they say that they were rolled back."""
        self.state = ""
        self.outputs: Mapping[str, Any] = {}
        self.end = 0.0

    def add(self, other: "Record") -> None:
        """Take over what happened in a branch."""
        self.attempts += other.attempts
        self.ends += other.ends
        self.undone += other.undone
        self.rolled_back += other.rolled_back


class Layer:
    """Variables, and which of them were set here."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = dict(values)
        self.set: dict[str, Any] = {}

    def assign(self, values: Mapping[str, Any]) -> None:
        """Set some."""
        self.values.update(values)
        self.set.update(values)


class Place(NamedTuple):
    """Where a step stands: what it sees, when it is cut off, and its transaction."""

    names: ChainMap[str, Any]
    variables: Layer
    parameters: Mapping[str, Any]
    cut: float = FOR_EVER
    undo: Undo | None = None

    def inside(self, names: Mapping[str, Any] | None = None) -> "Place":
        """With some names more."""
        return self._replace(names=self.names.new_child(dict(names or {})))

    def branch(self) -> "Place":
        """With variables and effects of its own."""
        undo = None if self.undo is None else Undo()
        return self._replace(variables=Layer(self.variables.values), undo=undo)

    def join(self, branch: "Place") -> None:
        """Take over what a branch set and did."""
        self.variables.assign(branch.variables.set)
        if self.undo is not None and branch.undo is not None:
            self.undo.extend(branch.undo)

    def find(self, name: str) -> Any:
        """The value of a name; raises NoValueError."""
        for values in (self.names, self.variables.values, self.parameters):
            if name in values:
                return values[name]
        raise notation.NoValueError(name)

    def render(self, value: Any) -> Any:
        """A value with expressions in it."""
        return notation.render(value, self.find)

    def holds(self, condition: str) -> bool:
        """Whether a condition is true here."""
        return notation.holds(condition, self.find)

    def cut_by(self, moment: float) -> bool:
        """Whether it was cut off by then."""
        return self.cut <= moment

    def cut_before(self, moment: float) -> bool:
        """Whether something that would happen then does not: it was cut off before."""
        if moment == self.cut:
            raise TieError(moment)
        return self.cut < moment
