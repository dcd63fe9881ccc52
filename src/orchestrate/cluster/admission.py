"""What a workflow must not ask for, as long as the cluster engine does not offer it: refused when
it is made, never ignored.
"""

from orchestrate.errors import UsageError
from orchestrate.workflow.engine import NewWorkflow


def check(new: NewWorkflow) -> None:
    """Raise UsageError, naming all of it."""
    plan = new.plan
    found: list[str] = []
    declared = {secret.name for secret in plan.secrets}
    given = sorted(name for name in new.secret_values if name not in declared)
    if given:
        found.append(
            f"secret parameters ({', '.join(given)}): values would have to travel through Temporal;"
            " declare them under `secrets`, which workers resolve"
        )
    if found:
        raise UsageError(
            f"the cluster engine does not offer what {plan.name} asks for: {'; '.join(found)}",
            hint='Leave it out, or run it on one machine: `[engine] kind = "embedded"`.',
        )
