"""Metrics of the project that a daemon serves: for requests, and for a textfile."""

import threading
import time
from collections.abc import Sequence
from contextlib import suppress

from orchestrate.app import App
from orchestrate.daemon.log import Log
from orchestrate.project.model import Project
from orchestrate.workflow.metrics import Series

_FRESH = 1.0
"""Seconds for which what was gathered is given to whoever asks next."""
_PAUSE = 2.0
"""Seconds between two textfiles when one workflow after the other ends."""
_ANYWAY = 60.0
"""Seconds after which a textfile is written although no workflow has ended."""

_LAST = 10.0
"""Seconds that the last look may take."""


class Monitoring:
    """Uses a connection of its own, in threads other than the daemon's."""

    def __init__(self, app: App, log: Log) -> None:
        self._app = app
        self._log = log
        self._gatherer = app.gatherer()
        self._lock = threading.Lock()
        self._gathered: Sequence[Series] = ()
        self._gathered_at = float("-inf")
        self._ended = threading.Event()
        self._stopping = threading.Event()
        self._said = ""
        self._writing = threading.Thread(target=self._write_textfiles, name="metrics", daemon=True)
        self._writing.start()

    def text(self, accept: str) -> tuple[bytes, str]:
        """All metrics, and their content type, as an `Accept` header wants them. Blocks."""
        from orchestrate.observe.exposition import render

        return render(self.series(), accept, self._app.project.settings.monitoring.labels)

    def series(self) -> Sequence[Series]:
        """All metrics of now, or of a moment ago. Blocks; any thread may call it."""
        with self._lock:
            if time.monotonic() - self._gathered_at > _FRESH:
                self._gathered = self._app.gather(self._gatherer)
                self._gathered_at = time.monotonic()
            return self._gathered

    def workflow_ended(self) -> None:
        """The textfile is to say so soon."""
        self._ended.set()

    def stop(self) -> None:
        """Write no more textfiles; the daemon's end writes the last one.

        It waits: the end closes files of the store, by which the system would take the locks of
        every connection of this process.
        """
        self._stopping.set()
        self._ended.set()
        self._writing.join(_LAST)

    def _write_textfiles(self) -> None:
        while not self._stopping.wait(_PAUSE):
            self._ended.wait(_ANYWAY)
            self._ended.clear()
            if self._stopping.is_set():
                return
            problem, project = "", self._app.project
            if project.settings.monitoring.textfile is not None:
                problem = self._write(project)
            if problem and problem != self._said:
                with suppress(OSError):
                    self._log("metrics not written", reason=problem)
            self._said = problem

    def _write(self, project: Project) -> str:
        from orchestrate.observe.exposition import write_textfile

        return write_textfile(project.root, project.settings.monitoring, self.series())
