"""One attempt to deliver: the notice, the options of the integration, the service."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from orchestrate.app import App
from orchestrate.courier.outcomes import Done, Later, Never, Outcome
from orchestrate.errors import OrchestrateError
from orchestrate.integrations.message import Notice
from orchestrate.integrations.noticing import masked
from orchestrate.integrations.resolving import Given, Unset, Values, resolve, target_url
from orchestrate.integrations.service import Limits, Memory, Refused, RetryLater
from orchestrate.integrations.services import build
from orchestrate.launching.deliveries import Remembered
from orchestrate.playbook.integrations import Integration
from orchestrate.playbook.plan import Plan, Secret
from orchestrate.processes.supervising.masking import Masker
from orchestrate.project.model import Project
from orchestrate.project.telling import of_project
from orchestrate.workflow.program import Program
from orchestrate.workflow.values import early_values


def integration_of(plan: Plan, project: Project, name: str) -> Integration | None:
    """That of the playbook, or one that the project has for every playbook."""
    for integration in plan.integrations:
        if integration.name == name:
            return integration
    settings = project.settings.integrations
    service = settings.services.get(name)
    if service is None or not service.every_playbook:
        return None
    return of_project(name, plan, settings)


class Delivering(NamedTuple):
    """Everything that an attempt needs; from here on nothing is read from the journal."""

    notice: Notice
    integration: Integration
    program: Program
    app: App
    memory: Callable[[str], Memory]
    """What its service remembered in a scope."""
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
            memory = service.deliver(notice, self.memory(scope))
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
        return self.app.secrets.fetch(secret).value
