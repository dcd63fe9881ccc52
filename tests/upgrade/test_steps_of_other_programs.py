"""Steps that go on under the supervisor of another program: attached to, or refused clearly."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest
from acceptance.conftest import Project, waiting_step
from polling import eventually
from this_year import YEAR

from orchestrate.processes import records
from orchestrate.processes.supervising import recording, wire

WORKFLOW = f"WF-{YEAR}-001"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """One whose engine was killed while its step ran."""
    made = Project(tmp_path / "project")
    made.playbook("work", "steps:\n" + waiting_step("slow") + "  - shell: echo after >> effects\n")
    running = made.start("run", "--playbook", "work")
    made.wait_for_file("slow.started")
    running.kill()
    running.communicate()
    yield made
    made.touch("slow.go")
    made.close()


def say_format(project: Project, number: int) -> None:
    """Have the records say that the supervisor speaks so."""
    (directory,) = (project.root / ".orchestrate" / "supervisors").iterdir()
    header = records.read_header(directory)
    assert header is not None
    body = wire.pack(tuple(header._replace(format=number)))
    framed = crc32(body).to_bytes(4, "little") + len(body).to_bytes(4, "little") + body
    with (directory / recording.NAME).open("r+b") as file:
        file.write(framed)


@pytest.mark.parametrize("number", wire.UNDERSTOOD)
def test_a_step_that_an_earlier_program_began_is_attached_to(project: Project, number: int) -> None:
    say_format(project, number)
    resumed = project.start("resume", "--workflow", WORKFLOW)
    project.read_until(resumed, "attach  slow  was running")
    project.touch("slow.go")
    assert project.finish(resumed).code == 0
    assert len(project.lines("slow.started")) == 1
    assert project.lines("effects") == ["slow", "after"]


def test_what_an_unknown_program_began_is_refused_and_left_as_it_is(project: Project) -> None:
    say_format(project, 99)
    refused = project("resume", "--workflow", WORKFLOW)
    assert refused.code == 1
    assert "were started by another version of orchestrate" in refused.err
    assert "Finish this workflow with the version that started it." in refused.err
    found = project.workflow(WORKFLOW)
    assert (found["state"], found["owner"]) == ("running", "lost")
    project.playbook("other", "steps:\n  - command: /bin/true\n")
    project.ok("run", "--playbook", "other")
    project.ok("prune", "--older-than", "0", "--yes")
    assert "were started by another version of orchestrate" in project.ok("doctor").out
    say_format(project, wire.FORMAT)
    project.touch("slow.go")
    eventually(lambda: project.lines("effects") == ["slow"], "the step ends")
    project.ok("resume", "--workflow", WORKFLOW)
    assert project.lines("effects") == ["slow", "after"]


def test_a_daemon_that_cannot_take_it_up_says_so_and_serves_on(project: Project) -> None:
    say_format(project, 99)
    project.write("orchestrate.toml", "[serve]\napi = false\n")
    told = project.root / "log"
    with told.open("wb") as log:
        daemon = subprocess.Popen(
            project.words("serve"), cwd=project.root, env=project.env, stderr=log
        )
    try:
        eventually(lambda: f"cannot go on workflow={WORKFLOW}" in told.read_text(), "it says so")
        eventually(lambda: "serving" in told.read_text(), "it serves")
        eventually(lambda: project.workflow(WORKFLOW)["owner"] == "lost", "it lets go")
        assert daemon.poll() is None
    finally:
        daemon.terminate()
        assert daemon.wait(120) == 0
