"""A playbook of every kind of step, the command that runs it, and a look at every process of it.

Each step appends `PATH ATTEMPT start` and `PATH ATTEMPT end` to one file: what really happened,
however the engine, the supervisor or a slot were ended meanwhile.
"""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from binascii import crc32
from pathlib import Path
from typing import Any, NamedTuple

from polling import eventually

from orchestrate.processes import records
from orchestrate.processes.supervising import recording, wire

PATIENCE = 120.0
"""Seconds after which something that should have happened counts as stuck."""

EFFECT = """#!/bin/sh
# effect SECONDS [fail | until-3 | KEY=VALUE]; a file hold-NAME holds a step
step="$ORCHESTRATE_STEP $ORCHESTRATE_ATTEMPT"
echo "$step start" >> "$EFFECTS"
sleep "$1"
while test -e "hold-${ORCHESTRATE_STEP##*/}"; do sleep 0.01; done
case "${2:-}" in *=*) echo "$2" > "$ORCHESTRATE_OUTPUT";; esac
echo "$step end" >> "$EFFECTS"
case "${2:-}" in
  fail) exit 3;;
  until-3) test "$ORCHESTRATE_ATTEMPT" -ge 3;;
esac
"""

SERVE = """#!/bin/sh
step="$ORCHESTRATE_STEP $ORCHESTRATE_ATTEMPT"
echo "$step start" >> "$EFFECTS"
setsid sh -c 'echo "$ORCHESTRATE_ATTEMPT $$" >> daemons; exec sleep 3600' &
until grep -q "^$ORCHESTRATE_ATTEMPT " daemons 2> /dev/null; do sleep 0.01; done
echo "$step end" >> "$EFFECTS"
"""

MIXED = """
name: mixed
steps:
  - {name: first, command: ./effect 0.03}
  - {name: numbers, type: set, variables: {count: 3}}
  - {name: known, type: assert, condition: "${count} == 3"}
  - {name: produce, idempotent: true, command: ./effect 0.03 value=41}
  - {name: consume, command: "./effect 0.03 seen=${produce.output.value}"}
  - name: spread
    type: parallel
    branches:
      - name: left
        steps:
          - {name: a, command: ./effect 0.06}
          - {name: b, idempotent: true, command: ./effect 0.04}
      - name: middle
        steps:
          - {name: c, command: ./effect 0.1}
      - name: right
        steps:
          - {name: d, command: ./effect 0.02}
          - {name: e, type: set, variables: {half: 2}}
          - {name: f, command: ./effect 0.05}
  - name: each
    type: foreach
    items: [r, s, t, u, v, w]
    as: item
    max_parallel: 3
    steps:
      - {name: work, command: "./effect 0.05", locks: [work]}
      - {name: sure, type: assert, condition: "${item} != ''"}
  - {name: flaky, retry: {attempts: 3, delay: 0.05}, command: ./effect 0.03 until-3}
  - name: broken
    continue_on_error: true
    command: ./effect 0.03 fail
    on_failure:
      - {name: mend, command: ./effect 0.03}
    finally:
      - {name: tidy, command: ./effect 0.03}
  - {name: server, command: ./serve}
  - {name: below, type: playbook, playbook: below}
  - name: move
    type: transaction
    continue_on_error: true
    steps:
      - name: made
        command: ./effect 0.03 value=7
        compensate: [{name: undo, command: "./effect 0.03 was=${made.success}"}]
      - name: inner
        type: transaction
        steps:
          - {name: put, command: ./effect 0.02, compensate: [{name: undo, command: ./effect 0.03}]}
      - name: many
        type: foreach
        items: [p, q]
        as: item
        max_parallel: 2
        steps:
          - {name: copy, command: ./effect 0.03, compensate: [{name: undo, command: ./effect 0.02}]}
      - {name: halt, command: ./effect 0.02 fail, compensate: [{name: undo, command: ./effect 0}]}
  - name: kept
    type: transaction
    steps:
      - {name: made, command: ./effect 0.02, compensate: [{name: undo, command: ./effect 0}]}
  - {name: last, command: ./effect 0.03}
finally:
  - {name: clean, command: ./effect 0.03}
"""

BELOW = """
name: below
steps:
  - {name: one, command: ./effect 0.04}
  - {name: two, idempotent: true, command: ./effect 0.03}
"""

SUCCEEDS = frozenset(
    {
        "first", "produce", "consume", "spread/left/a", "spread/left/b", "spread/middle/c",
        "spread/right/d", "spread/right/f", "each[r]/work", "each[s]/work", "each[t]/work",
        "each[u]/work", "each[v]/work", "each[w]/work", "flaky", "broken/on_failure/mend",
        "broken/finally/tidy", "server", "below/one", "below/two", "last", "finally/clean",
    }
)  # fmt: skip
UNDONE = ("move/made", "move/inner/put", "move/many[p]/copy", "move/many[q]/copy")
"""Steps that are undone after `move/halt` has failed."""
SUCCEEDS |= {*UNDONE, *(f"{path}/compensate/undo" for path in UNDONE), "kept/made"}
FAILS = frozenset({"broken", "move/halt"})
IDEMPOTENT = frozenset({"produce", "spread/left/b", "below/two"})


KINDS = ("engine", "supervisor", "slot", "step", "daemon")
"""Who watches comes before what is watched; a daemon is what the step `server` started."""


class Seen(NamedTuple):
    """A process of a playground."""

    pid: int
    kind: str
    """One of `KINDS`."""
    state: str


def processes_of(root: Path) -> list[Seen]:
    """Every process of a project: its path is in their command line or environment, or they are
    there. Those that watch come first, so that nobody records the end of what is killed after them.
    """
    mark = str(root).encode() + b"/"
    found: list[Seen] = []
    for name in [path.name for path in Path("/proc").iterdir()]:
        if not name.isdecimal() or int(name) == os.getpid():
            continue
        try:
            fields = Path(f"/proc/{name}/stat").read_bytes().rpartition(b") ")[2].split()
            words = Path(f"/proc/{name}/cmdline").read_bytes()
            environ = Path(f"/proc/{name}/environ").read_bytes()
            folder = bytes(Path(f"/proc/{name}/cwd").readlink()) + b"/"
        except OSError:
            continue
        if fields[0] in b"ZX" or not any(mark in told for told in (words, environ, folder)):
            continue
        if b"supervising/main.py" in words:
            kind = "supervisor" if fields[3] == name.encode() else "slot"
            if _is_a_slot(fields[1]):
                kind = "step"  # about to become what it is to be
        elif b"ORCHESTRATE_STEP=" not in environ:
            kind = "engine"
        else:
            kind = "daemon" if words == b"sleep\x003600\0" else "step"
        found.append(Seen(int(name), kind, fields[0].decode()))
    return sorted(found, key=lambda seen: KINDS.index(seen.kind))


def _is_a_slot(pid: bytes) -> bool:
    """Whether that process runs one of the supervisor's files, and leads no session."""
    try:
        session = Path(f"/proc/{pid.decode()}/stat").read_bytes().rpartition(b") ")[2].split()[3]
        words = Path(f"/proc/{pid.decode()}/cmdline").read_bytes()
    except OSError:
        return False
    return b"supervising/main.py" in words and session != pid


class Playground:
    """A project in a directory of its own, and the command in it."""

    def __init__(self, root: Path, playbook: str = MIXED) -> None:
        self.root = root
        self.state = root / ".orchestrate"
        self.effects = root / "effects"
        self.started: list[subprocess.Popen[bytes]] = []
        self.fallen: set[int] = set()
        """Daemons that a reboot has ended."""
        (root / "playbooks").mkdir(parents=True)
        (root / "playbooks" / "mixed.yaml").write_text(playbook)
        (root / "playbooks" / "below.yaml").write_text(BELOW)
        (root / "orchestrate.toml").write_text("[engine]\nkill_grace = 1\n")
        for name, text in (("effect", EFFECT), ("serve", SERVE)):
            (root / name).write_text(text)
            (root / name).chmod(0o755)
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("ORCHESTRATE_")}
        self.env["EFFECTS"] = str(self.effects)

    # --- the command

    def start(self, *words: str, crash_at: str = "", program: str = "") -> subprocess.Popen[bytes]:
        """Start `orchestrate …` (or another program of ours) here; its output goes to files."""
        number = len(self.started)
        environment = {**self.env, "ORCHESTRATE_CRASH_AT": crash_at} if crash_at else self.env
        command = [program] if program else ["-m", "orchestrate"]
        with (
            (self.root / f"out-{number}").open("wb") as out,
            (self.root / f"err-{number}").open("wb") as err,
        ):
            process = subprocess.Popen(
                [sys.executable, *command, *words],
                cwd=self.root, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                start_new_session=True,
            )  # fmt: skip
        self.started.append(process)
        return process

    def run(self, **more: str) -> subprocess.Popen[bytes]:
        """Start a new workflow."""
        return self.start("run", "--playbook", "mixed", "--yes", **more)

    def resume(self, *words: str, **more: str) -> subprocess.Popen[bytes]:
        """Continue the workflow."""
        return self.start("resume", "--workflow", self.workflow, *words, **more)

    def take_over(self) -> subprocess.Popen[bytes]:
        """Continue the workflow although its owner lives."""
        program = Path(__file__).with_name("take_over.py")
        return self.start(self.workflow, program=str(program))

    def said(self, process: subprocess.Popen[bytes]) -> str:
        """What a started command wrote."""
        number = self.started.index(process)
        return "".join(
            (self.root / f"{name}-{number}").read_text(errors="replace") for name in ("out", "err")
        )

    def wait(self, process: subprocess.Popen[bytes]) -> int:
        """The exit code of a started command."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                return process.wait(0.2)
            except subprocess.TimeoutExpired:
                # Every slot counts for itself: others may have reached the same point since.
                for seen in self.stopped():
                    if seen.kind == "slot":
                        kill(seen.pid, signal.SIGCONT)
        raise AssertionError(
            f"stuck: {process.args}\n{self.said(process)}\n{processes_of(self.root)}"
        )

    # --- what is there

    def processes(self, *kinds: str) -> list[Seen]:
        """Its processes of these kinds (default: all)."""
        return [p for p in processes_of(self.root) if not kinds or p.kind in kinds]

    def lines(self) -> list[str]:
        """The effects so far."""
        return self.effects.read_text().splitlines() if self.effects.exists() else []

    def query(self, text: str) -> list[tuple[Any, ...]]:
        """Rows of the store, read without any code of ours."""
        database = self.state / "orchestrate.db"
        if not database.exists():
            return []
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=120)
        try:
            return connection.execute(text).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            raise
        finally:
            connection.close()

    @property
    def workflow(self) -> str:
        """The id of the first workflow."""
        return str(self.query("SELECT id FROM workflows ORDER BY number LIMIT 1")[0][0])

    @property
    def workflow_state(self) -> str:
        """Of the first workflow; "" if there is none."""
        rows = self.query("SELECT state FROM workflows ORDER BY number LIMIT 1")
        return str(rows[0][0]) if rows else ""

    # --- what is done to it

    def stopped(self) -> list[Seen]:
        """Processes of ours that were stopped at a crash point."""
        return [p for p in self.processes("engine", "supervisor", "slot") if p.state == "T"]

    def reboot(self) -> None:
        """End everything at once, and let the records tell of an earlier boot of this host."""

        def fell() -> bool:
            doomed = self.processes()
            self.fallen |= {seen.pid for seen in doomed if seen.kind == "daemon"}
            for seen in doomed:
                kill(seen.pid)
            for process in self.started:
                process.poll()
            return not doomed

        eventually(fell, "everything is gone")
        for directory in self._supervisors():
            header = records.read_header(directory)
            if header is None:
                continue
            body = wire.pack(tuple(header._replace(boot_id="an-earlier-boot")))
            framed = crc32(body).to_bytes(4, "little") + len(body).to_bytes(4, "little") + body
            with (directory / recording.NAME).open("r+b") as file:
                file.write(framed)
        if not self.query("SELECT 1 FROM workflows"):
            return
        connection = sqlite3.connect(self.state / "orchestrate.db", timeout=120)
        with connection:
            connection.execute(
                "UPDATE workflows SET owner_boot = 'an-earlier-boot' WHERE owner_boot IS NOT NULL"
            )
        connection.close()

    def close(self) -> None:
        """End what is left of it, and remove what killed supervisors left in memory."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait()
        for _ in range(200):
            left = self.processes()
            if not left:
                break
            for seen in left:
                kill(seen.pid)
        for directory in self._supervisors():
            records.discard(directory)

    def _supervisors(self) -> list[Path]:
        """What supervisors have recorded; nothing yet, if all fell before there was one."""
        return list((self.state / "supervisors").glob("*"))


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    """Signal a process that may be gone already."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
