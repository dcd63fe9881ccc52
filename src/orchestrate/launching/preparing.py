"""Attempts on their way to a process: what is launched is made while their start is written down.

Where a secret has to be fetched for it, that happens in a thread of its own: a source that is slow
must not hold up anything but the step that needs it.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from orchestrate.errors import OrchestrateError
from orchestrate.launching.calls import Caller, not_callable
from orchestrate.launching.watching import Loop
from orchestrate.processes.launch import Launch
from orchestrate.workflow.outcomes import Outcome
from orchestrate.workflow.program import Attempt


class Preparation:
    """What will become of each attempt: a launch, an outcome without one, or not known yet."""

    def __init__(self, caller: Caller, loop: Loop, ready: Callable[[int], None]) -> None:
        """`ready` is called in the loop's thread for what was asked for too early."""
        self._caller = caller
        self._loop = loop
        self._ready = ready
        self._made: dict[int, Launch | Outcome | None] = {}
        self._asked_for: set[int] = set()

    def __contains__(self, attempt: int) -> bool:
        return attempt in self._made

    def begin(self, attempt: Attempt) -> None:
        """Make what is launched, or begin to fetch what it needs."""
        self._made[attempt.id] = self._make(attempt)

    def cancel(self, attempt: int, outcome: Outcome) -> None:
        """It is not launched, whatever is made of it."""
        self._made[attempt] = outcome
        if attempt in self._asked_for:
            self._loop.post(lambda: self._tell(attempt))

    def take(self, attempt: int) -> Launch | Outcome | None:
        """What was made; None if that is not known yet."""
        made = self._made[attempt]
        if made is None:
            self._asked_for.add(attempt)
            return None
        self._asked_for.discard(attempt)
        del self._made[attempt]
        return made

    def _tell(self, attempt: int) -> None:
        if attempt in self._asked_for and self._made.get(attempt) is not None:
            self._ready(attempt)

    def _make(self, attempt: Attempt) -> Launch | Outcome | None:
        missing = self._caller.supply.missing(attempt.call)
        if missing:
            threading.Thread(target=self._fetch, args=(attempt, missing), daemon=True).start()
            return None
        try:
            return self._caller.launch(attempt)
        except OrchestrateError as error:
            return self._refused(error)

    def _refused(self, error: OrchestrateError) -> Outcome:
        return not_callable(error, time.time(), self._caller.supply.masks)

    def _fetch(self, attempt: Attempt, names: tuple[str, ...]) -> None:
        """In a thread of its own."""
        error: OrchestrateError | None = None
        try:
            self._caller.supply.fetch(names)
        except OrchestrateError as found:
            error = found
        except Exception as found:  # else the step would wait for ever; the text may hold anything
            error = OrchestrateError(
                f"fetching {', '.join(names)} failed with {type(found).__name__}",
                hint="Look at the source of the secret; then resume the workflow.",
            )
        with suppress(OSError, ValueError):  # the loop may be closed by now
            self._loop.post(lambda: self._fetched(attempt, error))

    def _fetched(self, attempt: Attempt, error: OrchestrateError | None) -> None:
        if self._made.get(attempt.id, error) is not None or attempt.id not in self._made:
            return  # it was stopped meanwhile
        made = self._make(attempt) if error is None else self._refused(error)
        self._made[attempt.id] = made
        self._tell(attempt.id)
