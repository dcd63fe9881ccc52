"""What open workflows wait for, for lists: a journal is read once, and then what is new in it."""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping

from orchestrate.errors import OrchestrateError
from orchestrate.playbook.plan import Json
from orchestrate.workflow.engine import Engine, Summary, Waits
from orchestrate.workflow.pending import Pending
from orchestrate.workflow.standing import OPEN

_KEPT = 2000
"""Workflows that are kept."""
_PAGE = 2000
Listed = dict[str, list[dict[str, Json]]]
"""By workflow; who waits for nothing is left out."""


class _Known:
    __slots__ = ("lock", "pending")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.pending = Pending()


class Waiting:
    """Those that were asked for lately. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self.asked = 0
        """How often something about approvals was found changed."""
        self.claimed = 0
        """The same about locks, capacity and rates."""

    def of(self, engine: Engine, workflows: Iterable[Summary]) -> Listed:
        """What these wait for now, as far as they are open."""
        found: dict[str, _Known] = {}
        claims = False
        for one in workflows:
            if one.state not in OPEN:
                self._forget(one.id)
                continue
            known = self._of(one.id)
            try:
                with known.lock:
                    self._read_on(engine, one.id, known.pending)
                    claims = claims or known.pending.claims
            except OrchestrateError:
                continue  # it was pruned this moment, or its journal is damaged
            found[one.id] = known
        waits: Mapping[str, Waits] = engine.waits() if claims else {}
        now = time.time()
        shown: Listed = {}
        for key, known in found.items():
            with known.lock:
                if told := known.pending.to_json(waits.get(key, {}), now):
                    shown[key] = told
        return shown

    def _forget(self, workflow: str) -> None:
        """It is over: nothing is asked any more, and what it held is free."""
        with self._lock:
            if self._known.pop(workflow, None) is not None:
                self.asked += 1
                self.claimed += 1

    def _of(self, workflow: str) -> _Known:
        with self._lock:
            known = self._known.setdefault(workflow, _Known())
            self._known.move_to_end(workflow)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return known

    def _read_on(self, engine: Engine, workflow: str, pending: Pending) -> None:
        asked, claimed = pending.asked, pending.claimed
        more = True
        while more:
            page = engine.events(workflow, pending.seq, _PAGE)
            for event in page:
                pending.apply(event)
            more = len(page) == _PAGE
        with self._lock:
            self.asked += pending.asked - asked
            self.claimed += pending.claimed - claimed
