"""One root error: a stable code, an exit code, a place, and what to do about it.

Every error that a user can meet is an `OrchestrateError`. Each class has a stable `code`
(kebab-case, documented in docs/troubleshooting.md) and the exit code of the process that it ends.
`hint` is a sentence that says what to do next. Rendering happens in one place, `cli/errors.py`.
"""

from typing import ClassVar, NamedTuple


class Place(NamedTuple):
    """Where something stands in a file: `line` and `column` count from 1, in characters."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class ExitCode:
    """What the process tells its caller (docs/cli.md)."""

    SUCCEEDED = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    LEFT_OPEN = 4
    """Left paused, waiting, or needing attention."""
    CONFLICT = 5
    TIMED_OUT = 124
    INTERRUPTED = 130


class OrchestrateError(Exception):
    """Root of every error that reaches a user."""

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = ExitCode.FAILED

    def __init__(self, message: str, *, hint: str = "", place: Place | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.place = place


class UsageError(OrchestrateError):
    """The call itself is wrong: options, parameters, values."""

    code = "usage"
    exit_code = ExitCode.USAGE


class NotFoundError(OrchestrateError):
    """A playbook, workflow, step, checkpoint or environment of that name does not exist."""

    code = "not-found"
    exit_code = ExitCode.NOT_FOUND


class ConflictError(OrchestrateError):
    """The thing is in a state in which this cannot be done, or somebody else is doing it."""

    code = "conflict"
    exit_code = ExitCode.CONFLICT


class StateDirectoryError(OrchestrateError):
    """The state directory cannot be used: read-only, full, on a network file system, not ours."""

    code = "state-directory"
    exit_code = ExitCode.FAILED


class StoreError(OrchestrateError):
    """The database cannot be used: corrupt, or written by a newer program."""

    code = "store"
    exit_code = ExitCode.FAILED


class CommandError(OrchestrateError):
    """What a step calls cannot be called: not found, not executable."""

    code = "command"
    exit_code = ExitCode.USAGE
