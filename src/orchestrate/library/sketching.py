"""Scenario files for new playbooks: those of the template if they hold, else one that says what
happens now, for a person to go on from.
"""

from orchestrate.errors import OrchestrateError
from orchestrate.library.creating import scenario_path, template_text
from orchestrate.library.scenarios import ProjectSources
from orchestrate.playbook.plan import Json, Parameter, Plan
from orchestrate.playbook.writing.blocks import Block, Plain
from orchestrate.playbook.writing.emitting import write
from orchestrate.project.model import Project
from orchestrate.workflow.scenarios.begun import begun
from orchestrate.workflow.scenarios.compiling import Compiler
from orchestrate.workflow.scenarios.judging import judge
from orchestrate.workflow.scenarios.playing import EndlessError, play
from orchestrate.workflow.scenarios.reading import Scenario, read_scenarios
from orchestrate.workflow.scenarios.sources import Setting, Source

_HEAD = """\
# What happens when every step succeeds, as it was when the playbook was made. Add what must happen
# when one fails: `outcomes: {STEP: failed}`. Try it: orchestrate test __NAME__
"""
_EXAMPLES: dict[str, Json] = {
    "string": "example",
    "integer": 1,
    "number": 1,
    "boolean": True,
    "list": ["example"],
    "map": {"example": "example"},
}


def scenarios_for(project: Project, name: str, template: str, text: str) -> str | None:
    """Scenarios that hold for a new playbook with that text; None if it cannot be played."""
    sources = _Unsaved(project, name, text)
    offered = template_text(template, name, None, test=True)
    if _hold(offered, name, sources):
        return offered
    try:
        plan = Compiler(sources).playbook(name)
    except OrchestrateError:
        return None
    return _sketch(plan, name, sources)


class _Unsaved:
    """The port `Sources` over a project and a playbook that is not written yet."""

    def __init__(self, project: Project, name: str, text: str) -> None:
        self._project = ProjectSources(project)
        self._name = name
        self._text = text

    def playbook(self, name: str, beside: str | None = None) -> Source:
        """The new one, or one of the project."""
        if name == self._name:
            return Source(f"{name}.yaml", self._text.encode())
        return self._project.playbook(name, beside)

    def environment(self, name: str) -> Setting:
        """An environment of the project."""
        return self._project.environment(name)

    def names(self) -> tuple[str, ...]:
        """The names of all playbooks."""
        return (*self._project.names(), self._name)


def _read(text: str, name: str, sources: _Unsaved) -> list[Scenario]:
    """The scenarios of a file; nothing if one of them cannot be played."""
    found = read_scenarios(scenario_path(name), text, Compiler(sources), playbook=name).scenarios
    scenarios = [each for each in found if isinstance(each, Scenario)]
    return scenarios if len(scenarios) == len(found) else []


def _hold(text: str, name: str, sources: _Unsaved) -> bool:
    scenarios = _read(text, name, sources)
    verdicts = [judge(scenario) for scenario in scenarios]
    return bool(scenarios) and not any(each.mismatches or each.warnings for each in verdicts)


def _sketch(plan: Plan, name: str, sources: _Unsaved) -> str | None:
    """One scenario: what happens if every call succeeds."""
    parameters = Block({each.name: _example(each) for each in plan.parameters if each.required})
    head = _HEAD.replace("__NAME__", name)
    scenarios = _read(head + _scenario(parameters, Block(state="succeeded")), name, sources)
    if not scenarios:
        return None
    try:
        played = play(scenarios[0])
    except EndlessError:
        return None
    steps = [each.path for each in begun(played.events) if not each.contains]
    text = head + _scenario(parameters, Block(state=played.state, steps=steps))
    return text if _hold(text, name, sources) else None


def _scenario(parameters: Block, expect: Block) -> str:
    scenario = Block(scenario="every step succeeds")
    scenario.put("parameters", parameters)
    scenario["expect"] = expect
    first, *rest = write(scenario).splitlines()
    return "\n".join([f"- {first}", *(f"  {line}" if line else "" for line in rest)]) + "\n"


def _example(parameter: Parameter) -> object:
    """Some value of a parameter that must be given."""
    if parameter.choices:
        value: Json = parameter.choices[0]
    elif parameter.minimum is not None and parameter.type in ("integer", "number"):
        value = parameter.minimum
    else:
        value = _EXAMPLES[parameter.type]
    return _written(value)


def _written(value: Json) -> object:
    match value:
        case dict():
            return Block({name: _written(inner) for name, inner in value.items()})
        case list():
            return [_written(item) for item in value]
        case bool():
            return Plain(str(value).lower())
        case int() | float():
            return Plain(f"{value:g}")
        case _:
            return value
