"""Whoever sits at the terminal while a workflow of a cluster waits for people."""

import select
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from orchestrate.cluster.looking.reading import Found
from orchestrate.errors import ConflictError
from orchestrate.launching.asking import Asker
from orchestrate.workflow.parking import CONFIRM
from orchestrate.workflow.state import WorkflowView

_LOOK_EVERY = 0.5
"""Seconds between looks at whether a question is still of interest."""


class Present(NamedTuple):
    """Who is there."""

    asker: Asker | None = None
    """Somebody whom `--step-by-step` may ask."""
    stays: bool = False
    """Whether the process has the time to wait until people approve."""


class People:
    """What one workflow asks of whoever is there. `find` tells where it stands, `resolve` answers
    for a path.
    """

    def __init__(
        self,
        present: Present,
        find: Callable[[], Found],
        resolve: Callable[[str, str], None],
    ) -> None:
        self._present = present
        self._find = find
        self._resolve = resolve
        self._left = False
        """Nobody answers any more."""

    @property
    def may_help(self) -> bool:
        """Whether it is worth a look at what the workflow waits for."""
        return self._present.stays or (self._present.asker is not None and not self._left)

    def settle(self, view: WorkflowView, interrupted: Callable[[], bool]) -> bool:
        """It waits for people, and nothing else moves it: whether to stay with it. `interrupted`
        tells whether somebody wants it to end instead.
        """
        confirm = next((one for one in view.parked.values() if one.subject == CONFIRM), None)
        asker = self._present.asker
        if confirm is not None and asker is not None and not self._left and not interrupted():
            begun = self._find()
            if asker.ask(confirm):
                return self._ask(asker, confirm.path, begun, interrupted)
            self._left = True
        return self._present.stays and not view.parked

    def _ask(self, asker: Asker, path: str, begun: Found, interrupted: Callable[[], bool]) -> bool:
        while True:
            readable, _, _ = select.select([asker.fileno()], [], [], _LOOK_EVERY)
            if readable and (answer := asker.read()) is not None:
                if answer.choice is None:
                    self._left = True
                    return False
                with suppress(ConflictError):  # somebody else has decided it meanwhile
                    self._resolve(path, answer.choice)
                return True
            if interrupted() or (not readable and self._has_moved(begun)):
                asker.withdraw()
                return True

    def _has_moved(self, begun: Found) -> bool:
        now = self._find()
        return now.closed or _place(now) != _place(begun)


def _place(found: Found) -> tuple[str, int]:
    return found.run, found.description.history_length
