"""The playbooks of scenarios, compiled once for all that share them."""

from collections.abc import Mapping
from typing import NamedTuple

from orchestrate.errors import NotFoundError, OrchestrateError, Place
from orchestrate.playbook.compile import compile_playbook
from orchestrate.playbook.nodes import MapNode, Node, Scalar
from orchestrate.playbook.parameters import ENVIRONMENT
from orchestrate.playbook.plan import Plan
from orchestrate.workflow.scenarios.sources import Setting, Source, Sources

FALLBACK_ENVIRONMENT = "dev"


class Compiled(NamedTuple):
    """A playbook in its environment. `file` is where its text stands."""

    file: str
    plan: Plan
    environment: str
    setting: Setting


class Compiler:
    """Compiles what scenarios name; remembers it for the next."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._plans: dict[tuple[Source, str, tuple[tuple[str, Source], ...]], Plan] = {}
        self.texts: dict[str, str] = {}
        """Of every playbook that was compiled, by file: for showing lines of it."""

    def compile(self, file: str, scenario: MapNode, default: str) -> Compiled:
        """The playbook of a scenario of `file`; `default` is its name if the scenario does not
        say. Raises an OrchestrateError.
        """
        source = self._source(file, scenario.get("playbook"), default)
        stand_ins = _stand_ins(file, scenario.get("playbooks"))
        asked = _asked_environment(scenario)
        if asked is not None:
            self._check_environment(asked)
        name = asked.text if asked is not None else FALLBACK_ENVIRONMENT
        plan, setting = self._compile(source, name, stand_ins)
        if asked is None:
            declared = next(
                (p for p in plan.parameters if p.name == ENVIRONMENT and not p.implicit), None
            )
            if declared is not None and isinstance(declared.default, str):
                name = declared.default
                plan, setting = self._compile(source, name, stand_ins)
        return Compiled(source.file, plan, name, setting)

    def _check_environment(self, name: Scalar) -> None:
        try:
            self._sources.environment(name.text)
        except OrchestrateError as error:
            error.place = error.place or name.place
            raise

    def playbook(self, name: str) -> Plan:
        """A playbook as it is without a scenario. Raises an OrchestrateError."""
        source = self._sources.playbook(name)
        return self._compile(source, FALLBACK_ENVIRONMENT, {})[0]

    def _source(self, file: str, node: Node | None, default: str) -> Source:
        if not isinstance(node, Scalar):
            if not default:
                raise NotFoundError(
                    "the scenario does not say which playbook it is about",
                    hint="add `playbook:` with its name",
                )
            return self._sources.playbook(default)
        text = str(node.text)
        if "\n" in text or "steps:" in text:
            return Source(file, _as_in_file(node))
        return self._sources.playbook(text, beside=file)

    def _compile(
        self, source: Source, environment: str, stand_ins: Mapping[str, Source]
    ) -> tuple[Plan, Setting]:
        setting = self._sources.environment(environment)
        self._remember(source)
        key = (source, environment, tuple(stand_ins.items()))
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = compile_playbook(
                source.file,
                source.text,
                lambda name: stand_ins.get(name) or self._included(name, source.file),
                environment_variables=setting.variables,
                environment_parameters=tuple(setting.parameters),
                known=(*stand_ins, *self._sources.names()),
            )
        return plan, setting

    def _included(self, name: str, beside: str) -> Source | None:
        try:
            source = self._sources.playbook(name, beside=beside)
        except NotFoundError:
            return None
        self._remember(source)
        return source

    def _remember(self, source: Source) -> None:
        self.texts.setdefault(source.file, source.text.decode("utf-8", "replace"))


def _asked_environment(scenario: MapNode) -> Scalar | None:
    node = scenario.get("environment")
    if node is None:
        parameters = scenario.get("parameters")
        node = parameters.get(ENVIRONMENT) if isinstance(parameters, MapNode) else None
    return node if isinstance(node, Scalar) else None


def _stand_ins(file: str, node: Node | None) -> dict[str, Source]:
    entries = node.entries if isinstance(node, MapNode) else ()
    texts = ((entry.key.text, entry.value) for entry in entries)
    return {
        name: Source(f"{file}#{name}", _as_in_file(value))
        for name, value in texts
        if isinstance(value, Scalar)
    }


def _as_in_file(node: Scalar) -> bytes:
    """The text of a playbook that stands in a scenario file, moved so that places in it are those
    of the file, where its lines are lines of the file.
    """
    text = node.text
    first = node.place_of(0)
    moved: list[str] = []
    offset = 0
    for line in text.removesuffix("\n").split("\n"):
        indent = len(line) - len(line.lstrip(" "))
        here = Place(first.file, first.line + len(moved), first.column + indent)
        if line.strip() and node.place_of(offset + indent) != here:
            return text.encode()
        moved.append(" " * (first.column - 1) + line if line else line)
        offset += len(line) + 1
    return ("\n" * (first.line - 1) + "\n".join(moved) + "\n").encode()
