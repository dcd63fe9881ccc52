"""One scenario under faults: whoever stops because of one is followed by another process, until it
is over; then it has to be as the scenario says, or as the guarantees allow.
"""

import json
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from contract.scenario_runner import ACTOR, ENDS, Actor, Case, _new
from embedded.engine_process import services
from faulty import calls, stores
from faulty.chance import Chance
from faulty.script import Ask, End, Script
from faulty.watching import Seen, Watch

from orchestrate.embedded.engine import EmbeddedEngine
from orchestrate.errors import OrchestrateError
from orchestrate.processes import client
from orchestrate.workflow.engine import ResumeOptions
from orchestrate.workflow.events import Event, EventType

PATIENCE = 120.0
"""Seconds without an event after which a workflow counts as stuck."""
_MOST = 100
"""Processes that may be needed for one workflow."""
_SUPERVISOR = client._PROGRAM
_FAULTY_SUPERVISOR = str(Path(__file__).with_name("supervising") / "main.py")
_LAST_WORDS = {0: "ended", 3: "said", 4: "said by the system", 70: "traceback"}


@contextmanager
def _alone() -> Iterator[bool]:
    """A child that does something before anything else: in it true is given."""
    pid = os.fork()
    try:
        yield pid == 0
    finally:
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)


class Said(NamedTuple):
    """How a process came back, and what a user would have read."""

    role: str
    how: str
    text: str


class UnfinishedError(AssertionError):
    """It does not come to an end."""


class Player:
    """Plays one case in a directory of its own. `settings` are those of `Chance`, and `fresh` (the
    store is yet to be made) and `killed` (who runs it first is killed).
    """

    def __init__(self, case: Case, root: Path, settings: dict[str, Any]) -> None:
        self._case = case
        self.root = root
        self._settings = {**settings, "supervisor": _SUPERVISOR}
        self._children: dict[int, str] = {}
        self._asking: dict[int, Ask] = {}
        """What children ask for that has not come to pass."""
        self._processes = 0
        self.said: list[Said] = []
        self.events: list[Event] = []
        self._seen = Seen("", "", 0, (), 0.0)
        self._script = Script(case)
        self._last_left = 0.0
        """When a child was last seen to have ended; what was seen before is of no use."""
        (root / "verdicts").mkdir()
        effect = 'echo "$ORCHESTRATE_STEP $ORCHESTRATE_ATTEMPT" >> "$ROOT/effects"\n'
        self._actor = Actor(root)
        (root / "actor").write_text(effect + ACTOR)

    @property
    def is_touched(self) -> bool:
        """Whether a fault made a step fail, or its end unknown: then it takes another way."""
        return self._script.is_off

    def play(self) -> None:
        """Until it is over. Raises UnfinishedError."""
        if not self._settings.get("fresh"):
            with _alone() as child:
                if child:
                    EmbeddedEngine(self.root / "state", services(self.root)).store.close()
        watch = Watch(self.root)
        moved = time.monotonic()
        try:
            while not (self._seen.state in ENDS and not self._children):
                self._seen = watch.next()
                self.events += self._seen.events
                self._script.see(self._seen.events)
                self._kill_once()
                if self._reap() or self._seen.events:
                    moved = time.monotonic()
                if time.monotonic() - moved > PATIENCE or self._processes > _MOST:
                    raise UnfinishedError(self._told())
                if self._seen.state not in ENDS and self._seen.at > self._last_left:
                    if self._is_refused():
                        self._keep_running()
                    self._direct()
                    self._keep_running()
        finally:
            for pid in self._children:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            watch.close()

    def _told(self) -> str:
        last = [(e.type, e.path) for e in self.events[-6:]]
        return f"stuck in {self._seen.state or 'nothing'}: {last}, {self._children}, {self.said}"

    def _is_refused(self) -> bool:
        """Whether the last that came back got nothing for its asking: of what waits and is run by
        nobody, not everything can be had.
        """
        return bool(self.said) and self.said[-1].role[:5] == "asker" and self.said[-1].how == "said"

    # --- processes

    def _kill_once(self) -> None:
        """If so, the first that runs it is killed when something runs: others have to find that."""
        begun = any(e.type is EventType.ATTEMPT_STARTED for e in self._seen.events)
        if begun and self._settings.pop("killed", False):
            for pid in self._children:
                os.kill(pid, signal.SIGKILL)

    def _reap(self) -> bool:
        ended = False
        for pid in tuple(self._children):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                role = self._children.pop(pid)
                self._asking.pop(pid, None)
                code = os.waitstatus_to_exitcode(status)
                text = self.root / f"said-{pid}"
                told = text.read_text() if text.exists() else ""
                self.said.append(Said(role, _LAST_WORDS.get(code, str(code)), told))
                ended = True
                self._last_left = time.monotonic()
        return ended

    def _fork(self, role: str, work: Callable[[EmbeddedEngine], object]) -> int:
        self._processes += 1
        name = f"{role} {self._processes}"
        self._settings["role"] = name
        (self.root / "faults.json").write_text(json.dumps(self._settings))
        pid = os.fork()
        if pid == 0:
            code = 70
            try:
                code = self._live(work)
            finally:
                os._exit(code)
        self._children[pid] = name
        return pid

    def _live(self, work: Callable[[EmbeddedEngine], object]) -> int:
        """The life of a child; its exit code."""
        told = self.root / f"said-{os.getpid()}"
        chance = Chance(self._settings)
        capacity = {"cpu": 1000, "memory": 1000}  # in scenarios there is any amount
        more = {"registry_for": lambda _: self._actor, "stays": True, "capacity": capacity}
        engine = EmbeddedEngine(self.root / "state", services(self.root)._replace(**more))
        if chance.has("store"):
            stores.install(chance)
        if chance.has("engine"):
            calls.install(chance)
        client._PROGRAM = _FAULTY_SUPERVISOR
        code = 0
        for each in (lambda: work(engine), lambda: engine.close(process_ends=True)):
            try:
                each()
            except OrchestrateError as error:
                code = 3
                told.write_text(f"error[{error.code}]: {error.message}\n= {error.hint}\n")
            except OSError:
                code = 4  # rendered by the command line as an error of the system
                told.write_text(traceback.format_exc())
            except BaseException:
                code = 70
                told.write_text(traceback.format_exc())
                return code
        return code

    def _keep_running(self) -> None:
        """Have somebody run it, unless it is to rest."""
        rests = self._seen.state == "paused" and not self._script.is_off
        if self._children or rests:
            return

        def run(engine: EmbeddedEngine) -> None:
            workflow = self._seen.workflow
            if not workflow:
                new = _new(self._case.scenario)._replace(idempotency_key="once")
                workflow, _ = engine.create(new)
            state = str(engine.get(workflow).state)
            if state in ENDS:
                return  # an asker, who was there as well, has brought it to its end
            if state == "queued":
                engine.run(workflow)
                return
            off = self._script.is_off
            options = ResumeOptions(
                actor="tester", unknown="skip" if off else "rerun",
                compensation="skip" if off else None, unless_ended=True,
            )  # fmt: skip
            engine.resume(workflow, options)

        self._fork("runner", run)

    # --- what happens in the scenario

    def _direct(self) -> None:
        for pid, asking in tuple(self._asking.items()):
            if self._script.has_come(asking):
                del self._asking[pid]  # it may stay, as the one who runs the workflow
        # What those have left who asked and failed is of use only to somebody who runs it.
        is_heard = bool(self._children) or self._seen.state != "paused"
        is_free = not self._asking and not (self._seen.asked and is_heard)
        can_ask = is_free and bool(self._seen.workflow)
        for what in self._script.due(can_ask=can_ask):
            if isinstance(what, End):
                self._end(what)
            else:
                self._asking[self._fork("asker", what.work(self._seen.workflow))] = what

    def _end(self, end: End) -> None:
        """Have a process end as the scenario says."""
        name = f"{self._seen.workflow}-{end.path.replace('/', '%')}-{end.number}"
        lines = []
        for key, to in (("stdout", ""), ("stderr", " >&2")):
            if end.data.get(key):
                (self.root / "verdicts" / f"{name}.{key}").write_text(str(end.data[key]))
                lines.append(f'cat "$at.{key}"{to}')
        if end.data.get("output") is not None:
            (self.root / "verdicts" / f"{name}.output").write_text(json.dumps(end.data["output"]))
            lines.append('cat "$at.output" > "$ORCHESTRATE_OUTPUT"')
        lines.append(f"exit {end.data.get('exit_code', 0)}\n")
        fresh = self.root / "verdicts" / f"{name}.new"
        fresh.write_text("\n".join(lines))
        fresh.rename(self.root / "verdicts" / name)
