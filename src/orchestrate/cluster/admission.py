"""Secret parameters of workflows on a cluster: only what is sealed may travel through Temporal."""

from collections.abc import Mapping

from orchestrate.errors import UsageError
from orchestrate.playbook.plan import Plan


def secret_parameters(
    plan: Plan, values: Mapping[str, str], *, can_seal: bool
) -> Mapping[str, str]:
    """Those of the values that are parameters: all others are resolved by workers. Raises
    UsageError if they cannot be sealed.
    """
    parameters = {parameter.name for parameter in plan.parameters if parameter.secret}
    given = {name: value for name, value in values.items() if name in parameters}
    if given and not can_seal:
        raise UsageError(
            f"{plan.name} takes secret parameters ({', '.join(sorted(given))}), whose values would "
            "travel through Temporal unencrypted",
            hint="Set up `[engine.encryption]`: then they travel sealed. Or declare them under "
            "`secrets`, which workers resolve.",
        )
    return given
