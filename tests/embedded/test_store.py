"""The store: who may open it, what is refused with which words, and what survives a full disk."""

import resource
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from polling import eventually

from orchestrate.embedded import creation, database, journal, listing, location, ownership
from orchestrate.embedded.claims import Claim
from orchestrate.embedded.journal import Batch, Projection, StaleOwnerError
from orchestrate.embedded.store import Store
from orchestrate.embedded.writer import Change
from orchestrate.errors import ConflictError, StateDirectoryError, StoreError
from orchestrate.workflow.engine import Filter
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.outcomes import State

PLAYBOOK = "name: p\nsteps:\n  - command: /bin/true\n"


@pytest.fixture
def store(project):
    made = Store(project.state)
    yield made
    made.close()


def create(store: Store, project, now: float = 1_800_000_000.0) -> str:
    return store.writer.call(creation.Creation(project.new(PLAYBOOK), now))[0]


def test_the_directory_is_for_its_owner_alone(project, store):
    modes = {p.name: p.stat().st_mode & 0o7777 for p in (project.state, *project.state.iterdir())}
    assert modes["state"] == 0o700
    assert modes["sockets"] == modes["supervisors"] == modes["workflows"] == 0o700
    assert modes["orchestrate.db"] == modes["store.lock"] == 0o600


def test_a_group_shares_the_directory(project):
    import grp
    import os

    group = grp.getgrgid(os.getegid()).gr_name
    store = Store(project.state, group)
    store.close()
    assert project.state.stat().st_mode & 0o7777 == 0o2770
    assert (project.state / "sockets").stat().st_mode & 0o7777 == 0o2770
    assert (project.state / "orchestrate.db").stat().st_mode & 0o777 == 0o660


def test_commits_are_durable_and_never_tidied_up_behind_our_back(store):
    connection = database.connect(store.directory)
    pragma = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "wal_autocheckpoint", "mmap_size")
    }
    connection.close()
    assert pragma == {
        "journal_mode": "wal", "synchronous": 2, "wal_autocheckpoint": 0, "mmap_size": 0,
    }  # fmt: skip


def test_a_newer_store_is_refused(project):
    Store(project.state).close()
    with sqlite3.connect(project.state / database.FILE) as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(
        StoreError, match=r"newer program \(schema 99, this one knows \d+\)"
    ) as told:
        Store(project.state)
    assert "Upgrade" in told.value.hint


def test_a_damaged_store_is_refused_with_what_to_do(project):
    Store(project.state).close()
    path = project.state / database.FILE
    path.write_bytes(b"this is no database, whatever its name" * 200)
    with pytest.raises(StoreError, match="is damaged") as told:
        Store(project.state)
    assert "state restore" in told.value.hint


def test_a_file_in_the_way_is_named(project):
    project.state.write_text("not a directory")
    with pytest.raises(StateDirectoryError, match="a file is in the way"):
        Store(project.state)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/ann/p/.orchestrate", "nfs4"),
        ("/home/bob", "ext4"),
        ("/mnt/two words/x", "cifs"),
        ("/homeless", "ext4"),
        ("/tmp/x", "tmpfs"),
    ],
)
def test_the_file_system_of_a_path_is_found_in_the_mount_table(path, kind):
    mounts = (
        "/dev/vda / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\nsrv:/ann /home/ann nfs4 rw 0 0\n"
        "//srv/x /mnt/two\\040words cifs rw 0 0\n"
    )
    assert location.file_system_of(path, mounts) == kind


def test_network_file_systems_are_refused_by_name():
    assert {"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs"} <= location.NETWORK_FILE_SYSTEMS
    assert "ext4" not in location.NETWORK_FILE_SYSTEMS


def test_migrations_run_in_order_and_all_or_none(project, monkeypatch):
    Store(project.state).close()
    newest = database.VERSION
    after = newest + 1
    broken = [
        *database.migrations(),
        (after, "CREATE TABLE extra (x);\nCREATE TABLE extra (x);\n"),
    ]
    monkeypatch.setattr(database, "VERSION", after)
    monkeypatch.setattr(database, "migrations", lambda: broken)
    with pytest.raises(StoreError):
        Store(project.state)
    with sqlite3.connect(project.state / database.FILE) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (newest,)
        found = connection.execute("SELECT 1 FROM sqlite_master WHERE name='extra'").fetchall()
        assert found == []
    connection.close()
    mended = [*database.migrations()[:-1], (after, "CREATE TABLE extra (x);\n")]
    monkeypatch.setattr(database, "migrations", lambda: mended)
    store = Store(project.state)
    assert store.read("SELECT count(*) FROM extra") == [(0,)]
    store.close()


def test_ids_begin_anew_each_utc_year_and_grow_beyond_three_digits(project, store):
    new_year = 1_798_761_600.0  # 2027-01-01T00:00:00Z
    assert create(store, project, new_year - 0.5) == "WF-2026-001"
    assert create(store, project, new_year) == "WF-2027-001"
    assert create(store, project, new_year - 0.1) == "WF-2026-002"
    store.writer.call(lambda c: c.execute("UPDATE counters SET last = 999 WHERE year = 2026"))
    assert create(store, project, new_year - 0.1) == "WF-2026-1000"


def test_equal_plans_are_stored_once(project, store):
    create(store, project)
    create(store, project)
    assert store.read("SELECT count(*) FROM plans") == [(1,)]


def test_a_refused_change_leaves_the_rest_of_its_group(store):
    def refuse(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO facts VALUES ('half', 'done')")
        raise ConflictError("no")

    answers: list[object] = []
    both = threading.Event()

    def done(result: object, error: Exception | None) -> None:
        answers.append(error or "written")
        if len(answers) == 2:
            both.set()

    store.writer.submit(Change(refuse, done))
    store.writer.submit(
        Change(lambda c: c.execute("INSERT INTO facts VALUES ('whole', 'done')"), done)
    )
    assert both.wait(120)
    assert isinstance(answers[0], ConflictError)
    assert answers[1] == "written"
    assert store.read("SELECT name FROM facts") == [("whole",)]


def test_a_full_disk_is_waited_for_by_those_that_run_and_refused_to_others(project, store):
    workflow = create(store, project)
    said: list[str] = []
    store.writer.on_trouble = said.append
    writing = store.writer._connection
    pages = writing.execute("PRAGMA page_count").fetchone()[0]
    store.writer.call(lambda c: c.execute(f"PRAGMA max_page_count={pages}"))
    large = "x" * 200_000
    with pytest.raises(StateDirectoryError, match="is full"):
        store.writer.call(lambda c: c.execute("INSERT INTO facts VALUES ('big', ?)", (large,)))
    written = threading.Event()
    store.writer.submit(
        Change(
            lambda c: c.execute("INSERT INTO facts VALUES ('patient', ?)", (large,)),
            lambda _, error: written.set() if error is None else None,
            patient=True,
        )
    )
    eventually(lambda: any("is full" in message for message in said))
    assert not written.is_set()
    # The writer sleeps between two attempts, so its connection is free for this.
    writing.execute("PRAGMA max_page_count=1000000")
    assert written.wait(120)
    eventually(lambda: said[-1] == "")
    assert store.read("SELECT length(value) FROM facts WHERE name = 'patient'") == [(200_000,)]
    assert store.reading(lambda c: listing.get(c, workflow)).summary.state is State.QUEUED


def test_a_late_writer_is_refused_before_it_has_written(project, store):
    workflow = create(store, project)
    me = ownership.myself("")
    first = store.writer.call(Claim(1, workflow, me, "s1"))
    with pytest.raises(ConflictError, match=f"process {me.pid} on .* runs this workflow"):
        store.writer.call(Claim(1, workflow, me, "s2"))
    second = store.writer.call(Claim(1, workflow, me, "s2", forced=True))
    assert (first.epoch, second.epoch) == (1, 2)
    late = Event(first.last_seq + 1, 0.0, EventType.WARNED, "", {"message": "late"})
    projection = Projection(State.RUNNING, None, None, None, None)
    batch = Batch(1, first.epoch, first.last_seq, (late,), projection)
    with pytest.raises(StaleOwnerError):
        store.writer.call(lambda c: journal.append(c, batch))
    types = [e.type for e in journal.read(store.reader, 1)]
    assert types == [EventType.WORKFLOW_CREATED, EventType.OWNED, EventType.OWNED]


def test_an_owner_that_cannot_be_looked_at_is_not_taken_for_lost():
    me = ownership.myself("")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
    try:
        with pytest.raises(StateDirectoryError, match="cannot be seen: Too many open files"):
            ownership.is_lost(me)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_an_owner_is_lost_only_if_it_is_provably_gone():
    me = ownership.myself("")
    assert not ownership.is_lost(me)
    assert ownership.is_lost(me._replace(started=me.started + 1000))
    assert ownership.is_lost(me._replace(boot="another boot"))
    assert ownership.is_lost(me._replace(pid=2**22 - 1))
    # Another container: its pids say nothing here.
    assert not ownership.is_lost(me._replace(pid=2**22 - 1, where="host pid:[1]"))


def test_events_hold_whatever_a_process_wrote(project, store):
    workflow = create(store, project)
    owned = store.writer.call(Claim(1, workflow, ownership.myself(""), "s"))
    data = {"text": "lone \udcff surrogate, \x00 and \u2028", "list": [1, 2.5, None, True]}
    event = Event(owned.last_seq + 1, 1.5, EventType.WARNED, "a[ä]/1", data)
    projection = Projection(State.RUNNING, None, None, None, None)
    store.writer.call(
        lambda c: journal.append(c, Batch(1, owned.epoch, owned.last_seq, (event,), projection))
    )
    assert journal.page(store.reader, 1, owned.last_seq) == [event]


PUSHER = """
import sys
from pathlib import Path
from orchestrate.embedded.store import Store
store = Store(Path(sys.argv[1]))
for number in range(20):
    store.writer.call(lambda c: c.execute(
        "INSERT INTO facts VALUES (?, '')", (f"{sys.argv[2]}-{number}",)))
store.close()
"""


def test_many_processes_write_at_once_and_none_is_turned_away(project, store):
    rivals = [
        subprocess.Popen(
            [sys.executable, "-c", PUSHER, str(project.state), str(number)],
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(8)
    ]
    assert [rival.communicate(timeout=120)[1] for rival in rivals] == [""] * 8
    assert store.read("SELECT count(*) FROM facts") == [(160,)]


def test_the_log_is_written_over_not_piled_up(store):
    wal = store.directory / "orchestrate.db-wal"
    value = "x" * 100_000
    for number in range(200):
        store.writer.call(
            lambda c, n=number: c.execute("INSERT INTO facts VALUES (?, ?)", (f"{n}", value))
        )
    assert wal.stat().st_size < 20 << 20


def test_a_list_does_not_read_journals(project, store):
    create(store, project)
    plan = store.read(
        "EXPLAIN QUERY PLAN SELECT id FROM workflows WHERE state IN ('running', 'paused') "
        "ORDER BY number DESC LIMIT 100"
    )
    assert not any("events" in str(row) for row in plan)
    found = listing.find(store.reader, Filter(states=(State.QUEUED,)))
    assert [summary.id for summary in found] == ["WF-2027-001"]


def test_looking_at_nothing_makes_nothing(project):
    engine = project.engine()
    assert engine.find(Filter()) == ()
    assert not project.state.exists()
    assert time.time() > 0
    assert Path(project.root).exists()
