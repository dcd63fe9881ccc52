"""One attempt to deliver: the notice, the options of the integration, the service."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from orchestrate.app import App
from orchestrate.courier.outcomes import Attempt, Done, Later, Never, Outcome
from orchestrate.embedded import journal, listing
from orchestrate.embedded.delivering.queue import Delivery, DeliveryQueue, Remembered
from orchestrate.embedded.hosting import workflow_folder
from orchestrate.embedded.store import Store
from orchestrate.errors import OrchestrateError
from orchestrate.integrations.message import Notice
from orchestrate.integrations.noticing import Surroundings, Told, build_notice, masked
from orchestrate.integrations.resolving import Given, Unset, Values, resolve, target_url
from orchestrate.integrations.service import Limits, Refused, RetryLater
from orchestrate.integrations.services import build
from orchestrate.playbook.integrations import Integration
from orchestrate.playbook.plan import Plan, Secret
from orchestrate.processes import output_log
from orchestrate.processes.supervising.masking import Masker
from orchestrate.project.model import Project
from orchestrate.project.telling import of_project
from orchestrate.workflow.program import Program
from orchestrate.workflow.values import early_values

_TAIL = 8 << 10
"""Bytes of a step's output that are looked at."""


class Attempts:
    """Makes the attempts of one project's deliveries."""

    def __init__(self, app: App, store: Store, queue: DeliveryQueue, limits: Limits) -> None:
        self._app = app
        self._store = store
        self._queue = queue
        self._limits = limits

    def next(self, delivery: Delivery) -> Attempt:
        """The next attempt of a delivery. Called where the store may be read."""
        row = listing.get(self._store.reader, delivery.workflow)
        program = listing.load(self._store.reader, row)
        project = self._app.project
        integration = _integration(program.plan, project, delivery.integration)
        if integration is None:
            why = f"the playbook has no integration `{delivery.integration}` any more"
            return lambda: Never(why)
        notice = build_notice(
            Told(
                delivery.workflow, delivery.seq, delivery.kind, delivery.integration,
                delivery.recovered,
            ),
            program.plan,
            journal.read(self._store.reader, row.number),
            Surroundings(
                project.root.name, project.settings.integrations.link, self._end_of_output
            ),
        )  # fmt: skip
        return _Delivering(
            notice, delivery.channel, integration, program, self._app, self._queue, self._limits
        ).attempt

    def _end_of_output(self, workflow: str, attempt: int) -> bytes:
        log: Path = workflow_folder(self._store.directory, workflow) / str(attempt)
        end = output_log.size(log)
        return output_log.read_bytes(log, max(0, end - _TAIL), end)


def _integration(plan: Plan, project: Project, name: str) -> Integration | None:
    """That of the playbook, or one that the project has for every playbook."""
    for integration in plan.integrations:
        if integration.name == name:
            return integration
    settings = project.settings.integrations
    service = settings.services.get(name)
    if service is None or not service.every_playbook:
        return None
    return of_project(name, plan, settings)


class _Delivering(NamedTuple):
    """Everything that an attempt needs; from here on nothing is read from the journal."""

    notice: Notice
    channel: str
    integration: Integration
    program: Program
    app: App
    queue: DeliveryQueue
    limits: Limits

    def attempt(self) -> Outcome:
        """Make it."""
        try:
            given = self._given()
        except Unset as unset:
            names = ", ".join(unset.names)
            return Later(f"{names} is not set where deliveries are made", held=unset.names)
        except OrchestrateError as error:
            return Later(f"{error.message}. {error.hint}")
        mask = Masker(given.hidden).mask
        try:
            return self._deliver(given, mask)
        except Refused as refused:
            return Never(mask(refused.why))
        except OrchestrateError as error:
            return Later(mask(f"{error.message}. {error.hint}"))
        except Exception as error:  # of a library; the next attempt may fare better
            return Later(mask(f"{type(error).__name__}: {error}"))

    def _deliver(self, given: Given, mask: Callable[[str], str]) -> Outcome:
        service = build(self.integration.type, given.options, self.limits)
        notice = masked(self.notice, mask)
        scope = service.scope(notice)
        try:
            memory = service.deliver(notice, self.queue.memory(self.channel, scope))
        except RetryLater as later:
            kept = None if later.memory is None else Remembered(scope, later.memory)
            return Later(mask(later.why), later.after, kept)
        return Done(Remembered(scope, memory))

    def _given(self) -> Given:
        settings = self.app.project.settings
        kind = self.integration.type
        program = self.program
        known = early_values(
            program.plan, program.parameters, program.environment, program.variables, program.env
        )
        values = Values(known, self._secret, self.app.env)
        given = resolve(
            kind, self.integration.options, settings.integrations.of(kind).options, values
        )
        if kind != "notify":
            return given
        options = target_url(given.options, settings.notify, self.app.env)
        url = options.get("url")
        hidden = (*given.hidden, url) if isinstance(url, str) else given.hidden
        return Given(options, hidden)

    def _secret(self, name: str) -> str:
        declared: Mapping[str, Secret] = {each.name: each for each in self.integration.secrets}
        secret = declared[name]
        variable = secret.options.get("variable", "")
        if secret.source == "environment" and not self.app.env.get(variable):
            raise Unset((variable,))
        return self.app.fetch_secret(secret).value
