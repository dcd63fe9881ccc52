"""A process that lives on may own a workflow a second time, under the supervisor that it has."""

from embedded.conftest import Project
from polling import eventually

from orchestrate.embedded.filelock import FileLock
from orchestrate.embedded.serving import Serving
from orchestrate.embedded.store import LOCK
from orchestrate.errors import StateDirectoryError
from orchestrate.launching.supervision import HELD
from orchestrate.workflow.engine import Ended, ResumeOptions
from orchestrate.workflow.outcomes import State

GATED = """
name: gated
steps:
  - name: a
    idempotent: true
    shell: echo begun >> $ROOT/effects; until [ -e $ROOT/go ]; do sleep 0.05; done; echo over >> $ROOT/effects
"""  # noqa: E501


class Daemon:
    """One that has begun to run the step."""

    def __init__(self, project: Project) -> None:
        self.ended: list[Ended] = []
        self.engine = project.engine()
        self.serving = Serving(self.engine, self.ended.append, self.ended.append)
        self.workflow, _ = self.engine.create(project.new(GATED))
        self.serving.begin(self.workflow)
        self.until(lambda: project.lines("effects") == ["begun"])
        self.runtime = self.serving._running[self.workflow].runtime

    def until(self, condition) -> None:
        eventually(lambda: self.serving.turn() or condition())


def test_what_goes_on_is_not_run_again_by_the_process_that_let_it_go(project: Project):
    daemon = Daemon(project)
    daemon.runtime.give_up(StateDirectoryError("something cannot be read"))
    daemon.until(lambda: daemon.ended and not daemon.engine.row(daemon.workflow).owned)
    daemon.ended.clear()
    daemon.serving.resume(daemon.workflow, ResumeOptions(actor="tester"), {})
    project.path("go").touch()
    daemon.until(lambda: daemon.ended)
    assert daemon.ended[0].state is State.SUCCEEDED
    assert project.lines("effects") == ["begun", "over"]


def test_an_end_that_is_told_twice_is_kept_until_it_is_durable(project: Project):
    daemon = Daemon(project)
    supervision = daemon.engine.hosting.supervision
    attempt = f"{daemon.workflow}/4"

    def held() -> bool:
        asked = supervision.fence(supervision.own.id, daemon.workflow, 1)
        return asked.find(attempt).phase == HELD

    with FileLock(project.state / LOCK, None):  # so that nothing can be written
        project.path("go").touch()
        daemon.until(lambda: not daemon.runtime.busy)
        assert held()  # whoever asks is told once more
        for _ in range(3):
            daemon.serving.turn()
        assert held()
    daemon.until(lambda: daemon.ended)
    assert daemon.ended[0].state is State.SUCCEEDED
