"""`resources` against `[capacity]`: names that are none, and more than there is."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from orchestrate.errors import Place, UsageError
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.plan import Json, Plan
from orchestrate.playbook.spelling import nearest
from orchestrate.workflow.demand import Demand, Sizes, demands, known_sizes, literal_size


class Lack(NamedTuple):
    """A claim that could never be granted here."""

    rule: str
    message: str
    place: Place
    hint: str


def lacks(capacity: Mapping[str, int], plan: Plan, size: Sizes = literal_size) -> Iterator[Lack]:
    """Every claim that could never be granted here, as far as its amount is known."""
    for demand in demands(plan, size):
        there = capacity.get(demand.resource)
        if there is None:
            yield _unknown(demand, capacity)
        elif demand.amount + demand.around > there:
            yield _too_much(demand, there)


def _unknown(demand: Demand, capacity: Mapping[str, int]) -> Lack:
    near = nearest(demand.resource, capacity)
    hint = f"did you mean `{near}`?" if near else "name it in orchestrate.toml"
    message = f"there is no `{demand.resource}` in `[capacity]` of orchestrate.toml"
    return Lack("unknown-resource", message, demand.place, hint)


def _too_much(demand: Demand, there: int) -> Lack:
    what = f"asks for {demand.amount} of `{demand.resource}`"
    hint = "ask for less, or raise it in `[capacity]` of orchestrate.toml"
    if demand.around:
        what += f", and {demand.around} more are held around it"
        hint = f"it would wait for itself: {hint}"
    return Lack("too-much-capacity", f"{what}; there are {there}", demand.place, hint)


def check_capacity(capacity: Mapping[str, int], plan: Plan, diagnostics: Diagnostics) -> None:
    """Report every claim that could never be granted here."""
    for lack in lacks(capacity, plan):
        diagnostics.error(lack.rule, lack.message, lack.place, hint=lack.hint)


def refuse_lacks(capacity: Mapping[str, int], plan: Plan, lookup: Callable[[str], Json]) -> None:
    """Raises UsageError if the plan asks for what could never be granted, with these values."""
    for lack in lacks(capacity, plan, known_sizes(lookup)):
        raise UsageError(lack.message, hint=f"{lack.hint}.", place=lack.place)
