"""Checks what a filter is given: how many arguments, which keywords, which names in quotes."""

from collections.abc import Iterator
from typing import NamedTuple

from orchestrate.playbook.diagnostics import nearest
from orchestrate.playbook.expression.advice import EXAMPLES
from orchestrate.playbook.expression.signatures import FILTERS, TESTS
from orchestrate.playbook.expression.syntax import Filter, Literal, Tree

_WITH_NAME = {"map": 0, "select": 0, "reject": 0, "selectattr": 1, "rejectattr": 1}
"""Filters that take the name of another filter or of a test, and at which position."""


class Problem(NamedTuple):
    """A finding; `start` is an offset in the expression's source."""

    rule: str
    message: str
    start: int
    length: int
    hint: str = ""


def argument_problems(tree: Filter) -> Iterator[Problem]:
    """What is wrong with the arguments of a filter that exists."""
    signature = FILTERS[tree.name]
    least, most = signature.arguments
    given = len(tree.arguments)
    if not least <= given <= most:
        message = f"`{tree.name}` takes {count_of(least, most)}, not {given}"
        example = EXAMPLES.get(tree.name, "")
        yield Problem("wrong-arguments", message, tree.name_start, len(tree.name), example)
    for key, value in tree.keywords:
        if key not in signature.keywords:
            near = nearest(key, signature.keywords)
            hint = f"did you mean `{near}`?" if near else ""
            yield _about(value, "wrong-arguments", f"`{tree.name}` has no `{key}=`", hint)
    if tree.name in _WITH_NAME:
        yield from _name_problems(tree, _WITH_NAME[tree.name])


def _name_problems(tree: Filter, position: int) -> Iterator[Problem]:
    """`map("upper")`, `select("even")`: the name inside must be known, too."""
    if tree.name == "map" and not tree.arguments and not tree.keywords:
        yield _about(tree, "wrong-arguments", "`map` needs a filter or `attribute=`")
    if len(tree.arguments) <= position:
        return
    inner = tree.arguments[position]
    table = FILTERS if tree.name == "map" else TESTS
    if not isinstance(inner, Literal) or not isinstance(inner.value, str):
        yield _about(inner, "wrong-arguments", f"`{tree.name}` needs a name in quotes")
        return
    given = len(tree.arguments) - position - 1
    if inner.value not in table or inner.value in ("default", "map", "defined", "undefined"):
        near = nearest(inner.value, table)
        what = "filter" if tree.name == "map" else "test"
        message = f"there is no {what} `{inner.value}` for `{tree.name}`"
        yield _about(inner, f"unknown-{what}", message, f"did you mean `{near}`?" if near else "")
        return
    least, most = FILTERS[inner.value].arguments if tree.name == "map" else TESTS[inner.value]
    if not least <= given <= most:
        message = f"`{inner.value}` takes {count_of(least, most)}, not {given}"
        yield _about(inner, "wrong-arguments", message)


def _about(tree: Tree, rule: str, message: str, hint: str = "") -> Problem:
    return Problem(rule, message, tree.start, tree.end - tree.start, hint)


def count_of(least: int, most: int) -> str:
    """How many arguments are taken, in words."""
    if most == 0:
        return "no arguments"
    if least == most:
        return f"{most} argument{'s' if most > 1 else ''}"
    return f"{least} to {most} arguments"
