"""How far rate limits are used up, for people."""

import math
from collections.abc import Mapping, Sequence

from orchestrate.workflow.coordination import Rate
from orchestrate.workflow.rates import Limit, earliest

_ROUNDING = 1e-6
"""Tokens by which sums of fractions may be off."""


def standing(limits: Sequence[Limit], dues: Mapping[str, float], now: float) -> list[Rate]:
    """How far each limit is used up; `dues`: the numbers of the buckets that were ever used."""
    found: list[Rate] = []
    for limit in sorted(limits, key=lambda one: one.name):
        due = dues.get(limit.name, 0.0)
        taken = max(0.0, due - now) / limit.interval
        at = earliest(limit, due, now)
        found.append(
            Rate(
                name=limit.name,
                commands=[" ".join(words) for words in limit.commands],
                most=limit.most,
                period=limit.period,
                left=max(0, math.floor(limit.most - taken + _ROUNDING)),
                waiting=max(0, math.ceil(taken - limit.most - _ROUNDING)),
                next_at=at if at > now else None,
            )
        )
    return found
