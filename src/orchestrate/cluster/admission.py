"""What a workflow must not ask for, as long as the cluster engine does not offer it: refused when
it is made, never ignored.
"""

from orchestrate.errors import UsageError
from orchestrate.playbook.linting.walk import walk
from orchestrate.playbook.plan import EventWait, Plan, SubPlaybook
from orchestrate.workflow.engine import NewWorkflow


def check(new: NewWorkflow) -> None:
    """Raise UsageError, naming all of it."""
    plan = new.plan
    found = _of_plan(plan)
    declared = {secret.name for secret in plan.secrets}
    given = sorted(name for name in new.secret_values if name not in declared)
    if given:
        found.append(
            f"secret parameters ({', '.join(given)}): values would have to travel through Temporal;"
            " declare them under `secrets`, which workers resolve"
        )
    if new.options.step_by_step:
        found.append("--step-by-step")
    if new.overrides:
        found.append("overrides of admission rules")
    if found:
        raise UsageError(
            f"the cluster engine does not offer what {plan.name} asks for: {'; '.join(found)}",
            hint='Leave it out, or run it on one machine: `[engine] kind = "embedded"`.',
        )


def _of_plan(plan: Plan) -> list[str]:
    found: list[str] = []
    if plan.concurrency is not None:
        found.append("`concurrency`")
    if plan.require_success_in:
        found.append("`require_success_in`")
    if plan.locks or plan.resources:
        found.append("`locks` and `resources`")
    for located in walk(plan):
        step = located.step
        action = step.action
        inner = action.plan if isinstance(action, SubPlaybook) else None
        if step.locks or step.resources or (inner and (inner.locks or inner.resources)):
            found.append(f"`locks` and `resources` of {step.key}")
        if isinstance(action, EventWait):
            found.append(f"the event that {step.key} waits for")
    return found
