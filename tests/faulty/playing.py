"""One scenario under faults: whoever stops because of one is followed by another process, until it
is over; then it has to be as the scenario says, or as the guarantees allow.
"""

import json
import os
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from contract.scenario_runner import ACTOR, ENDS, INPUTS, Actor, Case, _new
from embedded.engine_process import services
from faulty import calls, stores
from faulty.chance import Chance
from faulty.watching import Seen, Watch

from orchestrate.embedded.engine import EmbeddedEngine
from orchestrate.errors import OrchestrateError
from orchestrate.processes import client
from orchestrate.workflow.approvals import Answer, Approver
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
        self._processes = 0
        self.said: list[Said] = []
        self.events: list[Event] = []
        self._seen = Seen("", "", 0, (), 0.0)
        self._script = _Script(case)
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
                code = os.waitstatus_to_exitcode(status)
                text = self.root / f"said-{pid}"
                told = text.read_text() if text.exists() else ""
                self.said.append(Said(role, _LAST_WORDS.get(code, str(code)), told))
                ended = True
                self._last_left = time.monotonic()
        return ended

    def _fork(self, role: str, work: Callable[[EmbeddedEngine], object]) -> None:
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
            if str(engine.get(workflow).state) == "queued":
                engine.run(workflow)
                return
            off = self._script.is_off
            options = ResumeOptions(
                actor="tester", unknown="skip" if off else "rerun",
                compensation="skip" if off else None,
            )  # fmt: skip
            engine.resume(workflow, options)

        self._fork("runner", run)

    # --- what happens in the scenario

    def _direct(self) -> None:
        free = not any(role.startswith("asker") for role in self._children.values())
        can_ask = free and self._seen.asked == 0 and bool(self._seen.workflow)
        for what in self._script.due(can_ask=can_ask):
            if isinstance(what, _End):
                self._end(what)
            else:
                self._fork("asker", what(self._seen.workflow))

    def _end(self, end: "_End") -> None:
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


class _End(NamedTuple):
    """How an attempt is to end."""

    path: str
    number: int
    data: Any


_BEGINNINGS = (EventType.WORKFLOW_STARTED, EventType.STEP_STARTED, EventType.ATTEMPT_STARTED)

Ask = Callable[[str], Callable[[EmbeddedEngine], object]]
"""From a workflow's id to what is asked of an engine."""


class _Script:
    """What is to happen, one thing after another, as on the virtual clock. Once a fault has made a
    step fail it goes another way: then all that runs ends well, and the rest is cancelled.
    """

    def __init__(self, case: Case) -> None:
        self._inputs = [event for event in case.played.events if event.type in INPUTS]
        self._before = _begun_before(case.played.events)
        self._begun: set[Any] = set()
        self._next = 0
        self._started: dict[tuple[str, int], bool] = {}
        """Attempts, and whether they were told how to end."""
        self._asked: set[str] = set()
        self._done: Counter[EventType] = Counter()
        self._rests = 0
        self._told = False
        self._cancelled = False
        self.is_off = False

    def see(self, events: tuple[Event, ...]) -> None:
        """What has happened."""
        for event in events:
            if event.type in _BEGINNINGS:
                self._begun.add(_key(event))
            match event.type:
                case EventType.ATTEMPT_STARTED:
                    self._started[event.path, int(event.data["number"])] = False
                case EventType.APPROVAL_REQUESTED:
                    self._asked.add(event.path)
                case EventType.PAUSED:
                    self._rests += 1
                case EventType.CANCEL_REQUESTED:
                    self._cancelled = True
                case _:
                    pass
            if event.type in INPUTS:
                self._done[event.type] += 1
            self.is_off = self.is_off or _is_fault(event)

    def due(self, *, can_ask: bool) -> "list[_End | Ask]":
        """What is to be done now."""
        if self.is_off:
            ends: list[_End | Ask] = [
                _End(*key, {}) for key, told in self._started.items() if not told
            ]
            self._started = dict.fromkeys(self._started, True)
            if can_ask and not self._cancelled:
                ends.append(lambda w: lambda e: e.cancel(w, actor="tester", reason="over"))
            return ends
        while self._next < len(self._inputs):
            wanted = self._inputs[self._next]
            wants = sum(1 for e in self._inputs[: self._next + 1] if e.type is wanted.type)
            if self._done[wanted.type] >= wants:
                self._next += 1
                self._told = False
                continue
            return self._due(wanted, can_ask=can_ask)
        return []

    def _due(self, wanted: Event, *, can_ask: bool) -> "list[_End | Ask]":
        data = wanted.data
        if wanted.type is EventType.ATTEMPT_FINISHED:
            key = (wanted.path, int(data["number"]))
            if data["status"] == "cancelled":
                # Paused without that end: it was never started, so there was nothing to stop.
                self.is_off = bool(data.get("again")) and self._has_come_to_rest()
                return []
            if self._told or key not in self._started:
                return []
            self._told = self._started[key] = True
            return [_End(*key, data)]
        if not can_ask or not self._may(wanted):
            return []
        ask = _ask(wanted)
        return [] if ask is None else [ask]

    def _may(self, wanted: Event) -> bool:
        if not self._begun >= self._before[wanted.seq]:
            return False
        if wanted.type is EventType.UNPAUSED and wanted.data.get("actor"):
            return self._has_come_to_rest()
        if wanted.type in (EventType.APPROVAL_GIVEN, EventType.APPROVAL_REJECTED):
            return wanted.path in self._asked
        return True

    def _has_come_to_rest(self) -> bool:
        """Whether each pause that was asked for has come, and one was."""
        before = self._inputs[: self._next]
        pauses = sum(1 for e in before if e.type is EventType.PAUSE_REQUESTED)
        return self._rests >= pauses > 0


def _begun_before(events: Sequence[Event]) -> dict[int, frozenset[Any]]:
    """What has begun when something is asked, by the number of its event."""
    begun: set[Any] = set()
    found: dict[int, frozenset[Any]] = {}
    for event in events:
        if event.type in _BEGINNINGS:
            begun.add(_key(event))
        elif event.type in INPUTS:
            found[event.seq] = frozenset(begun)
    return found


def _key(event: Event) -> tuple[str, str, Any]:
    return event.type, event.path, event.data.get("number")


def _is_fault(event: Event) -> bool:
    """Whether an attempt ended as it did because of a fault."""
    if event.type is EventType.PARKED:
        return True
    if event.type is not EventType.ATTEMPT_FINISHED:
        return False
    message = str(event.data.get("message", "")).lower()
    return event.data["status"] == "unknown" or any(text in message for text in calls.MESSAGES)


def _ask(wanted: Event) -> Ask | None:
    data = wanted.data
    actor, reason = str(data.get("actor", "")), str(data.get("reason", ""))
    match wanted.type:
        case EventType.PAUSE_REQUESTED:
            now, checkpoint = bool(data["now"]), bool(data["checkpoint"])
            return lambda w: (
                lambda e: e.pause(w, actor=actor, reason=reason, now=now, checkpoint=checkpoint)
            )
        case EventType.UNPAUSED if actor:  # else whatever ended it was asked for
            return lambda w: lambda e: e.resume(w, ResumeOptions(actor=actor))
        case EventType.CANCEL_REQUESTED:
            return lambda w: lambda e: e.cancel(w, actor=actor, reason=reason)
        case EventType.COMPLETION_REQUESTED:
            return lambda w: lambda e: e.complete(w, actor=actor, force=True, reason=reason)
        case EventType.APPROVAL_GIVEN:
            given = Answer(inputs=data["inputs"], reason=str(data.get("comment", "")))
            return lambda w: lambda e: e.answer(w, wanted.path, given, Approver(actor))
        case EventType.APPROVAL_REJECTED:
            given = Answer(rejects=True, reason=reason)
            return lambda w: lambda e: e.answer(w, wanted.path, given, Approver(actor))
        case _:
            return None
