"""Workflows that want locks at random, processes that are killed at random, locks that are taken
away at random, and what was seen of the locks meanwhile.

Steps write `in LOCK TOKEN WORKFLOW MODE` to one file when they have a lock, and `out …` before they
give it back; whoever takes a lock away writes `taking NUMBER` before and `taken NUMBER` after. So
the lines of the file are the moments of everything.
"""

import os
import random
import time
from collections.abc import Mapping
from subprocess import Popen
from typing import Any

from embedded.conftest import Project
from histories.register import GRANT, RETURN, TAKE_AWAY, Operation
from polling import eventually

from orchestrate.embedded.coordination import StoredCoordination
from orchestrate.embedded.engine import EmbeddedEngine
from orchestrate.errors import NotFoundError
from orchestrate.workflow.engine import Filter
from orchestrate.workflow.outcomes import State

LOCKS = ("x", "y")
OVER = frozenset({State.SUCCEEDED, State.FAILED})
_AT_ONCE = 6


def playbook(chance: random.Random) -> str:
    """One to three steps, each with some locks; a step may lie within another one's lock."""
    text = "name: random\nsteps:\n"
    for number in range(chance.randint(1, 3)):
        if chance.random() < 0.2:
            outer = chance.choice(LOCKS)
            text += f"  - name: around{number}\n    type: foreach\n    items: [1]\n    as: one\n"
            text += f"    locks: [{outer}]\n    steps:\n"
            text += _step(chance, f"inner{number}", "      ", {})
        else:
            text += _step(chance, f"step{number}", "  ", {})
    return text


def _step(chance: random.Random, name: str, margin: str, wanted: dict[str, bool]) -> str:
    for lock in chance.sample(LOCKS, chance.choice([1, 1, 2])):
        wanted[lock] = chance.random() < 0.4
    said = ", ".join(f"{{name: {n}, shared: {str(s).lower()}}}" for n, s in wanted.items())
    lines = [f"- name: {name}", "  idempotent: true", f"  locks: [{said}]", "  shell: |"]
    lines += [f"    {_mark('in', lock, shared=shared)}" for lock, shared in wanted.items()]
    lines += [f"    sleep {chance.choice([0, 0.02, 0.1])}"]
    lines += [f"    {_mark('out', lock, shared=shared)}" for lock, shared in wanted.items()]
    return "".join(f"{margin}{line}\n" for line in lines)


def _mark(word: str, lock: str, *, shared: bool) -> str:
    token = f"$ORCHESTRATE_LOCK_TOKEN_{lock.upper()}"
    mode = "shared" if shared else "alone"
    return f'echo "{word} {lock} {token} $ORCHESTRATE_WORKFLOW {mode}" >> "$ROOT/seen"'


class Programs:
    """One round. `play` ends when all workflows are over."""

    def __init__(self, project: Project, seed: str, workflows: int) -> None:
        self._project = project
        self._chance = random.Random(seed)
        self._engine: EmbeddedEngine = project.engine()
        self._shared = StoredCoordination(self._engine, {}, None)
        self._texts = [playbook(self._chance) for _ in range(workflows)]
        self._processes: list[Popen[str]] = []
        self._taken = 0
        self.kills = 0

    def play(self) -> None:
        until = time.monotonic() + 120
        while self._texts or not self._is_over():
            assert time.monotonic() < until, [(one.id, str(one.state)) for one in self._states()]
            self._processes = [one for one in self._processes if one.poll() is None]
            self._something()
            time.sleep(self._chance.choice([0.01, 0.05]))
        eventually(lambda: all(one.poll() is not None for one in self._project.processes))

    def _something(self) -> None:
        left = len(self._texts)
        if left and len(self._processes) < _AT_ONCE:
            self._processes.append(self._project.start(self._texts.pop()))
        elif self._chance.random() < 0.12 and self._processes:
            self._chance.choice(self._processes).kill()
            self.kills += 1
        elif self._chance.random() < 0.08:
            self._take_away(self._chance.choice(LOCKS))
        else:
            self._take_up()

    def _take_up(self) -> None:
        """Continue one that lost its process, also if that never came to run it."""
        for summary in self._states():
            never = summary.state is State.QUEUED and not self._processes
            if (summary.owner_lost or never) and len(self._processes) < _AT_ONCE:
                verb = "own" if never else "resume"
                self._processes.append(self._project.other(verb, summary.id))
                return

    def _take_away(self, lock: str) -> None:
        self._taken += 1
        self._note(f"taking {self._taken}")
        try:
            self._shared.release_lock(lock, actor="tester", reason=str(self._taken))
        except NotFoundError:
            return  # nobody has it
        self._note(f"taken {self._taken}")

    def _note(self, line: str) -> None:
        file = os.open(self._project.path("seen"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(file, f"{line}\n".encode())
        os.close(file)

    def _states(self) -> Any:
        return self._engine.find(Filter())

    def _is_over(self) -> bool:
        return all(summary.state in OVER for summary in self._states())

    # What was seen

    def left(self) -> list[tuple[Any, ...]]:
        """Rows of what is held or waited for."""
        return self._engine.store.read("SELECT * FROM claims")

    def histories(self) -> Mapping[str, list[Operation]]:
        """What happened to each lock."""
        lines = [line.split() for line in self._project.lines("seen")]
        first: dict[tuple[str, int, str], int] = {}
        last: dict[tuple[str, int, str], int] = {}
        alone: set[tuple[str, int, str]] = set()
        for moment, line in enumerate(lines):
            if line[0] in ("in", "out"):
                word, lock, token, workflow, mode = line
                key = (lock, int(token), workflow)
                first.setdefault(key, moment)
                if word == "out":
                    last[key] = moment
                if mode == "alone":
                    alone.add(key)
        found: dict[str, list[Operation]] = {lock: [] for lock in LOCKS}
        for key, moment in first.items():
            lock, token, _ = key
            shared = key not in alone
            found[lock].append(Operation(GRANT, token, shared, ended=moment))
            if key in last:
                found[lock].append(Operation(RETURN, token, shared, begun=last[key]))
        for lock, token, number in self._broken():
            begun = lines.index(["taking", number])
            ended = lines.index(["taken", number]) if ["taken", number] in lines else float("inf")
            found[lock].append(Operation(TAKE_AWAY, token, begun=begun, ended=ended))
        return found

    def _broken(self) -> list[tuple[str, int, str]]:
        rows = self._engine.store.read(
            "SELECT json_extract(data, '$.lock'), json_extract(data, '$.token'), "
            "json_extract(data, '$.reason') FROM events WHERE type = 'lock_broken'"
        )
        return [(str(lock), int(str(token)), str(reason)) for lock, token, reason in rows]
