"""Evaluation of compiled expressions over plain data.

A name or a dotted path is followed here; anything else is evaluated by minijinja, which is loaded
when it is first needed.
"""

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol, cast

from orchestrate.errors import OrchestrateError
from orchestrate.playbook.plan import Expression, Json

if TYPE_CHECKING:
    from minijinja import Environment


class Watcher(Protocol):
    """Whoever looks on while expressions are evaluated: a narration, or a rehearsal."""

    @property
    def supposes(self) -> bool:
        """Whether values may be undecided (see `undecided.py`); then `suppose` is asked."""
        ...

    def evaluated(self, expression: Expression, lookup: Callable[[str], Json], value: Json) -> None:
        """An expression has this value."""
        ...

    def suppose(self, kind: str, about: str, equal: tuple[str, Json] | None = None) -> Json:
        """What to take something undecided for where a `kind` is needed: `boolean`, `list`, `until`
        (true, false or a moment), or the numeric key that it is for. `equal`: the question is
        whether that undecided value equals the other.
        """
        ...


WATCHER: ContextVar[Watcher | None] = ContextVar("watcher", default=None)

_paths: dict[str, tuple[str, ...] | None] = {}
"""Codes that are a dotted path, split; None for those that minijinja evaluates."""
_environment: "Environment | None" = None
_MAX_CACHED = 20_000


class ExpressionError(OrchestrateError):
    """An expression has no value: something is missing, or types do not fit."""

    code = "expression"


def evaluate(expression: Expression, lookup: Callable[[str], Json]) -> Json:
    """The expression's value. `lookup` is asked for the names in `expression.names` only, and
    raises KeyError for a name that it does not know. Raises `ExpressionError`.
    """
    value = _value(expression, lookup)
    watcher = WATCHER.get()
    if watcher is not None:
        watcher.evaluated(expression, lookup, value)
    return value


def _value(expression: Expression, lookup: Callable[[str], Json]) -> Json:
    code = expression.code
    try:
        path = _paths[code]
    except KeyError:
        path = _remember(code)
    try:
        if path is not None:
            value = lookup(path[0])
            return follow(value, path[1:]) if len(path) > 1 else value
        context = {name: lookup(name) for name in expression.names}
    except ExpressionError as error:
        raise _located(error, expression) from None
    except KeyError as error:
        raise _no_name(expression, error) from None
    return _calculated(expression, context)


def evaluate_condition(expression: Expression, lookup: Callable[[str], Json]) -> bool:
    """The condition's value; anything but true or false is an `ExpressionError`."""
    value = evaluate(expression, lookup)
    if isinstance(value, bool):
        return value
    if WATCHER.get() is not None:
        from orchestrate.playbook.expression.supposing import supposed_condition

        supposed = supposed_condition(expression, lookup, value)
        if supposed is not None:
            return supposed
    hint = "compare it, or turn it into true or false with `| bool`"
    raise ExpressionError(
        f"the condition `{expression.source}` is {describe(value)}, not true or false",
        hint=hint,
        place=expression.place,
    )


def supposed(value: Json, kind: str) -> Json:
    """What a rehearsal takes an undecided value for where a `kind` (see `Watcher.suppose`) is
    needed; any other value as it is.
    """
    watcher = WATCHER.get()
    if watcher is None or not watcher.supposes:
        return value
    from orchestrate.playbook.expression.supposing import supposed_value

    return supposed_value(value, kind, watcher)


def follow(value: Json, keys: Sequence[Json]) -> Json:
    """What `value` holds under `keys`, one after the other. Raises `ExpressionError`."""
    for position, key in enumerate(keys):
        found = step_into(value, key)
        if found is MISSING:
            found = _beyond(value, key)
        if found is MISSING:
            raise _missing(value, keys, position)
        value = cast("Json", found)
    return value


def _beyond(value: Json, key: Json) -> object:
    """What stands for it, where a rehearsal does not know what there will be."""
    if WATCHER.get() is None:
        return MISSING
    from orchestrate.playbook.undecided import beyond

    found = beyond(value, key)
    return MISSING if found is None else found


MISSING = object()
"""There is nothing under this key (null is something)."""


def step_into(value: Json, key: Json) -> object:
    """What `value` holds under `key`, or `MISSING`: data only, no Python attributes."""
    if isinstance(value, Mapping):
        return value.get(key, MISSING) if isinstance(key, str) else MISSING
    if isinstance(value, (list, tuple)) and isinstance(key, int) and not isinstance(key, bool):
        items = cast("Sequence[Json]", value)
        return items[key] if -len(items) <= key < len(items) else MISSING
    return MISSING


def describe(value: object) -> str:
    """The value with its type, short enough for a message."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'text ("{shorten(value)}")'
    if isinstance(value, (int, float)):
        return f"a number ({value})"
    return "a map" if isinstance(value, Mapping) else "a list"


def shorten(text: str) -> str:
    """At most 40 characters of `text`, on one line."""
    line = text.replace("\n", "\\n")
    return line if len(line) <= 40 else line[:39] + "…"


def _remember(code: str) -> tuple[str, ...] | None:
    if len(_paths) >= _MAX_CACHED:
        _paths.clear()
    parts = tuple(code.split("."))
    is_path = all(part.isidentifier() for part in parts) and code not in ("none", "true", "false")
    path = parts if is_path else None
    _paths[code] = path
    return path


def _calculated(expression: Expression, context: Mapping[str, Json]) -> Json:
    """The value by minijinja."""
    global _environment
    watcher = WATCHER.get()
    if watcher is not None and watcher.supposes:
        from orchestrate.playbook.expression.supposing import calculated

        return calculated(expression, context)
    if _environment is None:
        from orchestrate.playbook.expression.functions import make_environment

        _environment = make_environment()
    return calculate(_environment, expression, context)


def calculate(
    environment: "Environment", expression: Expression, context: Mapping[str, Json]
) -> Json:
    """The value by the functions of `environment`. Raises `ExpressionError`."""
    try:
        value: Any = environment.eval_expr(expression.code, **context)
    except ExpressionError as error:
        raise _located(error, expression) from None
    except (RuntimeError, TypeError, ValueError, OverflowError, RecursionError) as error:
        message = getattr(error, "message", None) or str(error)
        raise ExpressionError(
            f"`{expression.source}` cannot be evaluated: {message}", place=expression.place
        ) from None
    return cast("Json", value)


def _located(error: ExpressionError, expression: Expression) -> ExpressionError:
    message, hint = error.message, error.hint
    if expression.code.startswith("env.") and message.startswith("there is no `"):
        message = "the environment variable is not set"
        hint = "set it where the workflow is started, or give a value with `| default(…)`"
    return ExpressionError(f"`{expression.source}`: {message}", hint=hint, place=expression.place)


def _no_name(expression: Expression, error: KeyError) -> ExpressionError:
    name = str(error.args[0]) if error.args else expression.names[0]
    return ExpressionError(
        f"`{expression.source}`: `{name}` has no value here",
        hint="the step or variable it names has not run or been set in this workflow",
        place=expression.place,
    )


def _missing(value: Json, keys: Sequence[Json], position: int) -> ExpressionError:
    key = keys[position]
    shown = f"[{key}]" if not isinstance(key, str) else f"`{key}`"
    if value is None:
        before = f"`{keys[position - 1]}`" if position else "the value before it"
        return ExpressionError(
            f"there is no {shown}: {before} is null",
            hint="a step that was skipped has no output; give a value with `| default(…)`",
        )
    if isinstance(value, Mapping):
        names = [str(name) for name in value][:10]
        listing = f"there are: {', '.join(names)}" if names else "it is empty"
        return ExpressionError(
            f"there is no {shown}", hint=f"{listing}; give a value with `| default(…)`"
        )
    if isinstance(value, (list, tuple)) and isinstance(key, int):
        return ExpressionError(f"there is no {shown}: the list has {len(value)} items")
    return ExpressionError(f"there is no {shown}: this is {describe(value)}")
