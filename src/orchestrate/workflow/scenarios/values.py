"""The program of a scenario: its values, its environment, its options; or why it is refused."""

from collections.abc import Mapping

from orchestrate.errors import ConflictError, OrchestrateError
from orchestrate.playbook.durations import parse_duration
from orchestrate.playbook.nodes import MapNode, Node, Scalar, plain
from orchestrate.playbook.parameters import bind
from orchestrate.playbook.plan import Json, Plan
from orchestrate.workflow.program import Program, RunOptions
from orchestrate.workflow.scenarios.compiling import Compiled
from orchestrate.workflow.selection import check_selection

WORKFLOW = "WF-2026-001"
ACTOR = "tester"


def make_program(
    compiled: Compiled, scenario: MapNode
) -> tuple[Program | None, OrchestrateError | None]:
    """The program, or the error with which `run` would refuse it."""
    plan = compiled.plan
    options = _options(scenario.get("options"))
    try:
        check_selection(plan, options)
        _check_place(plan, compiled.environment)
        supplied = _supplied(compiled, scenario.get("parameters"))
        values = bind(plan, supplied, compiled.environment)
    except OrchestrateError as error:
        return None, error
    secret = {parameter.name for parameter in plan.parameters if parameter.secret}
    env = _texts(scenario.get("env"))
    program = Program(
        WORKFLOW,
        plan,
        {name: value for name, value in values.items() if name not in secret},
        compiled.environment,
        compiled.setting.variables,
        {name: env[name] for name in plan.env_names if name in env},
        ACTOR,
        options,
    )
    return program, None


def _check_place(plan: Plan, environment: str) -> None:
    if plan.environments is not None and environment not in plan.environments:
        raise ConflictError(
            f"{plan.name} may not run in {environment}",
            hint=f"Its `environments` are: {', '.join(plan.environments)}.",
        )


def _supplied(compiled: Compiled, node: Node | None) -> dict[str, Json]:
    """The values by name: those of the environment file, then those of the scenario. A scalar for
    a text parameter counts as it was written.
    """
    types = {parameter.name: parameter.type for parameter in compiled.plan.parameters}
    values = {name: v for name, v in compiled.setting.parameters.items() if name in types}
    for entry in node.entries if isinstance(node, MapNode) else ():
        name, value = entry.key.text, entry.value
        if isinstance(value, Scalar) and types.get(name) == "string":
            values[name] = value.text
        else:
            values[name] = plain(value)  # type: ignore[assignment]
    return values


def _texts(node: Node | None) -> dict[str, str]:
    entries = node.entries if isinstance(node, MapNode) else ()
    return {e.key.text: e.value.text for e in entries if isinstance(e.value, Scalar)}


def _options(node: Node | None) -> RunOptions:
    data = plain(node) if node is not None else {}
    given: Mapping[str, object] = data if isinstance(data, dict) else {}
    timeout, limit = given.get("timeout"), given.get("max_parallel")
    defaults = RunOptions()
    return RunOptions(
        parallel=bool(given.get("parallel")),
        max_parallel=limit if isinstance(limit, int) else defaults.max_parallel,
        checkpoint_each=bool(given.get("checkpoint")),
        timeout=parse_duration(timeout) if timeout is not None else None,  # type: ignore[arg-type]
        only=_names(given.get("only")),
        skip=_names(given.get("skip")),
        step_by_step=bool(given.get("step_by_step")),
    )


def _names(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
