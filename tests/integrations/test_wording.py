"""What a notice says in words."""

from vendors.notices import STEP, notice

from orchestrate.integrations import wording


def test_a_failure_says_all_of_it() -> None:
    assert wording.headline(notice()) == "deploy-web-app failed in production"
    assert wording.plain(notice()) == (
        "Workflow: WF-2026-017\n"
        "Environment: production\n"
        "Version: 1.4.0\n"
        "Started by: anna\n"
        "Took: 2 m 23 s\n"
        "Steps: 4 succeeded, 1 failed, 2 skipped\n"
        "Parameters: version=1.4.2 database_password=***\n"
        "Failed step: deploy/backend (4 attempts, exit code 2)\n"
        "Why: `/infra deploy --component backend` ended with exit code 2\n"
        "Its last lines:\n"
        "  pulling image 1.4.2\n"
        "  error: <registry> & mirror are gone\n"
        "  giving up\n"
        "To see all of its output: orchestrate logs WF-2026-017 --step deploy/backend\n"
        "To go on from there: orchestrate resume --workflow WF-2026-017\n"
        "https://ops.example.com/workflows/WF-2026-017"
    )


def test_what_is_not_there_is_not_spoken_of() -> None:
    silent = STEP._replace(attempt=1, message="exit code 2", output="")
    bare = notice(failed=silent, version="", parameters={}, link=None, actor="")
    assert wording.plain(bare) == (
        "Workflow: WF-2026-017\n"
        "Environment: production\n"
        "Took: 2 m 23 s\n"
        "Steps: 4 succeeded, 1 failed, 2 skipped\n"
        "Failed step: deploy/backend (exit code 2)\n"
        "To see all of its output: orchestrate logs WF-2026-017 --step deploy/backend\n"
        "To go on from there: orchestrate resume --workflow WF-2026-017"
    )


def test_a_workflow_that_failed_without_a_step() -> None:
    itself = STEP._replace(path="", attempt=0, exit_code=None, message="it took longer than 5 m")
    assert "Failed step: the workflow itself\nWhy: it took longer than 5 m" in wording.plain(
        notice(failed=itself)
    )


def test_what_can_be_typed_can_be_pasted() -> None:
    odd = STEP._replace(path="regions[it's far]/1")
    lines = [each.line for each in wording.commands(notice(failed=odd))]
    assert lines == [
        "orchestrate logs WF-2026-017 --step 'regions[it'\\''s far]/1'",
        "orchestrate resume --workflow WF-2026-017",
    ]
    assert [each.line for each in wording.commands(notice(state="cancelled"))] == [
        "orchestrate rerun WF-2026-017"
    ]
    assert [each.line for each in wording.commands(notice("approval"))] == [
        "orchestrate approve --workflow WF-2026-017"
    ]


def test_values_are_written_as_in_playbooks() -> None:
    given = {"dry": True, "zones": ["a", "b"], "count": 3, "text": "two\nlines", "none": None}
    assert 'Parameters: dry=true zones=["a", "b"] count=3 text=two lines none=null' in (
        wording.plain(notice(parameters=given))
    )


def test_how_a_workflow_ended_by_other_hands() -> None:
    for kind, state, said in (
        ("failure", "cancelled", "was cancelled"),
        ("success", "completed", "was completed by hand"),
        ("pause", "needs_attention", "needs attention"),
        ("pause", "paused", "is paused"),
    ):
        assert wording.happened(notice(kind, state=state)) == said
    assert wording.happened(notice("success", recovered=True)) == "succeeded again"


def test_the_end_of_output_begins_with_a_whole_line() -> None:
    assert wording.last_lines("one\ntwo\nthree", 100) == "one\ntwo\nthree"
    assert wording.last_lines("one\ntwo\nthree", 10) == "…\nthree"
    assert wording.last_lines("x" * 50, 10) == "…\nxxxxxxxx"
