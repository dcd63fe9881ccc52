"""Evaluation of compiled expressions over plain data."""

from collections.abc import Callable

from orchestrate.errors import OrchestrateError
from orchestrate.playbook.plan import Expression, Json


class ExpressionError(OrchestrateError):
    """An expression has no value: something is missing, or types do not fit."""

    code = "expression"


def evaluate(expression: Expression, lookup: Callable[[str], Json]) -> Json:
    """The expression's value."""
    raise RuntimeError


def evaluate_condition(expression: Expression, lookup: Callable[[str], Json]) -> bool:
    """The condition's value; anything but true or false is an error."""
    raise RuntimeError
