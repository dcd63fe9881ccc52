"""`resources` against `[capacity]`: names that are none, and more than there is."""

from collections.abc import Iterator, Mapping

from orchestrate.errors import Place
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.linting.walk import descend
from orchestrate.playbook.plan import Expression, Plan, SubPlaybook
from orchestrate.playbook.spelling import nearest

_Amounts = tuple[tuple[str, "int | Expression"], ...]


def check_capacity(capacity: Mapping[str, int], plan: Plan, diagnostics: Diagnostics) -> None:
    """Report every claim that could never be granted here."""
    for place, amounts in _claims(plan):
        for name, amount in amounts:
            there = capacity.get(name)
            if there is None:
                near = nearest(name, capacity)
                hint = f"did you mean `{near}`?" if near else "name it in orchestrate.toml"
                message = f"there is no `{name}` in `[capacity]` of orchestrate.toml"
                diagnostics.error("unknown-resource", message, place, hint=hint)
            elif isinstance(amount, int) and amount > there:
                message = f"asks for {amount} of `{name}`; there are {there}"
                hint = "ask for less, or raise it in `[capacity]` of orchestrate.toml"
                diagnostics.error("too-much-capacity", message, place, hint=hint)


def _claims(plan: Plan) -> Iterator[tuple[Place, _Amounts]]:
    if plan.resources and plan.steps:
        yield plan.steps[0].place._replace(line=1, column=1), plan.resources
    for part in (plan.steps, plan.on_failure, plan.on_success, plan.always):
        for step in descend(part):
            if step.resources:
                yield step.place, step.resources
            if isinstance(step.action, SubPlaybook) and step.action.plan.resources:
                yield step.place, step.action.plan.resources
