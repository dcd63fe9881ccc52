"""Names that have a value before a workflow begins: for what is rendered outside of its run."""

from collections.abc import Callable, Mapping

from orchestrate.playbook.plan import Json, Plan
from orchestrate.playbook.templates import render
from orchestrate.workflow.frames import normalise


def early_values(
    plan: Plan,
    parameters: Mapping[str, Json],
    environment: str,
    variables: Mapping[str, Json],
    env: Mapping[str, str],
) -> Callable[[str], Json]:
    """The value of a parameter, a variable, `environment`, `env` or `playbook`, by name.

    `variables` are those of the environment's file, which win over the playbook's.
    """
    known: dict[str, Json] = {
        **{normalise(name): value for name, value in variables.items()},
        **{normalise(name): value for name, value in parameters.items()},
        "environment": environment,
        "env": env,
        "playbook": {"name": plan.name, "version": plan.version, "digest": plan.digest},
    }
    templates = {normalise(name): template for name, template in plan.variables.items()}

    def lookup(name: str) -> Json:
        if name not in known:
            known[name] = render(templates[name], lookup)
        return known[name]

    return lookup
