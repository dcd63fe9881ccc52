"""`wait`: a duration, a moment, or a condition that is looked at again and again."""

import re
from typing import TYPE_CHECKING

from orchestrate.playbook.compiling.values import duration_of
from orchestrate.playbook.names import Names, normalise
from orchestrate.playbook.nodes import Scalar
from orchestrate.playbook.plan import Command, Expression, Shell, Wait
from orchestrate.playbook.templates import compile_expression

if TYPE_CHECKING:
    from orchestrate.playbook.compiling.actions import Given
    from orchestrate.playbook.compiling.steps import StepCompiler

INTERVAL = 5.0
"""Seconds between two looks at a condition, unless the step says."""
_REFERENCE = re.compile(r"\$\{\s*[\w.-]+(?<!\.success)(?<!\.failed)(?<!\.skipped)\s*\}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([Tt ].*)?")


def compile_wait(compiler: "StepCompiler", given: "Given") -> tuple[Wait, Names]:
    """The action, and the names that include the step's own result."""
    from orchestrate.playbook.compiling.actions import compile_call

    fields, diagnostics = given.fields, compiler.diagnostics
    duration = duration_of(fields.get("duration"), given.names, diagnostics)
    interval = duration_of(fields.get("interval"), given.names, diagnostics)
    probed = "command" in fields or "shell" in fields
    call = compile_call(compiler, given) if probed else None
    after = given.announce({})
    until = fields.get("until")
    action = Wait(
        duration,
        _until(compiler, given, until, after, probed=probed) if isinstance(until, Scalar) else None,
        call if isinstance(call, (Command, Shell)) else None,
        INTERVAL if interval is None else interval,
    )
    return action, after


def _until(
    compiler: "StepCompiler", given: "Given", node: Scalar, names: Names, *, probed: bool
) -> Expression | str | None:
    diagnostics = compiler.diagnostics
    if isinstance(node.value, str) and _MOMENT.fullmatch(node.value):
        return _moment(compiler, node)
    if not probed and _REFERENCE.fullmatch(node.text.strip()):
        # A value may be a moment; what it is shows when the step runs.
        compiled = compile_expression(node, given.names, diagnostics)
        return compiled if isinstance(compiled, Expression) else None
    if not probed:
        diagnostics.error(
            "constant-condition",
            "nothing here can change while the step waits",
            node.place,
            hint="add `command:` or `shell:`, called before each look at the condition",
            length=len(node.text),
        )
        return compiler.condition(node, given.names)
    condition = compiler.condition(node, names)
    if condition is not None and (
        given.name is None or normalise(given.name) not in condition.names
    ):
        own = given.name or "NAME"
        hint = f"read the call's result, such as `${{{own}.success}}`"
        diagnostics.error(
            "constant-condition",
            "the condition does not read the result of the step's own call",
            node.place,
            hint=hint if given.name else f"give the step a name, and {hint}",
            length=len(node.text),
        )
    return condition


def _moment(compiler: "StepCompiler", node: Scalar) -> str | None:
    from datetime import datetime

    try:
        moment = datetime.fromisoformat(node.text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        compiler.diagnostics.error(
            "bad-moment",
            f"`{node.text}` is no moment with a time zone",
            node.place,
            hint="write it as in RFC 3339: `2026-11-22T16:30:00Z`, or with `+01:00`",
            length=len(node.text),
        )
        return None
    return node.text
