"""What whoever starts processes is given by the project: its settings and its commands."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from orchestrate.commands.model import Resolved
from orchestrate.playbook.plan import Secret
from orchestrate.processes.launch import Launch
from orchestrate.secrets.model import Fetched
from orchestrate.workflow.program import Attempt
from orchestrate.workflow.rates import Limit


class CommandResolver(Protocol):
    """The part of `commands.registry.Registry` that is needed to call a command."""

    def resolve(self, words: Sequence[str]) -> Resolved:
        """What is executed for a command's words; raises CommandError."""
        ...


class LaunchServices(NamedTuple):
    """Settings and services of one project, as far as launches need them."""

    root: str
    """Working directory of steps that name none; relative ones start here."""
    registry_for: Callable[[str], CommandResolver]
    """The commands of an environment, by its name."""
    environment: Mapping[str, str]
    """What steps inherit."""
    rate_limits: tuple[Limit, ...]
    """How often commands are called, by all workflows together."""
    output_limit: int
    """Bytes of output kept per attempt."""
    kill_grace: float
    """Seconds between TERM and KILL."""
    fetch_secret: Callable[[Secret], Fetched] | None
    """The value of a secret now. Blocks, and is called in threads of its own; raises an
    OrchestrateError."""
    on_launch: Callable[[Attempt, Launch, str], None] | None = None
    """Shown each launch before it is made, and where its command was found; it holds secrets."""
    give_back: Callable[[Path], None] | None = None
    """Gives back what was lent to a workflow that is over, whose folder that is. Blocks, never
    raises."""
