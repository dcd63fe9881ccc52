"""What a worker that has the project starts for it: slots of schedules. Implements
`cluster.serving.launches.Starter`.
"""

from collections.abc import Sequence
from itertools import islice

from orchestrate.app import App
from orchestrate.cluster.connection import ClusterError
from orchestrate.cluster.engine import ClusterEngine
from orchestrate.cluster.serving.beginning import Beginning
from orchestrate.cluster.serving.schedule_book import Fired
from orchestrate.cluster.serving.schedules import ClusterSchedules
from orchestrate.daemon.clock import clock_from
from orchestrate.daemon.composing import Composer
from orchestrate.daemon.declared import Declarations, declare_schedules
from orchestrate.daemon.log import Log
from orchestrate.daemon.scheduler import Slots, Workflows
from orchestrate.daemon.triggered import Triggered
from orchestrate.errors import ConflictError, OrchestrateError
from orchestrate.intake import Request
from orchestrate.launching.identity import current_author
from orchestrate.launching.inbox import Settled
from orchestrate.triggers.cloud_events import CloudEvent
from orchestrate.triggers.schedules import Decided, Schedule, next_due

_AT_ONCE = 50
"""Slots that are decided before it is said what became of them."""


class UnreachableError(Exception):
    """The cluster does not answer: what was to be started is tried again, not refused."""


class ProjectStarter:
    """Uses an engine of its own. Used in one thread."""

    def __init__(self, app: App, engine: ClusterEngine, log: Log) -> None:
        self._engine = engine
        self._log = log
        self._composer = Composer(app)
        self._declarations = Declarations(app)
        self._triggered = Triggered(app, self._declarations, self.start, log)
        self._beginning = Beginning(engine.connection)
        self._clock = clock_from(app.env)
        workflows = Workflows(
            self.start, self._beginning.made_for, self._beginning.is_open, self._cancel
        )
        self._slots = Slots(workflows, log, app.project.settings.max_parallel)

    def begin(self) -> None:
        """See `Starter.begin`."""
        try:
            self._declarations.read(anew=True)
            schedules = ClusterSchedules(self._engine.connection, current_author())
            for name in declare_schedules(self._declarations.all(), schedules, self._clock()):
                self._log("schedule declared", schedule=name)
        except OrchestrateError as error:
            self._log("triggers not declared", reason=error.message)

    def fire(self, schedule: Schedule, history: Sequence[Decided]) -> Fired:
        """See `Starter.fire`."""
        now = self._clock()
        decided = list(islice(self._slots.settle(schedule, history, now), _AT_ONCE))
        if decided:
            schedule = schedule._replace(decided_until=decided[-1].at)
        due = next_due(schedule)
        if due is None:
            return Fired(decided, None, None)
        wait, after = max(0.0, due - self._clock()), None
        if due <= now and len(decided) < _AT_ONCE:
            after = self._slots.running(schedule, [*reversed(decided), *history])
        return Fired(decided, wait, after)

    def settle(self, events: Sequence[CloudEvent]) -> list[Settled]:
        """See `Starter.settle`."""
        self._declarations.read()
        return [self._triggered.settle(event) for event in events]

    def is_over(self, workflow: str) -> bool:
        """See `Starter.is_over`."""
        return not self._beginning.is_open(workflow)

    def start(self, request: Request) -> str:
        """Make a workflow and have it run; its id. Raises OrchestrateError if it cannot be started,
        UnreachableError if the cluster does not answer.
        """
        new = self._composer.compose(request)
        try:
            workflow, fresh = self._engine.create(new)
            self._beginning.begin(workflow)
        except ClusterError as error:
            raise UnreachableError(error.message) from error
        for name, why in new.untold.items() if fresh else ():
            self._log("integration is off", workflow=workflow, integration=name, reason=why)
        return workflow

    def reload(self) -> None:
        """Read settings and environments anew. Raises SettingsError, and keeps what there was."""
        self._composer.reload()

    def _cancel(self, workflow: str, actor: str, reason: str) -> None:
        try:
            self._engine.cancel(workflow, actor=actor, reason=reason)
        except ConflictError:
            return  # it has just ended
        except ClusterError as error:
            raise UnreachableError(error.message) from error
