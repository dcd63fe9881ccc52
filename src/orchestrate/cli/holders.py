"""Who has what a workflow waits for, as it is at this moment: the journal only tells who had it
when the waiting began.
"""

import time
from collections.abc import Mapping, Sequence

from orchestrate.errors import OrchestrateError
from orchestrate.playbook.plan import Json
from orchestrate.workflow.claim_views import said
from orchestrate.workflow.engine import Engine
from orchestrate.workflow.standing import bring_up_to_date, is_waiting
from orchestrate.workflow.state import WorkflowView

_PAUSE = 1.0
"""Seconds for which an answer is good enough for a picture that is drawn again and again."""
_SHOWN = 3


def waiting_for(blockers: Sequence[Mapping[str, Json]]) -> str:
    """What is waited for, in one line."""
    more = f"; and {len(blockers) - _SHOWN} more" if len(blockers) > _SHOWN else ""
    return f"waits for {'; '.join(said(blocker) for blocker in blockers[:_SHOWN])}{more}"


class Holders:
    """Keeps a view that is shown for long up to date."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._next = 0.0

    def refresh(self, view: WorkflowView) -> None:
        """Look again, unless that was a moment ago or nothing waits."""
        now = time.monotonic()
        if now < self._next or not is_waiting(view):
            return
        self._next = now + _PAUSE
        try:
            bring_up_to_date(view, self._engine.waits().get(view.id, {}))
        except OrchestrateError:
            return  # a picture that is a little old is better than none
