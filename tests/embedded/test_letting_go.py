"""What cannot be run here is given back: a process that lives on keeps nobody from it."""

import pytest
from embedded.conftest import Project
from polling import eventually

from orchestrate.errors import StateDirectoryError
from orchestrate.workflow.engine import ResumeOptions
from orchestrate.workflow.outcomes import State

ONE = "name: one\nsteps: [{name: a, shell: echo a >> $ROOT/effects}]\n"


def test_a_workflow_whose_folder_cannot_be_made_is_let_go(project: Project):
    engine = project.engine()
    workflow, _ = engine.create(project.new(ONE))
    in_the_way = project.state / "workflows" / workflow
    in_the_way.write_text("no folder")
    with pytest.raises(StateDirectoryError, match="a file is in the way"):
        engine.run(workflow)
    in_the_way.unlink()
    eventually(lambda: not engine.row(workflow).owned)
    ended = engine.resume(workflow, ResumeOptions(actor="tester"))
    assert ended is not None
    assert ended.state is State.SUCCEEDED
    assert project.lines("effects") == ["a"]


def test_a_workflow_whose_records_cannot_be_read_is_let_go_and_nothing_runs_again(
    project: Project,
):
    workflow = _left_to_its_supervisor(project)
    (supervisor,) = (project.state / "supervisors").iterdir()
    records = supervisor / "records"
    kept = records.read_bytes()
    records.unlink()
    records.mkdir()
    engine = project.engine()
    with pytest.raises(StateDirectoryError, match="cannot be read"):
        engine.resume(workflow, ResumeOptions(actor="tester"))
    assert engine.get(workflow).state is State.RUNNING
    records.rmdir()
    records.write_bytes(kept)
    eventually(lambda: not engine.row(workflow).owned)
    ended = engine.resume(workflow, ResumeOptions(actor="tester"))
    assert ended is not None
    assert ended.state is State.SUCCEEDED
    assert project.lines("effects") == ["a"]


def _left_to_its_supervisor(project: Project) -> str:
    """A workflow whose engine was killed when its step had ended, which only the records know."""
    process = project.start(ONE, crash_at="outcome.before")
    process.wait(timeout=120)
    (workflow,) = [path.name for path in (project.state / "workflows").iterdir()]
    return workflow
