"""The one place that chooses and wires an engine, secrets and integrations.

An `App` is a project with everything that its verbs may need, each made when it is first asked for.
"""

import os
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrate.launching.complaining import say, say_waiting
from orchestrate.launching.identity import current_author
from orchestrate.launching.project_secrets import ProjectSecrets
from orchestrate.project.cluster import check_embedded
from orchestrate.project.model import Environment, Project
from orchestrate.project.telemetry import has_receiver

if TYPE_CHECKING:
    from orchestrate.cluster.engine import ClusterEngine
    from orchestrate.cluster.opening import Lines
    from orchestrate.cluster.serving.gathering import ClusterGatherer
    from orchestrate.commands.registry import Registry
    from orchestrate.embedded.claims import NewEvent
    from orchestrate.embedded.delivering.starting import CourierStarter
    from orchestrate.embedded.engine import EmbeddedEngine
    from orchestrate.embedded.listing import Row
    from orchestrate.embedded.metrics.gathering import Gatherer
    from orchestrate.embedded.services import HostServices
    from orchestrate.embedded.store import Store
    from orchestrate.launching.asking import Asker
    from orchestrate.launching.deliveries import Deliveries
    from orchestrate.launching.inbox import Inbox
    from orchestrate.launching.services import LaunchServices
    from orchestrate.observe.live import LiveExport
    from orchestrate.processes.client import Supervisor
    from orchestrate.processes.launch import Launch
    from orchestrate.processes.output_log import Tail
    from orchestrate.triggers.schedules import Schedules
    from orchestrate.workflow.admitting import Freezes
    from orchestrate.workflow.audit import Author
    from orchestrate.workflow.coordination import Coordination
    from orchestrate.workflow.engine import Engine
    from orchestrate.workflow.metrics import Series
    from orchestrate.workflow.program import Attempt
    from orchestrate.workflow.rates import Limit

NO_SECRETS: Mapping[str, Mapping[str, str]] = {}


class App:
    """A project and what belongs to it."""

    def __init__(self, project: Project, env: Mapping[str, str]) -> None:
        self.project = project
        self.env = env
        self._environments: dict[str, Environment] = {}
        self._registries: dict[str, Registry] = {}
        self._supervisor: Supervisor | None = None
        self._couriers: CourierStarter | None = None
        self.secrets = self._all_secrets()
        self.asker: Asker | None = None
        """Whoever sits at the terminal, for `--step-by-step`."""
        self.stays = False
        """Whether this process has the time to wait until people approve."""
        self.lives_on = False
        """Whether this process goes on after an engine was closed. Otherwise the connections to its
        store are left to the system, which saves a run some milliseconds."""
        self._cluster: ClusterEngine | None = None
        self.lines: Lines | None = None
        """Connections to clusters that outlast an engine, for a process that opens many."""
        self.on_launch: Callable[[Attempt, Launch, str], None] | None = None
        """Whoever wants to see every launch, for `--verbose`."""
        self.on_behalf_of: Author | None = None
        """Who asks, if that is not the user of this process."""
        self.hand_on: Callable[[Row, Sequence[NewEvent], bool], None] | None = None
        """Whoever finishes workflows that nobody runs, instead of this process."""
        self.complain: Callable[[str], None] = say
        """Told, in any thread, what went wrong beside a workflow."""
        self.notice: Callable[[str], None] = say_waiting
        """Told, in any thread, what is waited for; "" when that is over."""

    @property
    def author(self) -> "Author":
        """Who is responsible for what is asked here; by default the user of this process."""
        return self.on_behalf_of or current_author()

    def environment(self, name: str) -> Environment:
        """An environment, read once."""
        found = self._environments.get(name)
        if found is None:
            from orchestrate.project.environments import read_environment

            found = self._environments[name] = read_environment(self.project, name)
        return found

    def use_environment(self, environment: Environment) -> None:
        """Take an environment that was read already (with a cached plan)."""
        self._environments[environment.name] = environment

    def start_supervisor(self) -> None:
        """Spawn the process that will hold the steps, while this one goes on loading."""
        project = self.project
        if project.settings.cluster is not None:
            return
        from orchestrate.embedded.early import start_supervisor

        self._supervisor = start_supervisor(project.state_dir, project.settings.state_group)

    def dismiss_supervisor(self) -> None:
        """End the process that was spawned ahead, unless an engine has taken it over."""
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is not None:
            supervisor.close(detach=False)

    @contextmanager
    def open_workflows(
        self, secrets: Mapping[str, Mapping[str, str]] = NO_SECRETS
    ) -> "Generator[Engine]":
        """The engine that the settings choose, closed at the end: what runs goes on. `secrets`:
        values for workflows that another process made; a cluster's workers find them themselves.
        """
        if self.project.settings.cluster is not None:
            with self.open_cluster(self.notice) as engine:
                yield engine
            return
        with self.open_engine() as engine:
            for workflow, values in secrets.items():
                engine.supply_secrets(workflow, values)
            yield engine

    @contextmanager
    def open_cluster(
        self, notice: "Callable[[str], None] | None" = None
    ) -> "Generator[ClusterEngine]":
        """The engine of the cluster that the settings name, closed at the end. `notice`: hears for
        whom a new workflow waits; without it nobody waits for workers that are away.
        """
        from orchestrate.cluster.opening import open_cluster

        cluster = self.project.settings.cluster
        assert cluster is not None
        given = self.project, cluster, self.env, self.author, notice, self.lines
        with open_cluster(*given) as engine:
            self._cluster = engine
            engine.attended_by(self.asker, stays=self.stays)
            yield engine

    @contextmanager
    def open_engine(self, instead: str = "") -> "Generator[EmbeddedEngine]":
        """The engine of this machine, closed at the end, for what only that one offers (`instead`:
        what a cluster has). Unless this process `lives_on`, it has to end after that.
        """
        check_embedded(self.project.settings.cluster, instead)
        from orchestrate.embedded.engine import EmbeddedEngine

        supervisor, self._supervisor = self._supervisor, None
        telemetry = self._live_export()
        services = self._services()._replace(telemetry=telemetry and telemetry.follow)
        engine = EmbeddedEngine(self.project.state_dir, services, supervisor=supervisor)
        try:
            yield engine
        finally:
            if self.project.settings.monitoring.textfile is not None and engine.is_hosting:
                self._tell_textfile(engine)
            if engine.must_tell:
                self.couriers.look(engine.store)
            engine.close(process_ends=not self.lives_on)
            if telemetry is not None and (problem := telemetry.close()):
                self.complain(f"telemetry: {problem}")

    @property
    def couriers(self) -> "CourierStarter":
        """Who has told what other systems are to be told."""
        if self._couriers is None:
            from orchestrate.embedded.delivering.starting import CourierStarter

            self._couriers = CourierStarter(self.project.root, self.project.state_dir, self.env)
        return self._couriers

    def _tell_courier(self, store: "Store") -> None:
        self.couriers.look(store)

    def gatherer(self) -> "Gatherer | ClusterGatherer":
        """Gathers metrics over a connection of its own, so that threads may ask for them."""
        if self.project.settings.cluster is not None:
            from orchestrate.cluster.serving.gathering import ClusterGatherer

            return ClusterGatherer(self.open_cluster, self.project.state_dir / "cluster")
        from orchestrate.embedded.metrics.gathering import Gatherer
        from orchestrate.embedded.store import Store

        return Gatherer(Store(self.project.state_dir, self.project.settings.state_group))

    def gather(
        self,
        gatherer: "Gatherer | ClusterGatherer",
        *,
        counts_for: float = 2.0,
        patience: float = 8.0,
    ) -> "Sequence[Series]":
        """All metrics now, within `patience` seconds; counting may go on the next time."""
        settings = self.project.settings
        return gatherer.gather(
            dict(settings.capacity), settings.max_workflows,
            counts_for=counts_for, patience=patience,
        )  # fmt: skip

    def _tell_textfile(self, engine: "EmbeddedEngine") -> None:
        """At the end of a process that ran workflows. It fails nothing."""
        from orchestrate.embedded.metrics.gathering import Gatherer
        from orchestrate.observe.exposition import write_textfile

        series = self.gather(Gatherer(engine.store))
        problem = write_textfile(self.project.root, self.project.settings.monitoring, series)
        if problem:
            self.complain(f"metrics: {problem}")

    def _live_export(self) -> "LiveExport | None":
        """Who sends traces while workflows run, if a receiver is configured."""
        settings = self.project.settings.telemetry
        if not has_receiver(settings, self.env):
            return None
        from orchestrate.observe.live import LiveExport

        return LiveExport(settings)

    def reload(self) -> None:
        """Read settings and environments anew. Raises SettingsError, and keeps what there was."""
        from orchestrate.project.find import find_project

        project = find_project(self.project.root, {})
        self.project = project._replace(state_dir=self.project.state_dir)
        self._environments.clear()
        self._registries.clear()
        self.secrets = self._all_secrets()

    @contextmanager
    def open_coordination(self) -> "Generator[Coordination]":
        """What workflows share: locks, capacity, places."""
        if self.project.settings.cluster is not None:
            with self.open_cluster() as cluster:
                yield cluster.coordination
            return
        from orchestrate.embedded.coordination import StoredCoordination

        settings = self.project.settings
        shared = dict(settings.capacity), settings.max_workflows, self._rate_limits()
        with self.open_engine() as engine:
            yield StoredCoordination(engine, *shared)

    @contextmanager
    def open_schedules(self) -> "Generator[Schedules]":
        """The schedules of this project."""
        if self.project.settings.cluster is not None:
            from orchestrate.cluster.serving.schedules import ClusterSchedules

            with self.open_cluster() as cluster:
                yield ClusterSchedules(cluster.connection, self.author)
            return
        from orchestrate.embedded.schedules import StoredSchedules

        with self.open_engine() as engine:
            yield StoredSchedules(engine.store, self.author)

    @contextmanager
    def open_inbox(self) -> "Generator[Inbox]":
        """The events that were sent to this project."""
        if self.project.settings.cluster is not None:
            from orchestrate.cluster.serving.events import ClusterInbox

            with self.open_cluster() as cluster:
                yield ClusterInbox(cluster.connection)
            return
        from orchestrate.embedded.inbox import Inbox as StoredInbox

        with self.open_engine() as engine:
            yield StoredInbox(engine.store)

    @contextmanager
    def open_deliveries(self) -> "Generator[Deliveries]":
        """What other systems are told of this project's workflows."""
        if self.project.settings.cluster is not None:
            from orchestrate.cluster.serving.deliveries import ClusterDeliveries

            with self.open_cluster() as cluster:
                yield ClusterDeliveries(cluster)
            return
        from orchestrate.embedded.delivering.upkeep import StoredDeliveries

        with self.open_engine() as engine:
            yield StoredDeliveries(engine)

    def is_served(self) -> bool:
        """Whether somebody starts what is due: a daemon, or the workers of a cluster."""
        if self.project.settings.cluster is not None:
            return True
        from orchestrate.embedded.presence import is_present

        return is_present(self.project.state_dir)

    def end_of_output(self, workflow: str, attempt: int) -> "Tail":
        """The end of what an attempt wrote so far. Any thread may ask."""
        if self._cluster is not None:
            return self._cluster.end_of_output(workflow, attempt)
        from orchestrate.embedded.hosting import workflow_folder
        from orchestrate.processes.output_log import end_of

        return end_of(workflow_folder(self.project.state_dir, workflow) / str(attempt))

    def launch_services_in(self, folder: Path | None) -> "LaunchServices":
        """What is needed to start the steps of a project in that folder, None: of this one, on this
        machine. Secrets, state and the environment are always this machine's.
        """
        if folder is None:
            return self._services().launching
        from orchestrate.project.settings import read_settings

        project = Project(folder, self.project.state_dir, read_settings(folder))
        services = App(project, self.env).launch_services_in(None)
        return services._replace(fetch_secret=self.secrets.fetch)

    def _services(self) -> "HostServices":
        from orchestrate.embedded.services import HostServices

        settings = self.project.settings
        return HostServices(
            root=str(self.project.root),
            registry_for=self.registry,
            environment=self.env,
            resolve_secrets=self.secrets.resolve,
            fetch_secret=self.secrets.fetch,
            tell=self._tell_courier,
            give_back=self.secrets.give_back,
            actor=self.author.actor,
            origin=self.author.origin,
            hand_on=self.hand_on,
            capacity=dict(settings.capacity),
            output_limit=settings.output_limit,
            kill_grace=settings.kill_grace,
            max_workflows=settings.max_workflows,
            freezes=self._freezes(),
            rate_limits=self._rate_limits(),
            look_after_audit=self._look_after_audit(),
            retention_days=settings.retention_days,
            asker=self.asker,
            stays=self.stays,
            notice=self.notice,
            state_group=settings.state_group,
            trace_sampling=settings.telemetry.sample,
            on_launch=self.on_launch,
        )

    def _rate_limits(self) -> "tuple[Limit, ...]":
        from orchestrate.workflow.rates import Limit

        return tuple(Limit(*limit) for limit in self.project.settings.rate_limits)

    def _look_after_audit(self) -> "Callable[[Store], None] | None":
        audit = self.project.settings.audit
        if audit.key is None and audit.retention_days == 0:
            return None
        from orchestrate.embedded.auditing.upkeep import Upkeep

        return Upkeep(self.project, self.author, self.complain)

    def _all_secrets(self) -> ProjectSecrets:
        return ProjectSecrets(self.project, self.env, lambda problem: self.complain(problem))

    def _freezes(self) -> "Freezes | None":
        windows = self.project.settings.freezes
        if not windows:
            return None
        from orchestrate.launching.freezing import frozen

        return lambda now, environment, priority: frozen(windows, now, environment, priority)

    def registry(self, environment: str) -> "Registry":
        """What command words mean in that environment."""
        found = self._registries.get(environment)
        if found is None:
            from orchestrate.commands.registry import Registry

            search_path = self.env.get("PATH", os.defpath)
            found = Registry(self.project, self.environment(environment), search_path)
            self._registries[environment] = found
        return found

    def registry_in(self, environment: Environment) -> "Registry":
        """The same, in an environment that was read already."""
        self.use_environment(environment)
        return self.registry(environment.name)


def open_app(start: Path | None = None, env: Mapping[str, str] | None = None) -> App:
    """The application for the project around `start` (the working directory by default)."""
    from orchestrate.project.find import find_project

    variables = os.environ if env is None else env
    return App(find_project(start or Path.cwd(), variables), variables)
