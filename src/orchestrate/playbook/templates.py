"""Templates: YAML values with `${…}` in them. Compiled once (with the checks), rendered often.

Rendering is what every run does, so this module imports little; the compiling functions load the
checker when they are first called.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from orchestrate.errors import OrchestrateError
from orchestrate.playbook.expression.rendering import as_text
from orchestrate.playbook.expressions import ExpressionError, evaluate
from orchestrate.playbook.plan import Expression, Json, SecretRef, Template, Text

if TYPE_CHECKING:
    from orchestrate.playbook.diagnostics import Diagnostics
    from orchestrate.playbook.names import Names
    from orchestrate.playbook.nodes import Node, Scalar


def compile_template(node: "Node", names: "Names", diagnostics: "Diagnostics") -> Template:
    """A YAML value with its `${…}` checked and compiled. Errors go to `diagnostics`."""
    from orchestrate.playbook.expression.interpolation import template

    return template(node, names, diagnostics)


def compile_expression(
    node: "Scalar", names: "Names", diagnostics: "Diagnostics"
) -> "Expression | bool | int | float | str | None":
    """The value of a key such as `timeout`: a whole `${…}`, or the literal as it stands. Text
    with a `${…}` in the middle is an error.
    """
    from orchestrate.playbook.expression.interpolation import whole_expression

    return whole_expression(node, names, diagnostics)


def compile_condition(
    node: "Scalar", names: "Names", diagnostics: "Diagnostics"
) -> Expression | None:
    """A condition: one expression in which each `${x}` stands for the value (`${}` may be left
    out). None after an error.
    """
    from orchestrate.playbook.expression.conditions import condition

    return condition(node, names, diagnostics)


def compile_words(
    node: "Scalar", names: "Names", diagnostics: "Diagnostics"
) -> tuple[str | Expression | SecretRef | Text, ...]:
    """`command:` split into words by the shell's quoting rules, a `${…}` left whole."""
    from orchestrate.playbook.expression.words import words

    return words(node, names, diagnostics)


def compile_shell(
    node: "Scalar", names: "Names", diagnostics: "Diagnostics"
) -> tuple[str, dict[str, Expression | SecretRef]]:
    """Shell text in which each `${…}` became a shell variable, and what these variables hold."""
    from orchestrate.playbook.shell.rewriting import rewrite

    return rewrite(node, names, diagnostics)


def render(template: Template, lookup: Callable[[str], Json]) -> Json:
    """The template's value. `lookup` as for `expressions.evaluate`. There must be no secret inside:
    values that may hold one are rendered by `render_argument`.
    """
    match template:
        case Expression():
            return evaluate(template, lookup)
        case Text():
            return "".join([_part(part, lookup) for part in template.parts])
        case SecretRef():
            raise _misplaced(template)
        case Mapping():
            return {key: render(value, lookup) for key, value in template.items()}
        case str() | None:
            return template
        case Sequence():
            return [render(item, lookup) for item in template]
        case _:
            return template


def _part(part: str | Expression | SecretRef, lookup: Callable[[str], Json]) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, SecretRef):
        raise _misplaced(part)
    return as_text(evaluate(part, lookup))


def _misplaced(secret: SecretRef) -> OrchestrateError:
    return ExpressionError(
        f"the secret `{secret.name}` cannot stand here",
        hint="secrets go to commands only: in `env`, or in shell text",
    )


def render_argument(
    template: Template, lookup: Callable[[str], Json]
) -> str | tuple[str | SecretRef, ...]:
    """The template as text for an argument or an environment variable; with secrets in it, the
    parts. Numbers, true and false become text; a list, a map or null is an `ExpressionError`.
    """
    if isinstance(template, str):
        return template
    if isinstance(template, SecretRef):
        return (template,)
    if isinstance(template, Expression):
        return _argument(evaluate(template, lookup), template)
    if not isinstance(template, Text):
        return _argument(cast("Json", template), None)
    parts: list[str | SecretRef] = []
    secret = False
    for part in template.parts:
        if isinstance(part, Expression):
            parts.append(_argument(evaluate(part, lookup), part))
        else:
            parts.append(part)
            secret = secret or isinstance(part, SecretRef)
    return tuple(parts) if secret else "".join(cast("list[str]", parts))


def _argument(value: Json, expression: Expression | None) -> str:
    if isinstance(value, str):
        text = value
    elif value is None or isinstance(value, (Mapping, list, tuple)):
        raise _no_argument(value, expression)
    else:
        text = as_text(value)
    if "\0" in text:
        raise _problem("a zero byte cannot be passed to a program", "", expression)
    return text


def _no_argument(value: Json, expression: Expression | None) -> ExpressionError:
    if value is None:
        return _problem(
            "null cannot be an argument", "give a value with `| default('…')`", expression
        )
    if isinstance(value, Mapping):
        return _problem(
            "a map cannot be an argument", "name one of its keys, or use `| tojson`", expression
        )
    return _problem(
        "a list cannot be an argument",
        "join it: `| join(',')`, or call the command in a `foreach`",
        expression,
    )


def _problem(message: str, hint: str, expression: Expression | None) -> ExpressionError:
    if expression is None:
        return ExpressionError(message, hint=hint)
    return ExpressionError(f"`{expression.source}`: {message}", hint=hint, place=expression.place)
