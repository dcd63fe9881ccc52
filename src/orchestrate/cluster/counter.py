"""The numbers of workflows: one Temporal workflow that never ends gives each of them once.

Ids of Temporal's own are free again when the retention of a closed workflow is over; these are not.
"""

from typing import NoReturn

from temporalio import workflow

from orchestrate.cluster import names

_LONGEST_RUN = 2000
"""Events of a history, and in proportion updates, after which a new run takes over."""
_MOST_KEYS = 5000
"""Idempotency keys that are remembered, the last ones."""


@workflow.defn(name=names.COUNTER)
class CounterWorkflow:
    """`last` is the last number of each year; `keys` are idempotency keys and their workflows."""

    @workflow.init
    def __init__(self, last: dict[str, int], keys: dict[str, str]) -> None:
        self._last = last
        self._keys = keys

    @workflow.run
    async def run(self, last: dict[str, int], keys: dict[str, str]) -> NoReturn:
        """For ever. Arguments as in `__init__`."""
        del last, keys
        await workflow.wait_condition(
            lambda: workflow.info().get_current_history_length() > _LONGEST_RUN
        )
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(args=[self._last, self._keys])

    @workflow.update(name=names.ALLOCATE)
    def allocate(self, key: str | None) -> str:
        """A new id of this (UTC) year, or the one that the key got before."""
        if key is not None and key in self._keys:
            return self._keys[key]
        year = str(workflow.now().year)
        number = self._last[year] = self._last.get(year, 0) + 1
        identity = f"WF-{year}-{number:03d}"
        if key is not None:
            self._keys[key] = identity
            while len(self._keys) > _MOST_KEYS:
                del self._keys[next(iter(self._keys))]
        return identity

    @workflow.query(name=names.MADE_FOR)
    def made_for(self, key: str) -> str | None:
        """The id that the key got."""
        return self._keys.get(key)
