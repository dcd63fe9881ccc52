"""What became of one attempt to deliver."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from orchestrate.launching.deliveries import Remembered

LONGEST_ERROR = 500
"""Characters of an error that are kept."""


class Done(NamedTuple):
    """The receiver has it."""

    remember: Remembered


class Later(NamedTuple):
    """It is to be tried again, not before `after` seconds if that is given."""

    why: str
    after: float | None = None
    remember: Remembered | None = None
    held: tuple[str, ...] = ()
    """Environment variables without which another attempt makes no sense."""


class Never(NamedTuple):
    """The receiver will not take it."""

    why: str


Outcome: TypeAlias = Done | Later | Never
Attempt: TypeAlias = Callable[[], Outcome]
"""One attempt. Blocks; made in a thread of its own. Raises nothing."""
