"""A supervisor that is lost while a daemon takes up what its predecessor ran there."""

import os
import signal
from pathlib import Path

import pytest
from embedded.conftest import Project
from polling import eventually

from orchestrate.embedded.engine import EmbeddedEngine
from orchestrate.embedded.serving import Serving
from orchestrate.processes import records
from orchestrate.processes.orphans import OrphanedSlots
from orchestrate.workflow.engine import Ended, ResumeOptions
from orchestrate.workflow.outcomes import State

GATED = """
name: NAME
steps:
  - name: a
    shell: echo NAME begun >> $ROOT/effects; until [ -e $ROOT/go ]; do sleep 0.05; done; echo NAME over >> $ROOT/effects
"""  # noqa: E501
NAMES = ("one", "three", "two")


@pytest.fixture
def left(project: Project) -> Path:
    """The supervisor of a daemon that was killed while it ran three workflows."""
    killed = project.other("serve", *(GATED.replace("NAME", name) for name in NAMES))
    eventually(lambda: len(project.lines("effects")) == 3, "all have begun")
    killed.kill()
    killed.wait()
    (supervisor,) = (project.state / "supervisors").iterdir()
    return supervisor


def interrupted(engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch, happens) -> None:
    """Have something happen before the second workflow is taken up."""
    program, seen = engine.program, []

    def slowly(row):
        seen.append(row)
        if len(seen) == 2:
            happens()
        return program(row)

    monkeypatch.setattr(engine, "program", slowly)


def test_what_goes_on_without_it_is_taken_up(project: Project, left: Path, monkeypatch):
    header = records.read_header(left)
    assert header is not None

    def die() -> None:
        os.kill(header.pid, signal.SIGKILL)
        eventually(lambda: records.has_lost_its_supervisor(left))

    engine = project.engine()
    interrupted(engine, monkeypatch, die)
    ended: list[Ended] = []
    daemon = Serving(engine, ended.append, pytest.fail)
    daemon.look()
    assert daemon.running == 3
    project.path("go").touch()
    eventually(lambda: daemon.turn() or len(ended) == 3)
    assert [each.state for each in ended] == [State.SUCCEEDED] * 3
    assert sorted(project.lines("effects")) == [
        f"{name} {what}" for name in NAMES for what in ("begun", "over")
    ]


def test_ends_that_cannot_be_read_end_no_daemon_and_are_read_later(project: Project, left: Path):
    engine, header = project.engine(), records.read_header(left)
    assert header is not None
    ended: list[Ended] = []
    daemon = Serving(engine, ended.append, pytest.fail)
    daemon.look()
    os.kill(header.pid, signal.SIGKILL)
    connected = engine.hosting.supervision._connected
    eventually(lambda: daemon.turn() or isinstance(connected[left.name], OrphanedSlots))
    kept = (left / "records").rename(left / "kept")
    (left / "records").mkdir()
    project.path("go").touch()
    eventually(lambda: daemon.turn() or len(ended) == 3)
    assert [each.state for each in ended] == [State.RUNNING] * 3
    eventually(lambda: not any(engine.row(each.workflow).owned for each in ended))
    (left / "records").rmdir()
    kept.rename(left / "records")
    for each in tuple(ended):
        daemon.resume(each.workflow, ResumeOptions(actor="tester"), {})
    eventually(lambda: daemon.turn() or len(ended) == 6)
    assert [each.state for each in ended[3:]] == [State.SUCCEEDED] * 3
    assert len(project.lines("effects")) == 6
