"""A store that was damaged: by a disk, or by somebody who wrote into it.

What goes in is damage, a line each: `rows TABLE COLUMN TEXT` writes a value into all rows,
`row TABLE COLUMN NUMBER TEXT` into one of them, `bytes OFFSET HEX` over the file itself.
"""

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from fuzzing.target import Target, is_good, workplace

from orchestrate.embedded import integrity, journal, listing
from orchestrate.embedded.auditing.verifying import Verification
from orchestrate.embedded.database import FILE
from orchestrate.embedded.store import Store
from orchestrate.errors import ConflictError, OrchestrateError
from orchestrate.workflow.engine import Filter, ResumeOptions
from orchestrate.workflow.resuming import plan_resume
from orchestrate.workflow.state import WorkflowView

_BASE = workplace()
_FAILS = "name: fails\nsteps: [{name: one, shell: echo one}, {name: two, shell: exit 3}]\n"
_PLAYBOOK = """
name: it
parameters: [{name: who, default: me}]
steps:
  - {name: one, shell: echo one}
  - {name: each, type: foreach, items: [a, b], as: x, steps: [{shell: 'echo ${x}'}]}
  - {name: bad, shell: exit 3, on_failure: [{shell: echo handled}], continue_on_error: true}
"""
_MOST = 12
_STORES: list[Path] = []
"""The sound store, made once."""


def check(data: bytes) -> None:
    """Whoever looks is told that the store is damaged, with what to do, or sees what is there."""
    with tempfile.TemporaryDirectory(dir=_BASE) as place:
        directory = Path(place, "state")
        directory.mkdir(mode=0o700)
        shutil.copy(_sound() / FILE, directory / FILE)
        for line in data.decode("utf-8", "surrogateescape").splitlines()[:_MOST]:
            _damage(directory / FILE, line)
        for finding in integrity.check(directory):
            assert finding.message
            assert finding.hint
        try:
            store = Store(directory)
        except OrchestrateError as error:
            is_good(error)
            return
        try:
            _look(store)
            _verify(store)
        finally:
            store.close()


def _look(store: Store) -> None:
    try:
        for summary in store.reading(lambda connection: listing.find(connection, Filter())):
            row = store.reading(lambda connection, one=summary.id: listing.get(connection, one))
            program = store.reading(lambda connection, row=row: listing.load(connection, row))
            events = store.reading(
                lambda connection, row=row: list(journal.read(connection, row.number))
            )
            view = WorkflowView(summary.id)
            for event in events:
                view.apply(event)
            view.to_json()
            with suppress(ConflictError):  # what has succeeded is not resumed
                plan_resume(program, events, ResumeOptions())
    except OrchestrateError as error:
        is_good(error)


def _verify(store: Store) -> None:
    try:
        for finding in Verification(store):
            assert str(finding)
    except OrchestrateError as error:
        is_good(error)


def _damage(file: Path, line: str) -> None:
    kind, _, rest = line.partition(" ")
    if kind == "bytes":
        offset, _, written = rest.partition(" ")
        if offset.isascii() and offset.isdecimal() and len(offset) < 7:
            _overwrite(file, int(offset), written)
        return
    table, _, rest = rest.partition(" ")
    column, _, value = rest.partition(" ")
    where = ""
    if kind == "row":
        number, _, value = value.partition(" ")
        if not (number.isascii() and number.isdecimal() and len(number) < 6):
            return
        where = f" WHERE rowid = {number}"
    if not (f"{table}{column}".replace("_", "").isalnum() and f"{table}{column}".isascii()):
        return
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        try:
            written = value.encode("utf-8", "surrogateescape")
            connection.execute("PRAGMA ignore_check_constraints = 1")
            connection.execute(f"UPDATE {table} SET {column} = CAST(? AS TEXT){where}", (written,))
        except sqlite3.Error:
            return  # there is no such table, or it does not let that happen


def _overwrite(file: Path, offset: int, written: str) -> None:
    try:
        content = bytes.fromhex(written[:64])
    except ValueError:
        return
    if offset + len(content) <= file.stat().st_size:
        with file.open("r+b") as opened:
            opened.seek(offset)
            opened.write(content)


def _sound() -> Path:
    if not _STORES:
        project = Path(tempfile.mkdtemp(dir=_BASE))
        (project / "playbooks").mkdir()
        (project / "playbooks" / "it.yaml").write_text(_PLAYBOOK)
        (project / "playbooks" / "fails.yaml").write_text(_FAILS)
        for playbook, code in (("it", 0), ("fails", 1)):
            done = subprocess.run(
                [sys.executable, "-m", "orchestrate", "run", "--playbook", playbook],
                cwd=project, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
            )  # fmt: skip
            assert done.returncode == code, done.stderr
        directory = project / ".orchestrate"
        with closing(sqlite3.connect(directory / FILE, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _STORES.append(directory)
    return _STORES[0]


def _seeds() -> Iterator[bytes]:
    yield b""
    yield b"row events data 3 {"
    yield b"row events data 3 {}"
    yield b"row events type 4 nothing"
    yield b'row events data 2 {"state": 7}'
    yield b"row events path 5 a/b[1]"
    yield b"rows events at x"
    yield b"rows events hash x"
    yield b"rows workflows state nothing"
    yield b"rows workflows parameters [1"
    yield b"rows workflows plan 99"
    yield b"rows plans body {}"
    yield b"rows plans body [1e999]"
    yield b"rows actions data x"
    yield b"bytes 24 ffffffff"
    yield b"bytes 4096 0d0000"
    yield b"bytes 100 00"
    yield b"bytes 8200 41414141"


TARGET = Target(
    "damaged stores: said with what to do, or what is there is shown", check, _seeds, longest=400
)
