"""What the engine is given by whoever wires it: the project's side of running a step."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from orchestrate.launching.asking import Asker
from orchestrate.launching.services import CommandResolver, LaunchServices
from orchestrate.playbook.plan import Json, Secret
from orchestrate.processes.launch import Launch
from orchestrate.secrets.model import Fetched
from orchestrate.workflow.admitting import Freezes, Rules
from orchestrate.workflow.engine import Observer
from orchestrate.workflow.events import Event
from orchestrate.workflow.program import Attempt
from orchestrate.workflow.rates import Limit

if TYPE_CHECKING:
    from orchestrate.embedded.claims import NewEvent
    from orchestrate.embedded.listing import Row
    from orchestrate.embedded.store import Store


class HostServices(NamedTuple):
    """Settings and services of one project, as `EmbeddedEngine` needs them."""

    root: str
    """Working directory of steps that name none; relative ones start here."""
    registry_for: Callable[[str], CommandResolver]
    """The commands of an environment, by its name."""
    environment: Mapping[str, str]
    """What steps inherit."""
    resolve_secrets: Callable[[Sequence[Secret]], Mapping[str, str]]
    """Values of those of a plan's secrets that are known before it starts; raises an
    OrchestrateError naming those that are missing."""
    actor: str
    origin: Mapping[str, Json] = {}
    """From where this process asks: host, terminal and the like, for the audit."""
    output_limit: int = 64 << 20
    """Bytes of output kept per attempt."""
    kill_grace: float = 10.0
    """Seconds between TERM and KILL."""
    max_workflows: int | None = None
    """How many workflows run at once on this state directory; None: any number."""
    rate_limits: tuple[Limit, ...] = ()
    """How often commands are called, by all workflows together."""
    freezes: Freezes | None = None
    """When no new workflows begin."""
    capacity: Mapping[str, int] = {}
    """`[capacity]`: how much there is of each resource."""
    look_after_audit: Callable[["Store"], None] | None = None
    """Signs and removes what is due, when a workflow has ended. Never raises."""
    retention_days: float = 0
    """Workflows that ended longer ago are removed; 0 keeps them."""
    asker: Asker | None = None
    """Asks about the steps of `--step-by-step`. Without it the workflow is left waiting."""
    stays: bool = False
    """Whether the process goes on waiting when only people's approval is waited for. Otherwise the
    workflow is left waiting."""
    notice: Callable[[str], None] | None = None
    """Tells a person, outside of any workflow, what is being waited for; "" when it is over. Called
    in any thread."""
    fetch_secret: Callable[[Secret], Fetched] | None = None
    """The value of any other secret now. Blocks, and is called in threads of its own; raises an
    OrchestrateError."""
    give_back: Callable[[Path], None] | None = None
    """Gives back what was lent to a workflow that is over, whose folder that is. Blocks, never
    raises."""
    telemetry: Callable[[str, Iterable[Event]], Observer] | None = None
    """Whom to tell every event of a workflow, besides what it recorded so far. Never raises."""
    trace_sampling: float = 1.0
    """The share of workflows without a caller's trace context whose traces are sampled."""
    tell: "Callable[[Store], None] | None" = None
    """Has told what is due of all workflows, in another process; called when something was
    written that others may be told of. Returns at once."""
    state_group: str | None = None
    """The group that shares the state directory."""
    hand_on: "Callable[[Row, Sequence[NewEvent], bool], None] | None" = None
    """Has another one own a workflow that nobody runs, with these events, until nothing of it is
    left to do (or, if so, until it is paused); returns when that has begun. None: done here."""
    on_launch: Callable[[Attempt, Launch, str], None] | None = None
    """Shown each launch before it is made, and where its command was found; it holds secrets."""

    @property
    def rules(self) -> Rules:
        """Who may begin."""
        return Rules(self.max_workflows, self.freezes)

    @property
    def launching(self) -> LaunchServices:
        """What is needed to start a step."""
        return LaunchServices(
            self.root,
            self.registry_for,
            self.environment,
            self.rate_limits,
            self.output_limit,
            self.kill_grace,
            self.fetch_secret,
            self.on_launch,
            self.give_back,
        )
