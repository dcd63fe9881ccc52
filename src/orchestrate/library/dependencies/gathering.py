"""Everything that a playbook needs beyond itself, each looked for once."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from orchestrate.commands.registry import Registry
from orchestrate.errors import CommandError, OrchestrateError, Place
from orchestrate.library.dependencies.answering import ask, leave_out, ssh_endpoint
from orchestrate.library.dependencies.built_ins import BuiltIns
from orchestrate.library.dependencies.calling import calls, literal
from orchestrate.library.dependencies.model import (
    FOUND,
    MISSING,
    UNCHECKED,
    Dependency,
    Endpoint,
)
from orchestrate.library.dependencies.telling import integrations
from orchestrate.library.dependencies.urls import endpoints
from orchestrate.library.plans import check_plan
from orchestrate.playbook.linting.walk import descend
from orchestrate.playbook.plan import (
    Command,
    Expression,
    Plan,
    Secret,
    Step,
    SubPlaybook,
    Wait,
)
from orchestrate.project.model import CommandMapping
from orchestrate.secrets.model import SecretError
from orchestrate.secrets.sources import VAULT, Sources, check_sources

_ENV_NAME = re.compile(r'\benv\.([A-Za-z_]\w*)|\bget_\(env, "([^"]+)"')
"""How compiled expressions read an environment variable that must be there."""


class Options(NamedTuple):
    """How to look. `timeout` is in seconds for each host; `places` are those of calls by step."""

    env: Mapping[str, str]
    offline: bool
    timeout: float
    places: Mapping[Place, Place]


def gather(plan: Plan, registry: Registry, options: Options) -> tuple[Dependency, ...]:
    """What the plan needs, its sub-playbooks included, in order of kind and place."""
    gathering = _Gathering(plan, registry, options)
    gathering.run()
    hosts = gathering.endpoints
    found = leave_out(hosts) if options.offline else ask(hosts, options.timeout)
    return (*gathering.found.values(), *found)


class _Gathering:
    def __init__(self, plan: Plan, registry: Registry, options: Options) -> None:
        self._plan = plan
        self._registry = registry
        self._options = options
        self._built_ins = BuiltIns(registry, options.env)
        self.found: dict[tuple[str, str], Dependency] = {}
        self.endpoints: list[Endpoint] = []

    def run(self) -> None:
        """Look at every step, then at what the playbook as a whole needs."""
        plan = self._plan
        for part in (plan.steps, plan.on_failure, plan.on_success, plan.always):
            for step in descend(part):
                self._step(step)
        for name, place in _variables(plan).items():
            there = name in self._options.env
            detail = "set" if there else "not set where this runs"
            hint = "" if there else f"Set {name} where the workflow is started."
            status = FOUND if there else MISSING
            self._add(Dependency("variable", name, place, status, detail, hint))
        project, options = self._registry.project, self._options
        patience = {"timeout": options.timeout, "wait": 0}
        sources = Sources(project.root, {**project.settings.vault, **patience}, options.env)
        for secret in plan.secrets:
            self._add(self._secret(secret, sources))
        told, environment = project.settings.integrations, self._registry.environment.name
        # Workers of a cluster deliver, and have variables of their own.
        env = options.env if project.settings.cluster is None else None
        for dependency in integrations(plan, told, environment, env):
            self._add(dependency)

    def _step(self, step: Step) -> None:
        place = self._options.places.get(step.place, step.place)
        for dependency in calls(step, place, self._registry):
            self._add(dependency)
        self.endpoints += endpoints(step, place)
        action = step.action.probe if isinstance(step.action, Wait) else step.action
        if isinstance(action, Command):
            self._command(action, place)
        elif isinstance(action, SubPlaybook):
            name, count = action.plan.name, len(action.plan.parameters)
            detail = f"{action.plan.sources[0].path}, {count} parameters"
            self._add(Dependency("playbook", name, place, FOUND, detail))
        self._workdir(step)

    def _secret(self, secret: Secret, sources: Sources) -> Dependency:
        """Whether its source gives it now. The value is forgotten at once, a lease given back."""
        if secret.source == VAULT and self._options.offline:
            status, detail, hint = UNCHECKED, "not asked (--offline)", ""
        else:
            try:
                for error in check_sources([secret]):
                    raise error
                lease = sources.fetch(secret).lease
                if lease is not None and lease.name:
                    with suppress(SecretError):  # it is there; what was lent runs out by itself
                        sources.take_back(secret.source, lease.name)
            except SecretError as error:
                status, detail, hint = MISSING, error.message, error.hint
            else:
                status, detail, hint = FOUND, f"from {secret.source}", ""
        return Dependency("secret", secret.name, secret.place, status, detail, hint)

    def _command(self, command: Command, place: Place) -> None:
        known = literal(command.words)
        if not known:
            return
        try:
            origin = self._registry.resolve(known).origin
        except CommandError:
            return  # reported with the command itself
        mapping = self._registry.mapping_of(known[0])
        if origin == "built-in":
            for need in self._built_ins.needs(command.words, place):
                if isinstance(need, Endpoint):
                    self.endpoints.append(need)
                else:
                    self._add(need)
        elif mapping is not None and mapping.ssh is not None:
            self._ssh(mapping, place)
        elif mapping is not None and mapping.playbook is not None:
            self._add(self._mapped_playbook(mapping, mapping.playbook, place))

    def _ssh(self, mapping: CommandMapping, place: Place) -> None:
        login, _, port = (mapping.ssh or "").partition(":")
        host = login.rpartition("@")[2]
        endpoint = Endpoint(host, int(port) if port.isdigit() else 22, f"ssh {mapping.ssh}", place)
        found = endpoint
        if not self._options.offline:
            found = ssh_endpoint(endpoint, port_given=port.isdigit())
        if found is None:
            detail = "reached through another host"
            self._add(Dependency("host", endpoint.name, place, UNCHECKED, detail))
        else:
            self.endpoints.append(found)
        for key in ("identity", "known_hosts"):
            if key in mapping.options:
                self._add(_file(str(mapping.options[key]), mapping, place))

    def _mapped_playbook(self, mapping: CommandMapping, name: str, place: Place) -> Dependency:
        """A command that is a playbook: whether it is there, right, and has the parameters."""
        environment = self._registry.environment.name
        try:
            compilation = check_plan(self._registry.project, environment, name).compilation
        except OrchestrateError as error:
            return Dependency("playbook", name, place, MISSING, error.message, error.hint)
        if compilation.plan is None:
            count = len(compilation.diagnostics.errors)
            hint = f"`orchestrate validate --playbook {name}` shows them."
            return Dependency("playbook", name, place, MISSING, f"it has {count} errors", hint)
        known = {parameter.name for parameter in compilation.plan.parameters}
        unknown = [each for each in mapping.arguments if each not in known]
        if unknown:
            detail = f"it has no parameter `{unknown[0]}`, which {mapping.origin} names"
            return Dependency("playbook", name, place, MISSING, detail, "Mend `arguments` there.")
        return Dependency("playbook", name, place, FOUND, mapping.origin)

    def _workdir(self, step: Step) -> None:
        if isinstance(step.workdir, str):
            there = (self._registry.project.root / step.workdir).is_dir()
            status, detail = (FOUND, "") if there else (MISSING, "there is no such directory")
            hint = "" if there else "Make it before the step runs, or mend `workdir`."
            self._add(Dependency("directory", step.workdir, step.place, status, detail, hint))

    def _add(self, dependency: Dependency) -> None:
        """The first place counts; what is missing for one of its uses is missing."""
        key = (dependency.kind, dependency.name)
        known = self.found.get(key)
        if known is None or (known.status == FOUND and dependency.status == MISSING):
            self.found[key] = dependency


def _file(name: str, mapping: CommandMapping, place: Place) -> Dependency:
    from pathlib import Path

    there = Path(name).expanduser().is_file()
    status, detail = (FOUND, "") if there else (MISSING, "there is no such file")
    hint = "" if there else f"Mend it in {mapping.origin}."
    return Dependency("file", name, place, status, detail, hint)


def _variables(plan: Plan) -> dict[str, Place]:
    """The environment variables that expressions read and give no default for."""
    found: dict[str, Place] = {}
    for expression in _expressions(plan):
        if "env" in expression.names:
            for match in _ENV_NAME.finditer(expression.code):
                found.setdefault(match[1] or match[2], expression.place)
    return found


def _expressions(value: Any) -> Iterator[Expression]:
    """All expressions inside, sub-playbooks included."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Expression):
            yield value
        elif isinstance(value, tuple | list) and not isinstance(value, Place):
            waiting.extend(reversed(value))  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(value, Mapping):
            waiting.extend(value.values())  # pyright: ignore[reportUnknownArgumentType]
