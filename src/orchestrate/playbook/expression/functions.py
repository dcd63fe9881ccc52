"""What the code of an expression calls: reading data, comparing, calculating, tests.

All of it is total over plain data, deterministic, and refuses what would silently be wrong. Loaded
with minijinja when the first expression is evaluated that is more than a path.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, cast

from minijinja import Environment

from orchestrate.playbook.expression.filters import FILTER_FUNCTIONS
from orchestrate.playbook.expression.predicates import check
from orchestrate.playbook.expression.rendering import as_text, check_length
from orchestrate.playbook.expressions import (
    MISSING,
    ExpressionError,
    describe,
    follow,
    step_into,
)
from orchestrate.playbook.plan import Json

Number: TypeAlias = int | float
_FUEL = 1_000_000_000
"""An expression has no loops, and what it makes is limited here: this is only a net below that.
Since minijinja 3.1 work on large texts and lists burns fuel by their size."""
_LONGEST_RANGE = 1_000_000
_LARGEST = 2**63
"""Results stay within 64 bits: beyond them minijinja would turn an integer into a float."""


def make_environment() -> Environment:
    """A minijinja environment that holds what is defined here, and nothing of its own."""
    environment = Environment(undefined_behavior="strict", pycompat=False, fuel=_FUEL, debug=False)
    for name in ("cycler", "debug", "dict", "joiner", "namespace", "range"):
        environment.remove_global(name)
    for name, function in FUNCTIONS.items():
        environment.add_global(name, function)
    for name, filter_function in FILTER_FUNCTIONS.items():
        environment.add_filter(name, filter_function)
    return environment


def get(value: Json, *keys: Json) -> Json:
    """What `value` holds under `keys`."""
    return follow(value, keys)


def find(value: Json, *keys: Json) -> Json:
    """What `value` holds under `keys`; null if there is nothing."""
    for key in keys:
        found = step_into(value, key)
        if found is MISSING:
            return None
        value = cast("Json", found)
    return value


def has(value: Json, *keys: Json) -> bool:
    """Whether `value` holds something under `keys`."""
    for key in keys:
        found = step_into(value, key)
        if found is MISSING:
            return False
        value = cast("Json", found)
    return True


def boolean(value: Json) -> bool:
    """An operand of `and`, `or`, `not`, `if`."""
    if isinstance(value, bool):
        return value
    raise ExpressionError(
        f"true or false is needed, this is {describe(value)}",
        hint="compare it, or turn it into true or false with `| bool`",
    )


def same(left: Json, right: Json) -> bool:
    """`==`; refuses to compare text, numbers and booleans with each other."""
    if left is None or right is None:
        return left is right
    kinds = _kind(left), _kind(right)
    if kinds[0] != kinds[1]:
        raise _incomparable(left, right)
    return left == right


def order(operator: str, left: Json, right: Json) -> bool:
    """`<`, `<=`, `>`, `>=` between two numbers or two texts."""
    kinds = _kind(left), _kind(right)
    if kinds[0] != kinds[1] or kinds[0] not in ("number", "text"):
        raise _incomparable(left, right)
    first, second = cast("Number", left), cast("Number", right)
    if operator == "<":
        return first < second
    if operator == "<=":
        return first <= second
    return first > second if operator == ">" else first >= second


def _kind(value: Json) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "text"
    if isinstance(value, (int, float)):
        return "number"
    if value is None:
        return "null"
    return "map" if isinstance(value, Mapping) else "list"


def _incomparable(left: Json, right: Json) -> ExpressionError:
    return ExpressionError(
        f"compares {describe(left)} with {describe(right)}",
        hint="turn one into the other's type: `| int`, `| float`, `| string`, `| bool`",
    )


def contains(container: Json, item: Json) -> bool:
    """`item in container`: part of a text, item of a list, key of a map."""
    if isinstance(container, str):
        if not isinstance(item, str):
            raise _incomparable(item, container)
        return item in container
    if isinstance(container, Mapping):
        return item in container if isinstance(item, str) else False
    if isinstance(container, (list, tuple)):
        items = cast("Sequence[Json]", container)
        return any(_kind(other) == _kind(item) and other == item for other in items)
    raise ExpressionError(f"`in` needs a list, a map or text, this is {describe(container)}")


def concat(*values: Json) -> str:
    """`~`: all as text."""
    parts = [as_text(value) for value in values]
    check_length(sum(map(len, parts)))
    return "".join(parts)


def part(value: Json, start: Json, stop: Json, step: Json) -> Json:
    """`value[start:stop:step]`."""
    for bound in (start, stop, step):
        if bound is not None and (isinstance(bound, bool) or not isinstance(bound, int)):
            raise ExpressionError(f"the bounds of a part are numbers, this is {describe(bound)}")
    if step == 0:
        raise ExpressionError("the step of a part cannot be 0")
    bounds = slice(cast("int", start), cast("int", stop), cast("int", step))
    if isinstance(value, str):
        return value[bounds]
    if isinstance(value, (list, tuple)):
        return list(cast("Sequence[Json]", value)[bounds])
    raise ExpressionError(f"only a list or text has a part, this is {describe(value)}")


def numbers(*bounds: Json) -> list[Json]:
    """`range(stop)`, `range(start, stop)`, `range(start, stop, step)`: whole numbers, the stop
    left out.
    """
    for bound in bounds:
        if isinstance(bound, bool) or not isinstance(bound, int):
            raise ExpressionError(f"`range` needs whole numbers, this is {describe(bound)}")
    if len(bounds) == 3 and bounds[2] == 0:
        raise ExpressionError("the step of `range` cannot be 0")
    found = range(*cast("tuple[int, ...]", bounds))
    if abs(found.stop - found.start) // abs(found.step) > _LONGEST_RANGE:
        raise ExpressionError(f"`range` gives at most {_LONGEST_RANGE} numbers")
    return list(found)


def calculate(operator: str, left: Json, right: Json) -> Json:
    """Arithmetic on numbers; `+` also joins two lists. Integers stay integers, and a division
    that leaves nothing over gives one.
    """
    if operator == "+" and isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        if len(left) + len(right) > _LONGEST_RANGE:
            raise ExpressionError(f"a list has at most {_LONGEST_RANGE} items")
        return [*left, *right]
    first, second = _number(left, operator), _number(right, operator)
    if operator in ("/", "//", "%") and second == 0:
        raise ExpressionError("divides by zero")
    if operator == "**" and (abs(second) > 1000 or (first == 0 and second < 0)):
        raise ExpressionError("the power cannot be calculated")
    try:
        result = _ARITHMETIC[operator](first, second)
    except OverflowError:
        raise ExpressionError("the result is too large") from None
    if isinstance(result, complex) or result != result or abs(result) == float("inf"):
        raise ExpressionError("the result is not a number")
    if isinstance(result, int) and abs(result) >= _LARGEST:
        raise ExpressionError("the result is too large")
    return result


def _number(value: Json, operator: str) -> Number:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    hint = "text becomes a number with `| int` or `| float`"
    if operator == "+":
        hint = f"text is joined with `~`; {hint}"
    raise ExpressionError(f"`{operator}` needs numbers, this is {describe(value)}", hint=hint)


def _divide(first: Number, second: Number) -> Number:
    if isinstance(first, int) and isinstance(second, int) and first % second == 0:
        return first // second
    return first / second


_ARITHMETIC: dict[str, Callable[[Number, Number], Number]] = {
    "+": lambda first, second: first + second,
    "-": lambda first, second: first - second,
    "*": lambda first, second: first * second,
    "/": _divide,
    "//": lambda first, second: first // second,
    "%": lambda first, second: first % second,
    "**": lambda first, second: first**second,
}

FUNCTIONS: dict[str, Callable[..., Json]] = {
    "get_": get,
    "find_": find,
    "has_": has,
    "bool_": boolean,
    "same_": same,
    "order_": order,
    "contains_": contains,
    "concat_": concat,
    "slice_": part,
    "calculate_": calculate,
    "range_": numbers,
    "test_": check,
}
