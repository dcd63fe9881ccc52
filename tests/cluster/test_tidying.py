"""What a worker keeps of workflows that Temporal has forgotten goes."""

import os
from pathlib import Path

from cluster.conftest import Cluster

from orchestrate.cluster.working.tidying import UNTOUCHED_FOR, tidy

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
