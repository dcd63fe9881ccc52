"""Whether two plans mean the same: do the same, in the same order, with the same values."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from orchestrate.playbook.plan import Expression, Parameter, Plan, Step

_BESIDES = frozenset(("place", "digest", "sources", "warnings"))
"""What follows from where and how something was written, not from what it means."""
_PARAMETER = _BESIDES | {"implicit"}
_UNNAMED = _BESIDES | {"key", "name"}


def same_meaning(before: object, after: object) -> bool:
    """Whether `after` is what `before` was, except that undeclared parameters may be declared and
    unnamed steps may have names, and with them paths.
    """
    match before:
        case Expression():
            return isinstance(after, Expression) and before.code == after.code
        case Step():
            ignored = _UNNAMED if before.name is None else _BESIDES
            return isinstance(after, Step) and _same_fields(before, after, ignored)
        case Parameter():
            return isinstance(after, Parameter) and _same_fields(before, after, _PARAMETER)
        case Plan():
            return isinstance(after, Plan) and _same_fields(before, after, _BESIDES)
        case str() | None:
            return type(before) is type(after) and before == after
        case Mapping():
            return _same_mapping(cast("Mapping[str, object]", before), after)
        case Sequence():
            return _same_items(cast("Sequence[object]", before), after)
        case _:
            return type(before) is type(after) and repr(before) == repr(after)


def _same_fields(before: Any, after: Any, ignored: frozenset[str]) -> bool:
    names: Iterable[str] = before._fields
    return all(
        same_meaning(getattr(before, name), getattr(after, name))
        for name in names
        if name not in ignored
    )


def _same_mapping(before: Mapping[str, object], after: object) -> bool:
    if not isinstance(after, Mapping):
        return False
    other = cast("Mapping[str, object]", after)
    return list(before) == list(other) and all(
        same_meaning(value, other[name]) for name, value in before.items()
    )


def _same_items(before: Sequence[object], after: object) -> bool:
    """Lists, and the tuples of plans, whose fields are all that tells one kind from another."""
    if type(before) is not type(after):
        return False
    others = cast("Sequence[object]", after)
    if hasattr(before, "_fields"):
        return _same_fields(before, others, _BESIDES)
    return len(before) == len(others) and all(map(same_meaning, before, others))
