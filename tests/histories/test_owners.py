"""Processes that race to resume one workflow, owners that are killed, and owners that are stopped,
overruled, and go on later: there is one owner at any time, and nobody else writes.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from control.others import new_workflow, told
from control.people import services
from control.world import alive, processes_of
from histories import owners
from histories.ownership import Term, doubled, faults, terms
from polling import eventually

from orchestrate.embedded import journal, listing
from orchestrate.embedded.engine import EmbeddedEngine
from orchestrate.workflow.events import Event, EventType

FULL = os.environ.get("STORM") == "full"
CHANGES = 300 if FULL else 10
"""How often an owner is killed or overruled."""
PLAYBOOK = """
name: long
steps:
  - name: each
    type: foreach
    items: ${range(100000)}
    as: number
    steps:
      - {name: count, type: set, variables: {seen: "${number}"}}
      - name: work
        shell: echo "$ORCHESTRATE_WORKFLOW $ORCHESTRATE_STEP $ORCHESTRATE_ATTEMPT" >> "$ROOT/ran"
"""


class Race:
    """One workflow, and those who want to run it."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        self.root = root
        self._chance = chance
        self._history = owners.History(root)
        self.engine = EmbeddedEngine(root / "state", services(root))
        self.parent = subprocess.Popen(
            [sys.executable, owners.__file__, str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
            text=True,
        )
        self.workflow, _ = self.engine.create(new_workflow("long", PLAYBOOK))
        self.pids: list[int] = []
        """Of those that were not killed."""
        self.competed = 0
        self.stopped: list[int] = []

    def tell(self, **asked: Any) -> int:
        """Have the parent do something; the pid that it is about."""
        return told(self.parent, **asked)

    def row(self) -> listing.Row:
        return self.engine.store.reading(lambda c: listing.get(c, self.workflow))

    def owner(self) -> int | None:
        """Who owns it, if that one lives and was not stopped."""
        owner = self.row().owner
        pid = owner.pid if owner is not None else 0
        return pid if pid in self.pids and pid not in self.stopped and alive(pid) else None

    def compete(self, verb: str = "resume") -> None:
        self.competed += 1
        self.pids.append(self.tell(verb=verb, workflow=self.workflow))

    def kill(self, pid: int) -> None:
        self.pids.remove(pid)  # the number may be that of another process from now on
        self._history.note("killing", pid)
        self.tell(kill=pid)

    def change(self) -> None:
        """An owner goes, and several want to come after it."""
        owner = eventually(self.found, "somebody owns it")
        written = self.row().last_seq + self._chance.choice([0, 1, 5, 20])
        eventually(lambda: self.row().last_seq >= written or not alive(owner), "it goes on")
        if self._chance.random() < 0.3 and not self.stopped:
            os.kill(owner, signal.SIGSTOP)
            self.stopped.append(owner)
            self._history.note("overruling", owner)
            self.compete("take_over")
        else:
            self.kill(owner)
        for _ in range(self._chance.randint(1, 3)):
            self.compete()
        eventually(self.found, "somebody owns it again")
        if self._chance.random() < 0.5:
            self.let_go_on()

    def let_go_on(self) -> None:
        """Those that were stopped go on, with whatever they were about to do."""
        while self.stopped:
            os.kill(self.stopped.pop(), signal.SIGCONT)

    def found(self) -> int | None:
        """Its owner. If there is none for a while others come: all before may have left when
        somebody else owned it, or wait for a lock that a stopped one has.
        """
        until = time.monotonic() + 2.0
        while self.owner() is None:
            if time.monotonic() > until:
                self.let_go_on()
                self.compete()
                return None
            time.sleep(0.02)
        return self.owner()

    def journal(self) -> list[Event]:
        row = self.row()
        return self.engine.store.reading(lambda c: list(journal.read(c, row.number)))

    def lines(self, name: str) -> list[str]:
        file = self.root / name
        return file.read_text().splitlines() if file.exists() else []

    def close(self) -> None:
        for pid in self.stopped:
            os.kill(pid, signal.SIGCONT)
        for pid in filter(alive, tuple(self.pids)):
            self.kill(pid)
        self.parent.communicate("", timeout=60)
        self.engine.close()
        for pid in processes_of(self.root):
            os.kill(pid, signal.SIGKILL)
        eventually(lambda: not processes_of(self.root), "the end of all processes")


@pytest.fixture
def race(tmp_path: Path):
    seed = os.environ.get("SEED") or str(random.SystemRandom().randrange(1 << 32))
    print(f"SEED={seed}")
    made = Race(tmp_path, random.Random(seed))
    yield made
    made.close()


def test_a_workflow_has_one_owner_at_any_time(race: Race) -> None:
    race.compete("take_over")
    for _ in range(CHANGES):
        race.change()
    # The last owner goes on: what it has told by now is in the journal that is read after that.
    lines = [line.split() for line in race.lines("history")]
    events = race.journal()
    assert list(faults(events, lines)) == []
    assert doubled(race.lines("ran")) == []
    broken = [line for line in lines if line[0] == "left" and line[2].startswith("broken")]
    assert broken == []
    print(f"{len(terms(events))} owners, {len(events)} events, {race.competed} processes")
    # One that was stopped with a lock in its hand may go on before anybody can overrule it.
    assert len(terms(events)) > CHANGES // 2


# What the checker would notice

JOURNAL = [
    Event(1, 0.0, EventType.WORKFLOW_CREATED, "", {}),
    Event(2, 0.0, EventType.OWNED, "", {"pid": 7, "epoch": 1}),
    Event(3, 0.0, EventType.DECIDED, "a", {}),
    Event(4, 0.0, EventType.OWNED, "", {"pid": 8, "epoch": 2}),
    Event(5, 0.0, EventType.DECIDED, "b", {}),
]
KILLED = [["wrote", "7", "2"], ["wrote", "7", "3"], ["killing", "7"], ["wrote", "8", "4"]]


def test_owners_one_after_another() -> None:
    assert terms(JOURNAL) == [Term(7, 1, 2, 3, None), Term(8, 2, 4, 5, None)]
    assert list(faults(JOURNAL, KILLED)) == []


def test_a_write_of_one_who_has_lost_it() -> None:
    late = [*KILLED, ["wrote", "7", "5"]]
    wanted = (
        "7 wrote 5, which is in the time of Term(pid=8, epoch=2, first=4, last=5, released=None)"
    )
    assert list(faults(JOURNAL, late)) == [wanted]


def test_a_second_owner_beside_one_that_lives() -> None:
    without = [line for line in KILLED if line[0] != "killing"]
    assert list(faults(JOURNAL, without)) == ["8 took over at 4 from 7, which lived"]


def test_an_epoch_that_comes_again() -> None:
    same = [*JOURNAL[:3], JOURNAL[3]._replace(data={"pid": 8, "epoch": 1}), JOURNAL[4]]
    assert next(faults(same, KILLED)).startswith("the epoch does not rise")


def test_attempts_that_ran_twice() -> None:
    assert doubled(["w each[1]/work 1", "w each[2]/work 1", "w each[1]/work 1"]) == [
        "w each[1]/work 1"
    ]
