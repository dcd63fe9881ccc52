"""How often commands are called by all workflows together. Pure; `workflow.rates` has the sums."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from orchestrate.playbook.plan import Json
from orchestrate.workflow.rates import Limit, applying, charged, earliest

_KEPT = 86400.0
"""Seconds after which nobody asks again what an attempt was given."""


class Given(NamedTuple):
    """When an attempt may start, and the limits that say so."""

    at: float
    limits: tuple[str, ...]


class Rates:
    """Tokens that were given, and when the next ones are there."""

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        """`data`: what `to_data` gave."""
        data = data or {"due": {}, "given": []}
        self._due: dict[str, float] = dict(data["due"])
        self._given = {(w, a): Given(at, tuple(names)) for w, a, at, names in data["given"]}

    def to_data(self) -> dict[str, Any]:
        """As JSON, to be gone on with later."""
        given = [[*key, at, names] for key, (at, names) in self._given.items()]
        return {"due": self._due, "given": given}

    @property
    def dues(self) -> Mapping[str, float]:
        """The number of each bucket that was ever used."""
        return self._due

    def take(
        self, workflow: str, attempt: int, words: Sequence[Json], limits: Sequence[Limit],
        now: float,
    ) -> Given:  # fmt: skip
        """A token of each limit for a call; what the attempt was given before, if it was."""
        known = self._given.get((workflow, attempt))
        if known is not None:
            return known
        holding = applying(limits, [word if isinstance(word, str) else () for word in words])
        if not holding:
            return Given(now, ())
        dues = {limit.name: self._due.get(limit.name, 0.0) for limit in holding}
        at = max(earliest(limit, dues[limit.name], now) for limit in holding)
        for limit in holding:
            self._due[limit.name] = charged(limit, dues[limit.name], at)
        given = self._given[workflow, attempt] = Given(at, tuple(limit.name for limit in holding))
        for key in [key for key, old in self._given.items() if old.at < now - _KEPT]:
            del self._given[key]
        return given

    def give_back(self, workflow: str, attempt: int, limits: Sequence[Limit]) -> None:
        """It will not be started."""
        given = self._given.pop((workflow, attempt), None)
        for limit in limits:
            if given is not None and limit.name in given.limits and limit.name in self._due:
                self._due[limit.name] -= limit.interval

    def gone(self, workflow: str) -> None:
        """Nobody asks for that workflow's attempts any more."""
        for key in [key for key in self._given if key[0] == workflow]:
            del self._given[key]
