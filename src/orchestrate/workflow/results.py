"""How a step ended, as the interpreter and the expressions see it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from orchestrate.playbook.plan import Json
from orchestrate.workflow.outcomes import Outcome, Status


class Failure(NamedTuple):
    """Why something failed: the step where it began, and the journal position of that, by which
    the first of several failures is told.
    """

    step: str
    message: str
    exit_code: int | None
    seq: int

    def to_error(self) -> dict[str, Json]:
        """What `error` is inside handlers."""
        return {"step": self.step, "message": self.message, "exit_code": self.exit_code}


NO_ERROR: Mapping[str, Json] = {"step": "", "message": "", "exit_code": None}
"""What `error` is inside a `finally` when nothing failed."""


class Result(NamedTuple):
    """How a step ended.

    `recorded`: the journal says already that the step is over. `tolerated`: it failed, and
    `continue_on_error` lets the sequence go on. `children`: what a step that contains steps shows
    as attributes. `doubt`: why nobody knows whether a cancelled step took effect. `hopeless`: it is
    not to be tried again.
    """

    status: Status
    exit_code: int | None = None
    output: Json = None
    stdout: str = ""
    stderr: str = ""
    message: str = ""
    duration: float | None = None
    attempts: int = 0
    failure: Failure | None = None
    recorded: bool = False
    tolerated: bool = False
    handled: bool = False
    children: "Mapping[str, Shown] | None" = None
    doubt: str = ""
    hopeless: bool = False

    @property
    def failed(self) -> bool:
        """It failed or ran out of time."""
        return self.status is Status.FAILED or self.status is Status.TIMED_OUT

    @property
    def stops(self) -> bool:
        """What comes after it in its sequence does not run."""
        if self.status is Status.CANCELLED:
            return True
        return self.failed and not self.tolerated


Shown: TypeAlias = Result | Json | Mapping[str, "Shown"] | Sequence["Shown"]
"""What a name stands for: a result, plain data, or both nested."""

SKIPPED = Result(Status.SKIPPED)
CANCELLED = Result(Status.CANCELLED)


def from_outcome(outcome: Outcome, path: str, number: int, seq: int, *, recorded: bool) -> Result:
    """The result of a step whose last attempt ended with `outcome`."""
    failure = None
    status = outcome.status
    if status is not Status.SUCCEEDED and status is not Status.CANCELLED:
        message = outcome.message or _default_message(outcome)
        failure = Failure(path, message, outcome.exit_code, seq)
    return Result(
        status,
        outcome.exit_code,
        outcome.output,
        outcome.stdout,
        outcome.stderr,
        outcome.message,
        outcome.finished_at - outcome.started_at,
        number,
        failure,
        recorded,
    )


def _default_message(outcome: Outcome) -> str:
    if outcome.exit_code is not None:
        return f"exit code {outcome.exit_code}"
    return outcome.status.replace("_", " ")


def first_failure(results: Sequence[Result | None]) -> Failure | None:
    """The failure that the journal holds first."""
    failures = [result.failure for result in results if result and result.stops and result.failure]
    return min(failures, key=lambda failure: failure.seq, default=None)


def expose(shown: Shown) -> Json:
    """Plain data for expressions."""
    match shown:
        case Result():
            return _expose_result(shown)
        case str() | None:
            return shown
        case Mapping():
            return {name: expose(value) for name, value in shown.items()}
        case Sequence():
            return [expose(value) for value in shown]
        case _:
            return shown


def _expose_result(result: Result) -> dict[str, Json]:
    plain: dict[str, Json] = {
        "success": result.status is Status.SUCCEEDED,
        "failed": result.failed,
        "skipped": result.status is Status.SKIPPED,
        "status": str(result.status),
        "exit_code": result.exit_code,
        "stdout": result.stdout,
        "stderr": result.stderr,
        "output": result.output,
        "duration": result.duration,
        "attempts": result.attempts,
    }
    if isinstance(result.output, str):  # in a rehearsal, where nobody knows how long it takes
        plain["duration"] = result.output.replace(".output", ".duration")
    for name, child in (result.children or {}).items():
        plain.setdefault(name, expose(child))
    return plain
