"""In a workflow: what its steps that wait for events say to whoever keeps these, in order."""

import asyncio
from contextlib import suppress
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from orchestrate.cluster import names

_PAUSES = (1.0, 60.0)
"""Seconds between tries while nobody keeps events: at first, at last."""


class Saying:
    """One message is on its way at a time: the next one waits until it has arrived."""

    def __init__(self) -> None:
        self._said: list[list[Any]] = []
        self._task: asyncio.Task[None] | None = None
        self._ending = False

    def say(self, *words: Any) -> None:
        """See `EventBook.hear`. It is only noted: waits end, too, where no loop runs any more."""
        self._said.append(list(words))

    def begin(self) -> None:
        """Send what was said."""
        if self._said and self._task is None:
            self._task = asyncio.create_task(self._say())

    async def delivered(self) -> None:
        """The run ends: the rest arrives, if anybody is there. A new run says again what is waited
        for.
        """
        self._ending = True
        self.begin()
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _say(self) -> None:
        events = workflow.get_external_workflow_handle(names.EVENTS)
        pause, longest = _PAUSES
        while self._said:
            said, self._said = self._said, []
            try:
                await events.signal(names.TELL, args=[workflow.info().workflow_id, said])
            except ApplicationError:  # no event was ever sent
                self._said = [*said, *self._said]
                if self._ending:
                    break
                with suppress(TimeoutError):
                    await workflow.wait_condition(lambda: self._ending, timeout=pause)
                pause = min(pause * 2, longest)
        self._task = None
