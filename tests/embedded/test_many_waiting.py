"""What a daemon does for those that wait does not grow with their number."""

import os

import pytest
from embedded.conftest import Project
from polling import eventually

from orchestrate.embedded.serving import Serving
from orchestrate.workflow.engine import Ended

WAITING = 1000 if os.environ.get("STORM") == "full" else 60
PAGE = 500
"""Open workflows that are read at once."""
HOLDS = """
name: holds
steps:
  - shell: "until test -e $ROOT/go; do sleep 0.02; done"
"""


def looks(project: Project, waiting: int) -> list[int]:
    """Statements of three looks at everything, while one runs and so many wait."""
    engine = project.engine(max_workflows=1)
    ended: list[Ended] = []
    daemon = Serving(engine, ended.append, pytest.fail)
    for _ in range(1 + waiting):
        workflow, _ = engine.create(project.new(HOLDS))
        daemon.begin(workflow)
    assert (daemon.running, daemon.queued) == (1, waiting)
    counts: list[int] = []
    statements: list[str] = []
    engine.store.reader.set_trace_callback(statements.append)
    daemon.look()
    for _ in range(3):
        statements.clear()
        daemon.look()
        counts.append(len(statements))
    engine.store.reader.set_trace_callback(None)
    project.path("go").touch()
    eventually(lambda: daemon.turn() or len(ended) == 1 + min(waiting, 3), "some of them end")
    daemon.drain(30)
    return counts


def test_a_look_costs_the_same_for_few_and_for_many(tmp_path) -> None:
    found: list[list[int]] = []
    for number, waiting in enumerate((2, WAITING)):
        project = Project(tmp_path / str(number))
        project.root.mkdir()
        try:
            found.append(looks(project, waiting))
        finally:
            project.close()
    few, many = found
    more_pages = (1 + WAITING) // PAGE
    assert many == [statements + more_pages for statements in few]
    assert max(many) <= 20
