"""What a supervisor has no record of never began: its records stay as long as that may be asked."""

from embedded.conftest import Project
from polling import eventually

from orchestrate.embedded.serving import Serving
from orchestrate.workflow.engine import Ended, ResumeOptions
from orchestrate.workflow.events import EventType
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.rates import Limit

LIMITED = """
name: limited
steps:
  - {name: a, command: "sh -c 'echo a >> $ROOT/effects'"}
  - {name: b, command: "sh -c 'echo b >> $ROOT/effects'"}
"""
GATED = """
name: gated
steps:
  - {name: a, shell: "until [ -e $ROOT/go ]; do sleep 0.05; done; echo gated >> $ROOT/effects"}
"""
PLAIN = "name: plain\nsteps: [{name: a, shell: echo plain >> $ROOT/effects}]\n"


def test_a_step_that_waited_for_its_rate_when_the_daemon_ended_is_run_by_the_next(project: Project):
    limits = (Limit("sh", (("sh",),), 1, 600.0),)
    first = project.engine(rate_limits=limits)
    daemon = Serving(first, lambda _: None, lambda _: None)
    workflow, _ = first.create(project.new(LIMITED))
    daemon.begin(workflow)

    def waits() -> bool:
        daemon.turn()
        return any(e.type is EventType.RATE_WAITING for e in first.events(workflow))

    eventually(waits)
    assert daemon.drain(120)
    first.close()
    second = project.engine()  # without limits, for no test can wait as long
    ended: list[Ended] = []
    daemon = Serving(second, ended.append, lambda _: None)
    daemon.look()
    eventually(lambda: daemon.turn() or ended)
    assert ended[0].state is State.SUCCEEDED
    assert project.lines("effects") == ["a", "b"]


def test_what_one_workflow_leaves_another_may_need(project: Project):
    killed = project.other("serve", GATED, PLAIN, crash_at="launch.before:2")
    killed.wait(120)
    project.path("go").touch()
    left = sorted(folder.name for folder in (project.state / "workflows").iterdir())
    assert len(left) == 2
    for workflow in left:
        engine = project.engine()
        ended = engine.resume(workflow, ResumeOptions(actor="tester"))
        assert ended is not None
        assert ended.state is State.SUCCEEDED
        engine.close()
    assert project.lines("effects") == ["gated", "plain"]
