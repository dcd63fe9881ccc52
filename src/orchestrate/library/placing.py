"""Where a playbook may run: which environment it is checked for, and whether that fits it."""

from orchestrate.errors import NotFoundError, OrchestrateError, Place, UsageError
from orchestrate.library.plans import FALLBACK_ENVIRONMENT, Checked, check_plan
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.nodes import ListNode, MapNode, Scalar
from orchestrate.playbook.parameters import ENVIRONMENT, convert
from orchestrate.playbook.plan import Json, Parameter, Plan
from orchestrate.project.environments import environment_file
from orchestrate.project.model import Project

UNKNOWN = "unknown-environment"


def check_in_place(
    project: Project,
    name_or_path: str,
    environment: str | None,
    text: bytes | None,
    *,
    elsewhere: bool,
) -> Checked:
    """Read and check a playbook for `environment`, or for one where it may run.

    With `elsewhere` an environment where it may not run is replaced, too, instead of reported.
    """
    refusal = None
    try:
        checked = check_plan(project, environment, name_or_path, text=text)
    except (NotFoundError, UsageError) as error:
        if environment is not None:
            raise
        # The playbook's own default may name an environment that there is not.
        checked = check_plan(project, FALLBACK_ENVIRONMENT, name_or_path, text=text)
        refusal = error
    plan = checked.compilation.plan
    if plan is not None and (environment is None or elsewhere):
        known = [name for name in _allowed(plan) if _problem(project, name) is None]
        if known and checked.environment.name not in known:
            checked = check_plan(project, known[0], name_or_path, text=text)
    if refusal is not None:
        place = _place_of_default(checked)
        checked.compilation.diagnostics.error(UNKNOWN, refusal.message, place, hint=refusal.hint)
    return checked


def check_environment(project: Project, plan: Plan, checked: Checked) -> None:
    """Whether the plan may run there, whether what the environment gives fits it, and whether the
    environments that it names exist.
    """
    environment, diagnostics = checked.environment, checked.compilation.diagnostics
    name = environment.name
    if plan.environments is not None:
        _check_places(project, plan, name, checked)
    for parameter in plan.parameters:
        if parameter.name == ENVIRONMENT:
            _check_value(parameter, name, "the environment is its value", diagnostics)
        elif parameter.name in environment.parameters:
            given = environment.parameters[parameter.name]
            hint = f"`parameters` of the environment {name} gives the value"
            _check_value(parameter, given, hint, diagnostics)


def _check_places(project: Project, plan: Plan, name: str, checked: Checked) -> None:
    """The list `environments`."""
    diagnostics = checked.compilation.diagnostics
    document = checked.compilation.documents[checked.shown]
    entry = next(each for each in document.entries if each.key.text == "environments")
    allowed = plan.environments or ()
    if name not in allowed:
        diagnostics.error(
            "wrong-environment",
            f"{plan.name} may not run in {name}",
            entry.key.place,
            hint=f"its `environments` are: {', '.join(allowed)}",
            length=len(entry.key.text),
        )
    items = entry.value.items if isinstance(entry.value, ListNode) else (entry.value,)
    for item in items:
        problem = _problem(project, item.text) if isinstance(item, Scalar) else None
        if problem is not None and isinstance(item, Scalar):
            diagnostics.warning(
                UNKNOWN, problem.message, item.place, hint=problem.hint, length=len(item.text)
            )


def _check_value(parameter: Parameter, value: Json, hint: str, diagnostics: Diagnostics) -> None:
    try:
        convert(parameter, value)
    except ValueError as error:
        why = "is given a value that does not fit" if parameter.secret else str(error)
        diagnostics.error("bad-value", f"`{parameter.name}` {why}", parameter.place, hint=hint)


def _allowed(plan: Plan) -> tuple[str, ...]:
    """Where it may run; nothing: anywhere."""
    if plan.environments is not None:
        return plan.environments
    choices = next((each.choices for each in plan.parameters if each.name == ENVIRONMENT), None)
    return tuple(str(choice) for choice in choices or ())


def _problem(project: Project, name: str) -> OrchestrateError | None:
    """Why there is no environment of that name, if so."""
    try:
        environment_file(project, name)
    except OrchestrateError as error:
        return error
    return None


def _place_of_default(checked: Checked) -> Place:
    """Where the parameter `environment` gives its default."""
    document = checked.compilation.documents.get(checked.shown)
    parameters = document.get("parameters") if document is not None else None
    for item in parameters.items if isinstance(parameters, ListNode) else ():
        name = item.get("name") if isinstance(item, MapNode) else None
        default = item.get("default") if isinstance(item, MapNode) else None
        if isinstance(name, Scalar) and name.value == ENVIRONMENT and default is not None:
            return default.place
    return Place(checked.shown, 1, 1)
