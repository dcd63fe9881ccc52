"""Rows that do not hold what was written: whoever looks is told so, with what to do."""

import sqlite3
from contextlib import closing

import pytest

from orchestrate.embedded import database
from orchestrate.errors import OrchestrateError, StoreError
from orchestrate.workflow.engine import Filter, ResumeOptions
from orchestrate.workflow.history import History
from orchestrate.workflow.state import WorkflowView

SAYS = "name: says\nsteps: [{name: one, shell: echo one}]\n"


def read(engine, workflow):
    """Everything that views and resumes read."""
    engine.find(Filter())
    engine.get(workflow)
    engine.plan(workflow)
    events = engine.events(workflow)
    view = WorkflowView(workflow)
    for event in events:
        view.apply(event)
    History(events)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events SET data = '{' WHERE seq = 2",
        "UPDATE events SET data = '[]' WHERE seq = 2",
        "UPDATE events SET data = '{},{}' WHERE seq = 2",
        "UPDATE events SET type = 'nothing' WHERE seq = 3",
        "UPDATE events SET at = 'noon' WHERE seq = 3",
        "UPDATE events SET at = 1e300 WHERE seq = 3",
        "UPDATE events SET data = '{}' WHERE type IN ('attempt_started', 'workflow_finished')",
        "UPDATE workflows SET state = 'nothing'",
        "UPDATE workflows SET parameters = '[1'",
        "UPDATE workflows SET plan = 99",
        "UPDATE plans SET body = '{}'",
        "UPDATE plans SET body = CAST(x'ff' AS TEXT)",
    ],
)
def test_what_is_damaged_is_said_to_be(project, change):
    engine = project.engine()
    workflow, _ = engine.create(project.new(SAYS))
    engine.run(workflow)
    read(engine, workflow)
    engine.close()
    with closing(sqlite3.connect(project.state / database.FILE)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = 0")
        connection.execute("PRAGMA ignore_check_constraints = 1")
        connection.execute(change)

    with pytest.raises(StoreError) as told:
        read(project.engine(), workflow)

    assert "state restore" in told.value.hint
    with pytest.raises(OrchestrateError):  # what has ended is not resumed, damaged or not
        project.engine().plan_resume(workflow, ResumeOptions())
