"""What of a project is different since the last look, beside its workflows: each in one word, for
those who show it and then read it anew.
"""

import time

from orchestrate.embedded.news import News
from orchestrate.embedded.store import Store
from orchestrate.launching.freezing import in_force
from orchestrate.web.engines import Engines
from orchestrate.web.waiting import Waiting

_FREEZES = 5.0
"""Seconds between looks at the clock for freezes."""
_UNTOLD = 20.0
"""Seconds after which whatever a cluster keeps may be different: it does not tell of it."""
_CLUSTERS = ("approvals", "capacity", "deliveries", "hold", "locks", "schedules")


class Changes:
    """Looks in one thread; close it at the end."""

    def __init__(self, engines: Engines, waiting: Waiting) -> None:
        self._engines = engines
        self._waiting = waiting
        project = engines.app.project
        self._store = Store(project.state_dir, project.settings.state_group)
        self._news = News(self._store)
        self._asked, self._claimed = waiting.asked, waiting.claimed
        self._frozen = self._freezes()
        self._freezes_at = self._told_at = time.monotonic()

    def close(self) -> None:
        """Let go of the store."""
        self._store.close()

    def look(self) -> list[str]:
        """What is different: approvals, audit, capacity, deliveries, hold, locks, playbooks,
        schedules, tokens.
        """
        found = self._news.look()
        if self._waiting.asked != self._asked:
            found.add("approvals")
        if self._waiting.claimed != self._claimed:
            found |= {"capacity", "locks"}
        self._asked, self._claimed = self._waiting.asked, self._waiting.claimed
        now = time.monotonic()
        if now - self._freezes_at >= _FREEZES:
            self._freezes_at = now
            before, self._frozen = self._frozen, self._freezes()
            if before != self._frozen:
                found.add("hold")
        if self._engines.is_cluster and now - self._told_at >= _UNTOLD:
            self._told_at = now
            found.update(_CLUSTERS)
        return sorted(found)

    def _freezes(self) -> list[str]:
        windows = self._engines.app.project.settings.freezes
        return [which.name for which, _ in in_force(windows, time.time())] if windows else []
