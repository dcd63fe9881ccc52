"""One workflow on a real store, the processes around it, and what its journal must always say."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from control import people
from control.others import LOCK, Holder, answers_are_few, ask, lock_is_kept, new_workflow, told
from polling import eventually

from orchestrate.embedded import journal, listing
from orchestrate.embedded.engine import EmbeddedEngine
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.state import WorkflowView, fold
from orchestrate.workflow.transitions import is_legal

STEP = """
  - name: {name}
    {locks}shell: |
      echo "{name} $ORCHESTRATE_ATTEMPT $$" >> "$ROOT/begun"
      read -r code < "$ROOT/{name}.end"
      echo "{name} $ORCHESTRATE_ATTEMPT" >> "$ROOT/ended"
      exit "$code"
"""
NAMES = ("a", "b", "c", "d")
PLAYBOOK = (
    "name: gated\nsteps:\n"
    + STEP.format(name="a", locks="")
    + "  - name: spread\n    type: parallel\n    fail_fast: false\n    branches:\n"
    + "".join(
        f"    - name: {name}\n      steps:\n"
        + STEP.format(name=name, locks=lock).replace("\n", "\n      ").rstrip()
        + "\n"
        for name, lock in (("b", f"locks: [{LOCK}]\n    "), ("c", ""))
    )
    + "ASK"
    + STEP.format(name="d", locks=f"locks: [{LOCK}]\n    ")
    + '\nfinally:\n  - name: tidy\n    shell: echo tidy >> "$ROOT/tidied"\n'
)


class World:
    """A root directory with FIFOs that hold the steps, and people who act."""

    def __init__(
        self, root: Path, timeout: float | None, patience: float | None, on_timeout: str
    ) -> None:
        self.root = root
        (root / "answers").mkdir()
        for name in NAMES:
            os.mkfifo(root / f"{name}.end")
        self.engine = EmbeddedEngine(root / "state", people.services(root))
        self.killed: set[int] = set()
        self.people = subprocess.Popen(
            [sys.executable, people.__file__, str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        text = PLAYBOOK.replace("ASK", ask(patience, on_timeout))
        self.workflow, _ = self.engine.create(new_workflow("gated", text, timeout))
        self.holder = Holder(root, self.engine, self.tell, alive)

    # People

    def tell(self, **asked: Any) -> int:
        return told(self.people, **asked)

    def begin(self, verb: str, **more: Any) -> int:
        """Have a process do something; returns at once."""
        return self.tell(verb=verb, workflow=self.workflow, **more)

    def answer(self, pid: int) -> dict[str, Any] | None:
        file = self.root / "answers" / str(pid)
        if not file.exists():
            return None
        said: dict[str, Any] = json.loads(file.read_text())
        assert "broken" not in said, said
        return said

    def settle(self, pid: int) -> dict[str, Any]:
        """Wait until a process has answered, or owns the workflow and goes on with it."""
        return eventually(lambda: self.answer(pid) or self._owns(pid), f"process {pid}")

    def _owns(self, pid: int) -> dict[str, Any] | None:
        owner = self.row().owner
        return {"owns": True} if owner is not None and owner.pid == pid else None

    def kill(self, pid: int) -> None:
        self.killed.add(pid)
        self.tell(kill=pid)

    # Steps

    def begun(self) -> list[tuple[str, ...]]:
        """Attempts that began: (name, number, pid of the shell)."""
        file = self.root / "begun"
        lines = file.read_text().splitlines() if file.exists() else []
        return [tuple(line.split()) for line in lines]

    def held(self) -> list[tuple[str, int]]:
        """Steps that wait at their FIFO: (name, pid of the shell)."""
        return [(name, int(pid)) for name, _, pid in self.begun() if alive(int(pid))]

    def end_step(self, name: str, code: int) -> bool:
        """Let a step end; False if it does not wait for that (any more)."""

        while True:
            try:
                fifo = os.open(self.root / f"{name}.end", os.O_WRONLY | os.O_NONBLOCK)
            except OSError:  # nobody reads: it has not come to that yet, or was stopped
                if all(found != name for found, _ in self.held()):
                    return False
                time.sleep(0.002)
                continue
            try:
                os.write(fifo, f"{code}\n".encode())
            except BrokenPipeError:  # it was stopped between the two calls
                continue
            finally:
                os.close(fifo)
            return True

    def lose(self, pid: int) -> None:
        """End a step together with everything that could say how it ended."""
        slot = parent_of(pid)
        for victim in (parent_of(slot), slot):
            if "supervising" in command_of(victim):
                os.kill(victim, signal.SIGKILL)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    # What the store says

    def row(self) -> listing.Row:
        return self.engine.store.reading(lambda c: listing.get(c, self.workflow))

    def look(self) -> tuple[listing.Row, list[Event], int]:
        """Row, journal and number of open requests, all of one moment."""

        def read(connection: Any) -> tuple[listing.Row, list[Event], int]:
            connection.execute("BEGIN")
            row = listing.get(connection, self.workflow)
            events = list(journal.read(connection, row.number))
            query = "SELECT count(*) FROM requests WHERE state = 'pending'"
            pending = connection.execute(query).fetchone()[0]
            connection.execute("COMMIT")
            return row, events, pending

        return self.engine.store.reading(read)

    def check(self) -> WorkflowView:
        """Everything that holds at any moment."""
        holding = self.holder.step
        begun, held = self.begun(), self.held()
        lock_is_kept(self.holder, held, before=holding)
        row, events, _ = self.look()
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        view = fold(events)
        # Whoever has just claimed it counts as running it, before the first event that says so.
        claimed = row.summary.state is State.RUNNING and events[-1].type is not EventType.RELEASED
        assert claimed or row.summary.state is view.state, (row.summary.state, tail(events))
        legal_states(events)
        one_owner(events, self.killed)
        pauses_hold(events)
        answers_are_few(events)
        once(events, begun, held)
        return view

    @property
    def final(self) -> bool:
        return self.row().summary.finished_at is not None

    def close(self) -> None:
        """End everything that was started."""
        holder = self.holder
        over = "the end of the holder"
        eventually(lambda: holder.give_back() or holder.died or self.answer(holder.pid), over)
        self.people.communicate("", timeout=120)
        self.engine.close()
        gone = "the end of all processes"
        eventually(lambda: holder.give_back() or not processes_of(self.root), gone, 60)
        shutil.rmtree(self.root)


def legal_states(events: list[Event]) -> None:
    view = WorkflowView()
    for event in events:
        before = view.state
        view.apply(event)
        assert is_legal(before, view.state), f"{before} -> {view.state} by {event}"


def one_owner(events: list[Event], killed: set[int]) -> None:
    """Epochs rise; nobody takes over from a process that lives and did not let go."""
    epoch, owner = 0, None
    for event in events:
        if event.type is EventType.OWNED:
            new, pid = event.data["epoch"], event.data["pid"]
            assert isinstance(new, int)
            if new == epoch:
                assert pid == owner  # it names another supervisor
            else:
                assert new > epoch
                assert owner is None or owner in killed, f"{owner} still owned it: {event}"
            epoch, owner = new, pid
        elif event.type is EventType.RELEASED:
            assert event.data["epoch"] == epoch
            owner = None


def pauses_hold(events: list[Event]) -> None:
    """Nothing starts between a pause and its end, and only its own timer ends it by itself."""
    pause: Event | None = None
    ending = False
    for event in events:
        ending = ending or event.type in _ENDING
        match event.type:
            case EventType.PAUSE_REQUESTED:
                assert pause is None, "a pause within a pause"
                pause = event
            case EventType.UNPAUSED:
                assert pause is not None, "the end of no pause"
                moment = pause.data.get("resume_at")
                if event.data["automatic"]:
                    assert isinstance(moment, float)
                    assert event.at >= moment - 0.001, "it ended before its time"
                elif not event.data["actor"]:
                    assert ending, f"nobody asked for {event}"
                pause = None
            case EventType.ATTEMPT_STARTED:
                assert pause is None, f"started during a pause: {event}"
            case EventType.WORKFLOW_FINISHED:
                pause = None
            case _:
                pass


_ENDING = (
    EventType.CANCEL_REQUESTED,
    EventType.COMPLETION_REQUESTED,
    EventType.WORKFLOW_TIMED_OUT,
)


def once(events: list[Event], begun: list[tuple[str, ...]], held: list[tuple[str, int]]) -> None:
    """Each recorded start began one process at most, has one end at most, and no step has two
    processes at a time.
    """
    started = [event for event in events if event.type is EventType.ATTEMPT_STARTED]
    ended = [event.data["id"] for event in events if event.type is EventType.ATTEMPT_FINISHED]
    assert len(ended) == len(set(ended)), f"two ends of one attempt: {ended}"
    for name in NAMES:
        recorded = sum(event.path.rpartition("/")[2] == name for event in started)
        ran = sum(line[0] == name for line in begun)
        assert ran <= recorded, f"{name} ran {ran} times, {recorded} were recorded"
    names = [name for name, _ in held]
    assert len(names) == len(set(names)), f"a step runs twice at a time: {held}"


def tail(events: list[Event]) -> list[str]:
    return [f"{e.seq} {e.type} {e.path} {dict(e.data)}"[:160] for e in events[-12:]]


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def parent_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])
    except OSError:
        return 0


def processes_of(root: Path) -> list[int]:
    """Processes whose command line or environment names this world."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                text = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except OSError:
                continue
            if str(root).encode() in text:
                found.append(int(entry.name))
    return found
