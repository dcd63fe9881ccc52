import pytest

from orchestrate.cli.selection import (
    can_pause,
    can_resume,
    is_open,
    select,
    select_any,
    select_to_resume,
)
from orchestrate.errors import ConflictError, NotFoundError
from orchestrate.workflow.outcomes import State


def test_current_is_the_only_workflow_on_which_the_verb_is_legal(shelf, workflow_summary) -> None:
    engine = shelf(
        workflow_summary(4, State.SUCCEEDED),
        workflow_summary(3, State.RUNNING),
        workflow_summary(2, State.PAUSED),
        workflow_summary(1, State.FAILED),
    )
    assert select(engine, "current", "pause", can_pause) == "WF-2026-003"
    assert select(engine, "current", "resume", can_resume) == "WF-2026-002"


@pytest.mark.parametrize("state", [State.PAUSED, State.WAITING, State.NEEDS_ATTENTION])
def test_resume_takes_what_stands_still(shelf, workflow_summary, state: State) -> None:
    engine = shelf(workflow_summary(2, State.FAILED), workflow_summary(1, state))
    assert select(engine, "current", "resume", can_resume) == "WF-2026-001"


def test_resume_takes_a_workflow_whose_owner_is_gone(shelf, workflow_summary) -> None:
    engine = shelf(
        workflow_summary(2, State.RUNNING), workflow_summary(1, State.RUNNING, owner_lost=True)
    )
    assert select(engine, "current", "resume", can_resume) == "WF-2026-001"
    assert select(engine, "current", "pause", can_pause) == "WF-2026-002"


def test_resume_falls_back_on_the_newest_one_if_it_failed(shelf, workflow_summary) -> None:
    engine = shelf(workflow_summary(2, State.FAILED), workflow_summary(1, State.FAILED))
    assert select_to_resume(engine, "current") == "WF-2026-002"


@pytest.mark.parametrize("later", [State.SUCCEEDED, State.CANCELLED, State.RUNNING])
def test_an_older_failed_one_is_resumed_only_on_request(
    shelf, workflow_summary, later: State
) -> None:
    engine = shelf(workflow_summary(2, later), workflow_summary(1, State.FAILED))
    with pytest.raises(ConflictError) as caught:
        select_to_resume(engine, "current")
    assert caught.value.exit_code == 5
    assert "WF-2026-001 (deploy)" in caught.value.message
    assert "WF-2026-002 (deploy)" in caught.value.message
    assert "--workflow WF-2026-001" in caught.value.hint
    assert select_to_resume(engine, "current", yes=True) == "WF-2026-001"
    assert select_to_resume(engine, "WF-2026-001") == "WF-2026-001"


def test_several_are_a_conflict_that_lists_them(shelf, workflow_summary) -> None:
    engine = shelf(workflow_summary(2, State.RUNNING), workflow_summary(1, State.RUNNING))
    with pytest.raises(ConflictError) as caught:
        select(engine, "current", "pause", can_pause)
    assert caught.value.exit_code == 5
    assert "WF-2026-001  running  deploy" in caught.value.hint
    assert "WF-2026-002  running  deploy" in caught.value.hint


def test_none_is_not_found(shelf, workflow_summary) -> None:
    engine = shelf(workflow_summary(1, State.SUCCEEDED))
    with pytest.raises(NotFoundError):
        select(engine, "current", "cancel", is_open)
    assert select_any(engine, "current") == "WF-2026-001"
    with pytest.raises(NotFoundError):
        select_any(shelf(), "current")


def test_an_unknown_id_suggests_the_nearest(shelf, workflow_summary) -> None:
    engine = shelf(workflow_summary(1, State.SUCCEEDED))
    with pytest.raises(NotFoundError) as caught:
        select(engine, "wf-2026-01", "resume", can_resume)
    assert caught.value.hint.startswith("Did you mean WF-2026-001?")


def test_open_workflows_are_found_beyond_the_first_page(shelf, workflow_summary) -> None:
    done = [workflow_summary(number, State.PAUSED) for number in range(1200, 1, -1)]
    engine = shelf(*done, workflow_summary(1, State.RUNNING))
    assert select(engine, "current", "pause", can_pause) == "WF-2026-001"
