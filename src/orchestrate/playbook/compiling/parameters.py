"""Declared parameters."""

import re

from orchestrate.playbook.compiling.repetition import can_take_forever
from orchestrate.playbook.compiling.values import data_of, number_of, text_of, truth_of
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.document.models import PARAMETER_TYPES
from orchestrate.playbook.nodes import ListNode, MapNode, Node, Scalar
from orchestrate.playbook.parameters import convert
from orchestrate.playbook.plan import Json, Parameter

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def compile_parameters(node: Node | None, diagnostics: Diagnostics) -> tuple[Parameter, ...] | None:
    """The declared parameters; None without a `parameters:` block."""
    if not isinstance(node, ListNode):
        return None
    items = (item for item in node.items if isinstance(item, MapNode))
    return tuple(
        _parameter(item, name, diagnostics)
        for item in items
        if isinstance(name := item.get("name"), Scalar) and check_name(name, diagnostics)
    )


def check_name(node: Scalar, diagnostics: Diagnostics) -> bool:
    """Whether expressions can use the name; it is reported if not."""
    if _IDENTIFIER.fullmatch(node.text):
        return True
    if node.text.strip():
        diagnostics.error(
            "bad-name",
            f"`{node.text}` cannot be used in expressions",
            node.place,
            hint="a name is letters, digits, `_` and `-`, and does not begin with a digit",
            length=len(node.text.split("\n")[0]),
        )
    return False


def _parameter(node: MapNode, name: Scalar, diagnostics: Diagnostics) -> Parameter:
    fields = {entry.key.text: entry.value for entry in node.entries}
    written = text_of(fields.get("type")) or "string"
    default = fields.get("default")
    choices = fields.get("choices")
    pattern = _pattern(fields.get("pattern"), diagnostics)
    kind = written if written in PARAMETER_TYPES else "string"
    parameter = Parameter(
        name=name.text,
        type=kind,
        description=text_of(fields.get("description")) or "",
        required=default is None and truth_of(fields.get("required"), default=True),
        default=None,
        choices=None,
        pattern=pattern,
        minimum=number_of(fields.get("min")),
        maximum=number_of(fields.get("max")),
        secret=truth_of(fields.get("secret"), default=False),
        implicit=False,
        place=name.place,
    )
    if None not in (parameter.minimum, parameter.maximum) and (
        parameter.minimum > parameter.maximum  # type: ignore[operator]
    ):
        diagnostics.error(
            "bad-bounds", "`min` is greater than `max`", fields["min"].place, hint="swap them"
        )
        parameter = parameter._replace(minimum=None, maximum=None)
    if isinstance(choices, ListNode):
        # A choice must itself fit type, pattern and bounds.
        values = tuple(
            _fitting(choice, parameter, "choices", diagnostics) for choice in choices.items
        )
        parameter = parameter._replace(choices=values)
    if default is not None and not (isinstance(default, Scalar) and default.value is None):
        value = _fitting(default, parameter, "default", diagnostics)
        parameter = parameter._replace(default=value)
    return parameter


def _pattern(node: Node | None, diagnostics: Diagnostics) -> str | None:
    pattern = text_of(node)
    if pattern is None or node is None:
        return None
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        diagnostics.error(
            "bad-pattern",
            f"`pattern` is no regular expression: {error}",
            node.place,
            hint="see https://docs.python.org/3/library/re.html; quote it with single quotes",
            length=len(pattern.split("\n")[0]),
        )
        return None
    if can_take_forever(pattern):
        diagnostics.error(
            "bad-pattern",
            "`pattern` repeats what repeats by itself: some values would be compared forever",
            node.place,
            hint="write one repetition instead of two, `[a-z]+` for `([a-z]+)+`; or let something "
            "stand between, `([a-z]+-)*`",
            length=len(pattern.split("\n")[0]),
        )
        return None
    return pattern


def written_value(node: Node, kind: str) -> Json:
    """The value of a literal for a parameter: what was written, if text is wanted."""
    if kind == "string" and isinstance(node, Scalar) and isinstance(node.value, (int, float)):
        return node.text
    return data_of(node)


def _fitting(node: Node, parameter: Parameter, key: str, diagnostics: Diagnostics) -> Json:
    value = written_value(node, parameter.type)
    try:
        return convert(parameter, value)
    except ValueError as error:
        diagnostics.error(
            "bad-value",
            f"`{key}` of `{parameter.name}` {error}",
            node.place,
            hint=f"its type is {parameter.type}",
            length=len(node.text.split("\n")[0]) if isinstance(node, Scalar) else 1,
        )
        return value
