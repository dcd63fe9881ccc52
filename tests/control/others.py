"""What else happens around the workflow: somebody holds its lock, people answer its approval."""

import json
import os
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from orchestrate.embedded.coordination import StoredCoordination
from orchestrate.errors import NotFoundError
from orchestrate.playbook.compile import compile_playbook
from orchestrate.workflow.engine import NewWorkflow
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.program import RunOptions

LOCK = "db"
GUARDED = frozenset({"b", "d"})
"""Steps of the workflow that need the lock."""
HOLDER = f"""
name: holder
steps:
  - name: h
    locks: [{LOCK}]
    shell: |
      echo "$$" > "$ROOT/holds"
      read -r code < "$ROOT/h.end"
      exit "$code"
"""
GATE = "spread/ask/gate"
ASK = """    - name: ask
      steps:
        - {{name: gate, type: approval, message: Go on?{limit}}}
"""


def ask(limit: float | None, on_timeout: str) -> str:
    """The branch with the approval."""
    more = "" if limit is None else f", timeout: {limit}, on_timeout: {on_timeout}"
    return ASK.format(limit=more)


def new_workflow(name: str, text: str, timeout: float | None = None) -> NewWorkflow:
    """A workflow of that playbook."""
    plan = compile_playbook(f"{name}.yaml", text.encode(), lambda _: None)
    return NewWorkflow(plan, {}, {}, "dev", {}, {}, "tester", RunOptions(timeout=timeout))


def told(parent: "subprocess.Popen[str]", **asked: Any) -> int:
    """Have a process that forks others do something; the pid that it is about."""
    assert parent.stdin is not None
    assert parent.stdout is not None
    parent.stdin.write(json.dumps(asked) + "\n")
    parent.stdin.flush()
    return int(parent.stdout.readline())


class Holder:
    """Another workflow, which holds the lock until it is told to end."""

    def __init__(
        self, root: Path, engine: Any, tell: Callable[..., int], alive: Callable[[int], bool]
    ) -> None:
        self._file = root / "holds"
        self._fifo = root / "h.end"
        self._tell = tell
        self._alive = alive
        self._shared = StoredCoordination(engine, {}, None)
        os.mkfifo(self._fifo)
        self.workflow, _ = engine.create(new_workflow("holder", HOLDER))
        self.pid = tell(verb="run", workflow=self.workflow)
        self.died = False
        self.taken = False
        """Somebody took its lock away: it works on without."""

    @property
    def step(self) -> int | None:
        """The process that works under the lock."""
        pid = int(self._file.read_text() or 0) if self._file.exists() else 0
        return pid if pid and self._alive(pid) else None

    def give_back(self) -> None:
        """Its step ends; with it the workflow, unless nobody runs that."""
        while self.step is not None:
            try:
                fifo = os.open(self._fifo, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:  # it does not listen yet
                continue
            with suppress(BrokenPipeError):  # it has heard it already
                os.write(fifo, b"0\n")
            os.close(fifo)
            return

    def die(self) -> None:
        """Its process is killed; the step works on, and the lock stays with it."""
        if not self.died:
            self.died = True
            self._tell(kill=self.pid)

    def is_robbed(self) -> None:
        """Somebody takes its lock away, with a reason."""
        try:
            robbed = self._shared.release_lock(LOCK, actor="tester", reason="robbed")
        except NotFoundError:
            return
        self.taken = self.taken or any(one["workflow"] == self.workflow for one in robbed)


def lock_is_kept(holder: Holder, held: list[tuple[str, int]], *, before: int | None) -> None:
    """Nobody works under the lock beside the one that has it. `before` is the process that worked
    under it before the others were looked at.
    """
    guarded = [name for name, _ in held if name in GUARDED]
    assert len(guarded) < 2, f"two steps hold the lock: {held}"
    still = before is not None and holder.step == before
    assert holder.taken or not (still and guarded), f"{guarded} beside the holder"


def answers_are_few(events: list[Event]) -> None:
    """Each time that it is asked for, an approval is decided once at most, and by what is left to
    decide: not by anybody once its time is over.
    """
    is_open = False
    for event in events:
        if event.path != GATE:
            continue
        match event.type:
            case EventType.APPROVAL_REQUESTED:
                is_open = True
            case EventType.APPROVAL_GIVEN | EventType.APPROVAL_REJECTED:
                assert is_open, f"decided before: {event}"
                is_open = False
            case EventType.TIMER_FIRED:
                assert is_open, f"too late: {event}"
                is_open = False
            case _:
                pass
