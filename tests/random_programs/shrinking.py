"""A smaller program that still goes wrong: steps and keys are taken away as long as it does."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from random_programs.case import Case

_SEQUENCES = (
    "steps",
    "then",
    "else",
    "branches",
    "compensate",
    "on_failure",
    "on_success",
    "finally",
)
_NEEDED = ("name", "type", "steps", "branches", "items", "as", "condition", "then", "command",
           "shell", "script", "until", "interval", "duration", "event", "playbook", "variables",
           "message", "parameters", "compensate")  # fmt: skip


def shrink(case: Case, goes_wrong: Callable[[Case], bool], seconds: float = 20.0) -> Case:
    """The smallest that is found in that time."""
    until = time.monotonic() + seconds
    found = True
    while found and time.monotonic() < until:
        found = False
        for smaller in _smaller(case):
            if time.monotonic() > until:
                break
            if goes_wrong(smaller):
                case, found = smaller, True
                break
    return case


def _smaller(case: Case) -> Iterator[Case]:
    """All programs with one thing less."""
    places = list(_places(case.playbooks))
    for place in places:
        copy = json.loads(json.dumps(case.playbooks))
        *way, last = place
        inside: Any = copy
        for key in way:
            inside = inside[key]
        del inside[last]
        yield case._replace(playbooks=copy)
    if case.stop is not None:
        yield case._replace(stop=None)


def _places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """What can be taken away, the large things first."""
    if isinstance(value, dict):
        for key, inside in value.items():
            if key in _SEQUENCES and isinstance(inside, list):
                if key not in ("steps", "branches", "then"):
                    yield (*way, key)
                first = inside[0].get("command") == "./act first"
                for number in range(int(first), len(inside)) if len(inside) > 1 else ():
                    yield (*way, key, number)
            elif len(way) > 1 and key not in _NEEDED:
                yield (*way, key)
        for key, inside in value.items():
            yield from _places(inside, (*way, key))
    elif isinstance(value, list):
        for number, inside in enumerate(value):
            yield from _places(inside, (*way, number))
