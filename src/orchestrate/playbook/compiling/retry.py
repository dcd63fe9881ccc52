"""`retry`: a number of retries, or a mapping."""

from orchestrate.playbook.compiling.values import count_of, duration_of, number_of
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.names import Names
from orchestrate.playbook.nodes import ListNode, MapNode, Node, Scalar
from orchestrate.playbook.plan import Expression, Retry

ONCE = Retry()


def compile_retry(node: Node | None, names: Names, diagnostics: Diagnostics) -> Retry:
    """How often a step is tried. `retry: 3` is three retries, so four attempts in all."""
    if node is None:
        return ONCE
    if not isinstance(node, MapNode):
        retries = count_of(node, names, diagnostics)
        if isinstance(retries, Expression):
            return Retry(attempts=retries._replace(code=f"({retries.code}) + 1"))
        return ONCE if retries is None else Retry(attempts=retries + 1)
    attempts = count_of(node.get("attempts"), names, diagnostics)
    longest = duration_of(node.get("max_delay"), names, diagnostics)
    if attempts is None:
        diagnostics.error(
            "missing-key",
            "`attempts` is missing in `retry`",
            node.place,
            hint="add `attempts: 3`, the number of attempts in all; or write `retry: 2`",
        )
    return Retry(
        attempts=attempts or 1,
        delay=duration_of(node.get("delay"), names, diagnostics) or 0.0,
        backoff=_number(node.get("backoff"), 1.0),
        max_delay=longest if isinstance(longest, float) else None,
        jitter=_number(node.get("jitter"), 0.0),
        on_exit_codes=_codes(node.get("on_exit_codes")),
    )


def _number(node: Node | None, default: float) -> float:
    value = number_of(node)
    return default if value is None else value


def _codes(node: Node | None) -> tuple[int, ...] | None:
    if not isinstance(node, ListNode):
        return None
    values = [item.value for item in node.items if isinstance(item, Scalar)]
    return tuple(value for value in values if isinstance(value, int))
