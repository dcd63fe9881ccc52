"""What is kept, for how long, and how it is brought back."""

import gzip
import io
import json
import os
import sqlite3
import stat
import tarfile
import time

import pytest
from polling import eventually

from orchestrate.embedded import backup, database, integrity, retention
from orchestrate.embedded.actions import Author
from orchestrate.embedded.store import Store
from orchestrate.errors import ConflictError, NotFoundError, StoreError, UsageError
from orchestrate.workflow.engine import Filter
from orchestrate.workflow.outcomes import State

SAYS = "name: says\nsteps:\n  - name: hello\n    command: /bin/echo hello\n"
WAITS = (
    'name: w\nsteps:\n  - shell: "touch $ROOT/up; until test -e $ROOT/go; do sleep 0.02; done"\n'
)
DAY = 86400.0
ADA = Author("ada")


def run(engine, project, text=SAYS) -> str:
    workflow, _ = engine.create(project.new(text))
    assert engine.run(workflow).state is State.SUCCEEDED
    return workflow


def test_what_ended_long_ago_is_removed_with_its_output_and_plan(project):
    engine = project.engine()
    old, recent = run(engine, project), run(engine, project, SAYS.replace("says", "recent"))
    queued, _ = engine.create(project.new(SAYS.replace("says", "queued")))
    store = engine.store
    store.writer.call(
        lambda c: c.execute("UPDATE workflows SET finished_at = 1000 WHERE id = ?", (old,))
    )
    assert retention.candidates(store, older_than=30 * DAY, now=time.time()) == (old,)
    pruned = retention.prune(store, older_than=30 * DAY, now=time.time())
    assert pruned.workflows == (old,)
    with pytest.raises(NotFoundError):
        engine.get(old)
    assert [s.id for s in engine.find(Filter())] == [queued, recent]
    assert not (project.state / "workflows" / old).exists()
    assert (project.state / "workflows" / recent).exists()
    assert store.read("SELECT count(*) FROM plans") == [(2,)]
    assert store.read("SELECT count(*) FROM events WHERE workflow = 1") == [(0,)]


def test_a_backup_that_cannot_be_written_there_says_where(project):
    engine = project.engine()
    run(engine, project)
    target = project.path("nowhere") / "state.tar.gz"
    with pytest.raises(UsageError, match=r"nowhere/state.tar.gz cannot be written: No such file"):
        backup.back_up(engine.store, target, ADA)


def test_a_number_is_not_given_again_after_pruning(project):
    engine = project.engine()
    run(engine, project)
    retention.prune(engine.store, older_than=0, now=time.time() + 1)
    assert engine.create(project.new(SAYS))[0].endswith("-002")


def test_pruning_happens_once_a_day(project):
    engine = project.engine()
    run(engine, project)
    assert retention.prune_if_due(engine.store, 30) is not None
    assert retention.prune_if_due(engine.store, 30) is None
    assert retention.prune_if_due(engine.store, 0) is None


def test_who_keeps_less_than_a_day_prunes_more_often(project):
    engine = project.engine()
    workflow = run(engine, project)
    store, half_a_minute = engine.store, 30 / DAY
    retention.prune_if_due(store, half_a_minute)
    then = repr(time.time() - 31)
    store.writer.call(lambda c: c.execute("UPDATE workflows SET finished_at = ?", (then,)))
    assert retention.prune_if_due(store, half_a_minute) is None
    store.writer.call(
        lambda c: c.execute("UPDATE facts SET value = ? WHERE name = 'pruned_at'", (then,))
    )
    assert retention.prune_if_due(store, half_a_minute) == retention.Pruned((workflow,))


def test_a_backup_brings_everything_back(project):
    engine = project.engine()
    workflow = run(engine, project)
    archive = project.path("state.tar.gz")
    assert backup.back_up(engine.store, archive, ADA).workflows == 1
    with pytest.raises(ConflictError):
        backup.back_up(engine.store, archive, ADA)
    run(engine, project)
    engine.close()
    with pytest.raises(ConflictError, match="holds a store already"):
        backup.restore(project.state, None, archive, ADA, force=False)
    backup.restore(project.state, None, archive, ADA, force=True)
    again = project.engine()
    assert [s.id for s in again.find(Filter())] == [workflow]
    assert [p.data for p in again.output(workflow)] == [b"hello\n"]
    assert integrity.check(project.state) == []
    elsewhere = project.path("elsewhere")
    backup.restore(elsewhere, None, archive, ADA, force=False)
    assert (elsewhere / database.FILE).exists()


def test_a_damaged_backup_changes_nothing(project):
    engine = project.engine()
    workflow = run(engine, project)
    archive = project.path("state.tar.gz")
    backup.back_up(engine.store, archive, ADA)
    engine.close()
    folder = project.path("opened")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["sha256"][database.FILE] = "0" * 64
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(folder, arcname=".")
    with pytest.raises(StoreError, match="recorded checksum"):
        backup.restore(project.state, None, archive, ADA, force=True)
    archive.write_bytes(b"nothing of the kind")
    with pytest.raises(StoreError, match="not an undamaged backup"):
        backup.restore(project.state, None, archive, ADA, force=True)
    with pytest.raises(NotFoundError):
        backup.restore(project.state, None, project.path("no-such"), ADA, force=True)
    assert project.engine().get(workflow).state is State.SUCCEEDED


def test_a_restore_waits_for_nobody_who_runs(project):
    engine = project.engine()
    run(engine, project)
    archive = project.path("state.tar.gz")
    backup.back_up(engine.store, archive, ADA)
    running = project.start(WAITS)
    eventually(project.path("up").exists)
    with pytest.raises(ConflictError, match="workflows are being run"):
        backup.restore(project.state, None, archive, ADA, force=True)
    project.path("go").touch()
    assert json.loads(running.communicate(timeout=120)[0].splitlines()[-1])["state"] == "succeeded"


def test_the_doctor_finds_gaps_damage_and_lost_owners(project):
    assert integrity.check(project.state) == []
    engine = project.engine()
    workflow = run(engine, project)
    lost = project.start(WAITS)
    eventually(project.path("up").exists)
    assert integrity.check(project.state) == []
    lost.kill()
    lost.wait()
    project.path("go").touch()
    year = workflow.split("-")[1]
    assert [f.message for f in integrity.check(project.state)] == [
        f"the process that ran WF-{year}-002 is gone"
    ]
    engine.store.writer.call(lambda c: c.execute("DELETE FROM events WHERE seq = 3"))
    assert f"the journal of {workflow} has gaps" in [
        f.message for f in integrity.check(project.state)
    ]
    engine.close()
    with sqlite3.connect(project.state / database.FILE) as connection:
        connection.execute(f"PRAGMA user_version={database.VERSION + 1}")
    connection.close()
    assert "newer program" in integrity.check(project.state)[0].message


def test_ten_thousand_workflows_are_listed_quickly(project):
    store = Store(project.state)
    engine = project.engine()
    workflow, _ = engine.create(project.new(SAYS))

    def fill(connection: sqlite3.Connection) -> None:
        connection.execute(
            "INSERT INTO workflows (id, playbook, plan, state, environment, parameters, actor, "
            "created_at, last_seq) WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n "
            "WHERE i < 10000) SELECT 'WF-2020-' || i, 'p', 1, 'failed', 'dev', '{}', 'me', i, 1 "
            "FROM n"
        )

    store.writer.call(fill)
    store.close()
    assert [s.id for s in engine.find(Filter(states=(State.QUEUED, State.RUNNING)))] == [workflow]
    assert [s.id for s in engine.find(Filter(limit=2))] == ["WF-2020-10000", "WF-2020-9999"]


def bad_backup(*members):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as packed:
        for name, kind, target in members:
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, target
            packed.addfile(entry)
    return gzip.compress(content.getvalue())


BAD = {
    "upwards": bad_backup(("../x", tarfile.REGTYPE, "")),
    "absolute": bad_backup(("/x", tarfile.REGTYPE, "")),
    "a link": bad_backup(
        ("workflows", tarfile.SYMTYPE, "/etc"), ("workflows/x", tarfile.REGTYPE, "")
    ),
    "a hard link": bad_backup(("orchestrate.db", tarfile.LNKTYPE, "../../x")),
    "a pipe": bad_backup(("pipe", tarfile.FIFOTYPE, "")),
    "holes": bad_backup(("holes", tarfile.GNUTYPE_SPARSE, "")),
    "an empty manifest": bad_backup(("manifest.json", tarfile.REGTYPE, "")),
    "cut off": bad_backup(("a", tarfile.REGTYPE, ""))[:-12],
    "something else": gzip.compress(b"x" * 5000)[:40] + bytes(40),
    "hardly begun": b"\x1f\x8b\x08" + bytes(200),
}


@pytest.mark.parametrize("archive", BAD.values(), ids=list(BAD))
def test_what_is_no_backup_of_ours_is_refused_and_leads_nowhere(project, archive):
    file = project.path("state.tar.gz")
    file.write_bytes(archive)
    before = sorted(project.root.iterdir())
    with pytest.raises(StoreError, match="not an undamaged backup") as told:
        backup.restore(project.state, None, file, ADA, force=True)
    assert "Nothing was changed" in told.value.hint
    assert sorted(project.root.iterdir()) in (before, sorted([*before, project.state]))
    assert not [one.name for one in project.state.iterdir() if one.name.startswith("restore")]


def test_a_backup_is_for_its_user_alone_whatever_the_umask(project):
    engine = project.engine()
    run(engine, project)
    before = os.umask(0)
    try:
        backup.back_up(engine.store, project.path("state.tar.gz"), ADA)
    finally:
        os.umask(before)
    assert stat.S_IMODE(project.path("state.tar.gz").stat().st_mode) == 0o600
