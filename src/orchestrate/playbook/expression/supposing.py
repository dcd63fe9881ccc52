"""Expressions over values of which some are undecided, as a rehearsal evaluates them.

A function that needs to know an undecided value has no value itself: `build.output.count > 3` is
undecided as a whole. Where true or false is needed, the watcher says what to suppose, part by part,
so that the same question has the same answer everywhere, `not` and `and` included.
"""

import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import cache, partial

from minijinja import Environment

from orchestrate.playbook.expression.filters import FILTER_FUNCTIONS
from orchestrate.playbook.expression.functions import FUNCTIONS, make_environment
from orchestrate.playbook.expression.rendering import as_json
from orchestrate.playbook.expressions import (
    MISSING,
    WATCHER,
    Watcher,
    calculate,
    evaluate,
    step_into,
)
from orchestrate.playbook.plan import Expression, Json
from orchestrate.playbook.undecided import (
    UndecidedError,
    beyond,
    is_undecided,
    plain,
    undecided,
)

Function = Callable[..., Json]

_deciding: ContextVar[bool] = ContextVar("deciding", default=False)
"""Whether true or false is needed, so that suppositions are asked for."""


def calculated(expression: Expression, context: Mapping[str, Json]) -> Json:
    """The expression's value; one that depends on something undecided is undecided."""
    for name, value in context.items():
        if isinstance(value, str) and is_undecided(value):
            expression = _asking(expression, name)
    try:
        return calculate(_environment(), expression, context)
    except UndecidedError:
        return undecided(expression.source)


def _asking(expression: Expression, name: str) -> Expression:
    """The expression with `name` asked for where its truth counts: what is declared as true or
    false is read there without a function.
    """
    operand = rf"(\bnot |\band |\bor |\bif |(?<!\w)\(){name}(?= and | or | else |\)|$)"
    start = rf"^{name}(?= and | or | if )"
    code = re.sub(operand, rf"\1bool_({name})", expression.code)
    return expression._replace(code=re.sub(start, f"bool_({name})", code))


def supposed_condition(
    expression: Expression, lookup: Callable[[str], Json], value: Json
) -> bool | None:
    """True or false for a condition that is undecided; None if it is not."""
    if not is_undecided(value):
        return None
    token = _deciding.set(True)
    try:
        value = evaluate(expression, lookup)
        return value if isinstance(value, bool) else _truth(value)
    finally:
        _deciding.reset(token)


def supposed_value(value: Json, kind: str, watcher: Watcher) -> Json:
    """What to take the value for where a `kind` (see `Watcher.suppose`) is needed; the value itself
    if it is known. A list some of whose items are undecided is known.
    """
    if not isinstance(value, str) or not is_undecided(value):
        return value
    return watcher.suppose(kind, _inside(value))


@cache
def _environment() -> Environment:
    """One whose functions know what is undecided."""
    environment = make_environment()
    for name, function in FUNCTIONS.items():
        environment.add_global(name, partial(_function, name, function))
    environment.add_global("find_", _find)
    environment.add_global("has_", _has)
    environment.add_global("get_", FUNCTIONS["get_"])
    environment.add_global("bool_", partial(_boolean, FUNCTIONS["bool_"]))
    for name, function in FILTER_FUNCTIONS.items():
        environment.add_filter(name, partial(_filter, name, function))
    return environment


def _function(name: str, function: Function, /, *arguments: Json) -> Json:
    if not any(is_undecided(argument) for argument in arguments):
        return function(*arguments)
    equal = None
    if name == "order_":
        about = f"{_inside(arguments[1])} {arguments[0]} {_inside(arguments[2])}"
    elif name == "test_":
        about = f"{_inside(arguments[1])} is {arguments[0]}"
    elif name == "contains_":
        about = f"{_inside(arguments[1])} in {_inside(arguments[0])}"
    elif name == "same_":
        left, right = sorted(arguments, key=is_undecided, reverse=True)
        equal = None if is_undecided(right) else (_inside(left), right)
        about = f"{_inside(left)} == {_inside(right)}"
    else:
        return undecided(_call(name, arguments))
    return _suppose(about, equal)


def _call(name: str, arguments: tuple[Json, ...]) -> str:
    if name == "calculate_":
        operator, left, right = arguments
        return f"{_inside(left)} {operator} {_inside(right)}"
    if name == "concat_":
        return " ~ ".join(map(_inside, arguments))
    inside = ", ".join(map(_inside, arguments))
    return f"{name.rstrip('_')}({inside})"


def _filter(name: str, function: Function, value: Json, /, *arguments: Json, **named: Json) -> Json:
    if any(is_undecided(part) for part in (value, *arguments, *named.values())):
        given = ", ".join(_inside(part) for part in (*arguments, *named.values()))
        return undecided(f"{_inside(value)} | {name}{f'({given})' if given else ''}")
    return function(value, *arguments, **named)


def _boolean(function: Function, value: Json) -> Json:
    return _truth(value) if is_undecided(value) else function(value)


def _truth(value: Json) -> bool:
    return _suppose(_inside(value), None)


def _suppose(about: str, equal: tuple[str, Json] | None) -> bool:
    watcher = WATCHER.get()
    if watcher is None or not _deciding.get():
        raise UndecidedError(about)
    return watcher.suppose("boolean", about, equal) is True


def _find(value: Json, *keys: Json) -> Json:
    for key in keys:
        found = step_into(value, key)
        if found is MISSING:
            found = beyond(value, key)
        value = found  # pyright: ignore[reportAssignmentType]
        if value is None:
            return None
    return value


def _has(value: Json, *keys: Json) -> bool:
    for key in keys:
        found = step_into(value, key)
        if found is MISSING:
            further = beyond(value, key)
            return False if further is None else _suppose(f"{_inside(further)} is defined", None)
        value = found  # pyright: ignore[reportAssignmentType]
    return True


def _inside(value: Json) -> str:
    """A value as an expression would name it."""
    if isinstance(value, str) and is_undecided(value):
        return plain(value, "")
    return plain(as_json(value), "")
