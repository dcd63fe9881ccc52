"""A process that looks at a journal, so that whoever forks others never opens the store: SQLite
must not be carried into a child.
"""

import os
import pickle
import select
import signal
import time
from pathlib import Path
from typing import NamedTuple

from embedded.engine_process import services

from orchestrate.embedded.engine import EmbeddedEngine
from orchestrate.embedded.store import Store
from orchestrate.workflow.engine import Filter
from orchestrate.workflow.events import Event

_EVERY = 0.015
"""Seconds between looks."""


class Seen(NamedTuple):
    """What there was to see; `events` are those that came since the last look."""

    workflow: str
    state: str
    """"" if there is no workflow."""
    asked: int
    """How many requests wait for an answer."""
    events: tuple[Event, ...]
    at: float
    """By the monotonic clock."""


class Watch:
    """The process, and what it says."""

    def __init__(self, root: Path) -> None:
        self._reading, writing = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._reading)
            try:
                _look(root, writing)
            finally:
                os._exit(0)
        os.close(writing)
        self._stream = os.fdopen(self._reading, "rb")

    def next(self) -> Seen:
        """What it sees next."""
        ready, _, _ = select.select([self._stream], [], [], 120)
        assert ready, "who looks at the journal has stopped"
        seen = pickle.load(self._stream)
        assert isinstance(seen, Seen)
        return seen

    def close(self) -> None:
        """End it."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        self._stream.close()


def _look(root: Path, writing: int) -> None:
    state, workflow, last = root / "state", "", 0
    with os.fdopen(writing, "wb") as stream:
        engine = EmbeddedEngine(state, services(root))
        while True:
            seen = Seen("", "", 0, (), time.monotonic())
            if not workflow and Store.exists(state) and (found := engine.find(Filter())):
                workflow = found[0].id
            if workflow:
                row = engine.row(workflow)
                asked = engine.store.read(
                    "SELECT count(*) FROM requests WHERE workflow = ? AND state = 'pending'",
                    (row.number,),
                )
                events = tuple(engine.events(workflow, last))
                last = events[-1].seq if events else last
                told = str(row.summary.state)
                seen = Seen(workflow, told, int(asked[0][0]), events, seen.at)
            pickle.dump(seen, stream)
            stream.flush()
            time.sleep(_EVERY)
