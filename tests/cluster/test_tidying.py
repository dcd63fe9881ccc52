"""What a worker keeps of workflows that Temporal has forgotten goes."""

import os
import signal
from pathlib import Path

import pytest
from cluster.conftest import Cluster
from polling import eventually

from orchestrate.cluster.working.tidying import UNTOUCHED_FOR, tidy
from orchestrate.processes import records
from orchestrate.processes.client import Supervisor

WAITS = "name: waits\nsteps: [{name: asks, type: approval, message: Go on?}]\n"
TEXT = "name: says\nsteps: [{name: say, command: echo hi}]\n"


def aged(folder: Path) -> Path:
    """As if nobody had touched it for long."""
    folder.mkdir(parents=True, exist_ok=True)
    at = folder.stat().st_mtime - UNTOUCHED_FOR - 60
    os.utime(folder, (at, at))
    return folder


def test_what_nobody_can_ask_for_any_more_is_removed(cluster: Cluster):
    worker = cluster.worker()
    engine = cluster.engine()
    known, _ = engine.create(cluster.new(TEXT))
    engine.run(known)
    directory = cluster.root / "state" / "workers" / "one"
    kept = aged(directory / "workflows" / known)
    gone = aged(directory / "workflows" / "WF-2020-001")
    fresh = directory / "workflows" / "WF-2020-002"
    fresh.mkdir()
    running = aged(directory / "workflows" / "WF-2020-003")
    (running / "output").touch()
    aged(running)
    orphan = aged(directory / "supervisors" / "1-aa")
    worker.stop()
    client = engine.connection.client
    engine.connection.wait(tidy(client, directory, lambda name: name != "WF-2020-003"))
    assert [folder.exists() for folder in (kept, gone, fresh, running, orphan)] == [
        True, False, True, True, False,
    ]  # fmt: skip


def test_what_was_handed_over_to_a_supervisor_that_was_killed_goes_with_its_records(
    cluster: Cluster,
):
    directory = cluster.root / "state" / "workers" / "one"
    directory.mkdir(parents=True)
    killed = directory / "supervisors" / "1-aa"
    supervisor = Supervisor.start(killed)
    header = eventually(lambda: records.read_header(killed), "its records")
    output = Path(header.folder, "17-left")
    output.write_text("password=hunter22")
    os.kill(header.pid, signal.SIGKILL)
    supervisor.close()
    eventually(lambda: not records.is_in_use(killed), "its end")
    aged(killed)
    connection = cluster.engine().connection
    connection.wait(tidy(connection.client, directory, lambda _: True))
    assert not killed.exists()
    assert not output.parent.exists()


def test_workflows_that_wait_for_long_do_not_keep_what_others_left(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("orchestrate.cluster.working.tidying._MOST_KNOWN", 1)
    cluster.worker("two")
    directory = cluster.root / "state" / "workers" / "one"
    engine = cluster.engine()
    waits, _ = engine.create(cluster.new(WAITS))
    older = aged(directory / "workflows" / waits)
    gone = directory / "workflows" / "WF-2020-001"
    gone.mkdir()
    at = older.stat().st_mtime + 30
    os.utime(gone, (at, at))
    engine.connection.wait(tidy(engine.connection.client, directory, lambda _: True))
    assert (older.exists(), gone.exists()) == (True, False)
