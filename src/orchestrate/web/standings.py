"""Where workflows stand, folded once and kept up to date for whoever asks next."""

import threading
import time
from collections import OrderedDict
from typing import NamedTuple

from orchestrate.playbook.plan import Json
from orchestrate.web.trees import Tree, touched
from orchestrate.workflow.engine import Engine, Summary, Waits
from orchestrate.workflow.events import EventType
from orchestrate.workflow.standing import show_progress

_KEPT = 24
"""Workflows that are kept."""
_PAGE = 2000


class News(NamedTuple):
    """What came since the last look. `paths` None: everything may be different."""

    seq: int
    paths: dict[str, None] | None


class Standing:
    """One workflow. Hold `lock` while its tree is used."""

    def __init__(self, workflow: str, tree: Tree) -> None:
        self.workflow = workflow
        self.tree = tree
        self.lock = threading.RLock()
        self._edited = 0
        """The position since which the edited playbook counts."""

    @property
    def seq(self) -> int:
        """Its position in the journal."""
        return self.tree.view.last_seq

    def waits_for(self, waits: Waits | None) -> list[dict[str, Json]]:
        """What it waits for; `waits`: who has what it claims, if that was asked. Hold the lock."""
        return self.tree.pending.to_json(waits, time.time())

    def refresh(self, engine: Engine) -> None:
        """Take what was recorded since. Hold the lock."""
        while True:
            page = engine.events(self.workflow, self.seq, _PAGE)
            for event in page:
                self.tree.apply(event)
            edited = [one.seq for one in page if one.data.get("playbook_changes")]
            if edited and edited[-1] > self._edited:
                self._edited = edited[-1]
                self.tree = Tree(self.workflow, engine.plan(self.workflow))  # of the edited one
            elif len(page) < _PAGE:
                return

    def since(self, engine: Engine, seq: int) -> News:
        """What is different from how it was at a position. Hold the lock, and be up to date."""
        found: dict[str, None] = {}
        after = seq
        while after < self.seq:
            page = engine.events(self.workflow, after, _PAGE)
            for event in page:
                if event.type is EventType.FORGOTTEN or event.data.get("playbook_changes"):
                    return News(self.seq, None)
                found.update(dict.fromkeys(touched(event)))
            if not page:
                break
            after = page[-1].seq
        return News(self.seq, None if seq > self.seq else found)


class Standings:
    """Those that were asked for lately."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Standing] = OrderedDict()

    def of(self, engine: Engine, workflow: str) -> tuple[Summary, Standing]:
        """A workflow as it is now. Raises NotFoundError."""
        summary = engine.get(workflow)
        with self._lock:
            standing = self._known.get(workflow)
        if standing is None:
            standing = Standing(workflow, Tree(workflow, engine.plan(workflow)))
            with self._lock:
                standing = self._known.setdefault(workflow, standing)
                while len(self._known) > _KEPT:
                    self._known.popitem(last=False)
        with self._lock:
            if workflow in self._known:
                self._known.move_to_end(workflow)
        with standing.lock:
            standing.refresh(engine)
            show_progress(standing.tree.view, summary)
        return summary, standing
