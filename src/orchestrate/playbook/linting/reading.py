"""Which names and secrets the expressions of a playbook read."""

from collections.abc import Mapping
from typing import Any, cast

from orchestrate.errors import Place
from orchestrate.playbook.plan import Expression, Plan, SecretRef

_LEAVES: frozenset[type[object]] = frozenset((str, int, float, bool, type(None), Place))
"""What most of a plan consists of, and holds nothing."""


def names_read(plan: Plan) -> frozenset[str]:
    """The root names (normalised) and secrets that the playbook's own expressions read; what is
    inside sub-playbooks has names of its own.
    """
    found: set[str] = set()
    waiting: list[Any] = [plan]
    while waiting:
        value = waiting.pop()
        kind = cast("type[object]", type(value))
        if kind is Expression:
            found.update(cast("Expression", value).names)
        elif kind is SecretRef:
            found.add(cast("SecretRef", value).name.replace("-", "_"))
        elif isinstance(value, tuple):
            if kind is not Plan or value is plan:
                inside = cast("tuple[Any, ...]", value)
                waiting += [inner for inner in inside if type(inner) not in _LEAVES]
        elif isinstance(value, Mapping):
            waiting.extend(cast("Mapping[str, Any]", value).values())
        elif isinstance(value, list):
            waiting.extend(cast("list[Any]", value))
    return frozenset(found)
