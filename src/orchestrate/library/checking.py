"""What `validate` does, without a terminal: everything that can be known before a run.

A playbook is compiled anew, then compared with the environment where it shall run: whether it may
run there, whether the environment's values fit its parameters, whether what it calls exists.
Values of required parameters are not needed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from orchestrate.commands.plan_calls import literal_calls
from orchestrate.commands.registry import Registry
from orchestrate.errors import Place
from orchestrate.library.plans import Checked, check_plan
from orchestrate.playbook.compile import Compilation
from orchestrate.playbook.diagnostics import Diagnostic, Diagnostics
from orchestrate.playbook.nodes import ListNode, MapNode, Node
from orchestrate.playbook.parameters import ENVIRONMENT, convert
from orchestrate.playbook.plan import Json, Parameter, Plan
from orchestrate.project.model import Environment, Project

RegistryFor = Callable[[Environment], Registry]


class Report(NamedTuple):
    """What was found in one playbook."""

    file: str
    """Its file as messages show it."""
    plan: Plan | None
    """None if the playbook itself is wrong."""
    environment: Environment
    diagnostics: Diagnostics
    """Everything, with the texts of the files."""

    @property
    def findings(self) -> list[Diagnostic]:
        """Everything, in order of place."""
        return sorted(self.diagnostics.found, key=lambda found: (found.place, found.severity))


def check(
    project: Project, registry_for: RegistryFor, name_or_path: str, environment: str | None
) -> Report:
    """Check a playbook for one environment.

    Without `environment`: the default of the playbook's own parameter of that name, else dev, or
    the first of its `environments` if it may not run there. Raises NotFoundError and SettingsError.
    """
    checked = check_plan(project, environment, name_or_path)
    plan = checked.compilation.plan
    if plan is None:
        return _report(checked)
    allowed = _allowed(plan)
    if environment is None and allowed and checked.environment.name not in allowed:
        checked = check_plan(project, allowed[0], name_or_path)
    _check_environment(plan, checked)
    problems = registry_for(checked.environment).check(plan)
    report_commands(problems, plan, checked.compilation, lenient=True)
    return _report(checked)


def _report(checked: Checked) -> Report:
    compilation = checked.compilation
    return Report(checked.shown, compilation.plan, checked.environment, compilation.diagnostics)


def _allowed(plan: Plan) -> tuple[str, ...]:
    """Where it may run; nothing: anywhere."""
    if plan.environments is not None:
        return plan.environments
    choices = next((each.choices for each in plan.parameters if each.name == ENVIRONMENT), None)
    return tuple(str(choice) for choice in choices or ())


def report_commands(
    problems: Sequence[tuple[Place, str, str]],
    plan: Plan,
    compilation: Compilation,
    *,
    lenient: bool = False,
) -> None:
    """Report what a plan calls and cannot be called (`Registry.check` found it).

    `lenient`: a program that is missing on PATH is only a warning, since the playbook may be meant
    for another machine.
    """
    if not problems:
        return
    diagnostics = compilation.diagnostics
    places = dict(_places_of_calls(compilation.documents))
    words = {place: call[0] for place, call in literal_calls(plan)}
    for place, message, hint in problems:
        report = diagnostics.warning if lenient and "/" not in words[place] else diagnostics.error
        report("command-not-found", message, places.get(place, place), hint=hint)


def _places_of_calls(documents: Mapping[str, MapNode]) -> Iterator[tuple[Place, Place]]:
    """Of each step: where it stands, and where what it calls stands. Plans hold the former only."""
    nodes: list[Node] = list(documents.values())
    while nodes:
        node = nodes.pop()
        if isinstance(node, ListNode):
            nodes += node.items
        elif isinstance(node, MapNode):
            called = node.get("command") or node.get("script")
            if called is not None:
                yield node.place, called.place
            nodes += [entry.value for entry in node.entries]


def _check_environment(plan: Plan, checked: Checked) -> None:
    """Whether the plan may run there, and whether what the environment gives fits it."""
    environment, diagnostics = checked.environment, checked.compilation.diagnostics
    name = environment.name
    if plan.environments is not None and name not in plan.environments:
        document = checked.compilation.documents[checked.shown]
        key = next(entry.key for entry in document.entries if entry.key.text == "environments")
        diagnostics.error(
            "wrong-environment",
            f"{plan.name} may not run in {name}",
            key.place,
            hint=f"its `environments` are: {', '.join(plan.environments)}",
            length=len(key.text),
        )
    for parameter in plan.parameters:
        if parameter.name == ENVIRONMENT:
            _check_value(parameter, name, "the environment is its value", diagnostics)
        elif parameter.name in environment.parameters:
            given = environment.parameters[parameter.name]
            hint = f"`parameters` of the environment {name} gives the value"
            _check_value(parameter, given, hint, diagnostics)


def _check_value(parameter: Parameter, value: Json, hint: str, diagnostics: Diagnostics) -> None:
    try:
        convert(parameter, value)
    except ValueError as error:
        why = "is given a value that does not fit" if parameter.secret else str(error)
        diagnostics.error("bad-value", f"`{parameter.name}` {why}", parameter.place, hint=hint)
