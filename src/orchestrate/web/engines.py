"""Engines for requests: some that only look, kept open, and one for each that changes something."""

import threading
import time
from collections import deque
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from orchestrate.app import App
from orchestrate.daemon.desk import Desk
from orchestrate.project.model import Project
from orchestrate.web.identity import Caller
from orchestrate.workflow.engine import Engine

_MOST = 8
"""Engines that look at once; who comes later waits."""
_IDLE = 30.0
"""Seconds after which one that nobody needs is closed: fewer are kept than were ever needed."""


class _Opened(NamedTuple):
    engine: Engine
    project: Project
    """As it was when the engine was opened: settings may have been read anew since."""
    stack: ExitStack


class Engines:
    """The engines of one site. An engine is used by one thread at a time."""

    def __init__(self, desk: Desk, idle: float = _IDLE) -> None:
        self._desk = desk
        self._idle = idle
        self._lock = threading.Lock()
        self._room = threading.Semaphore(_MOST)
        self._free: deque[tuple[float, _Opened]] = deque()
        """Since when, by the monotonic clock; the latest is taken first."""
        self.saving = threading.Lock()
        """Held from the look at a file to its writing."""

    @property
    def app(self) -> App:
        """The project, as the daemon sees it now."""
        return self._desk.app

    @property
    def is_cluster(self) -> bool:
        """There, to look into a workflow takes a worker's answer."""
        return self.app.project.settings.cluster is not None

    @property
    def desk(self) -> Desk:
        """The daemon."""
        return self._desk

    def close(self) -> None:
        """Close those that are not in use."""
        with self._lock:
            free, self._free = self._free, deque()
        for _, opened in free:
            opened.stack.close()

    @contextmanager
    def looking(self) -> Generator[Engine]:
        """An engine to look with."""
        with self._room:
            opened = self._take() or self._open()
            try:
                yield opened.engine
            finally:
                self._give_back(opened)

    def _give_back(self, opened: _Opened) -> None:
        now, unneeded = time.monotonic(), list[_Opened]()
        with self._lock:
            self._free.append((now, opened))
            while len(self._free) > 1 and self._free[0][0] <= now - self._idle:
                unneeded.append(self._free.popleft()[1])
        for one in unneeded:
            one.stack.close()

    def _take(self) -> _Opened | None:
        with self._lock:
            opened = self._free.pop()[1] if self._free else None
        if opened is not None and opened.project is not self.app.project:
            opened.stack.close()
            return None
        return opened

    def _open(self) -> _Opened:
        stack = ExitStack()
        project = self.app.project
        return _Opened(stack.enter_context(self.app.open_workflows()), project, stack)

    def acting(self, caller: Caller) -> App:
        """The project, on behalf of whoever asks. What has to be finished is left to the daemon."""
        return self._desk.act(caller.author)
