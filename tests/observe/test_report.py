"""The picture of a report: its axis has round moments, its rows have names."""

import pytest

from orchestrate.observe.analysis import analyze
from orchestrate.observe.gantt import chart_of
from orchestrate.observe.report import html_report, ticks
from orchestrate.observe.timeline import timeline_of
from orchestrate.workflow.events import EventType


@pytest.mark.parametrize(
    ("whole", "said"),
    [
        (23.57, [0, 5, 10, 15, 20]),
        (3.46, [0, 0.5, 1, 1.5, 2, 2.5, 3]),
        (0.0042, [0, 0.0005, 0.001, 0.0015, 0.002, 0.0025, 0.003, 0.0035, 0.004]),
        (100.0, [0, 20, 40, 60, 80, 100]),
        (4000.0, [0, 600, 1200, 1800, 2400, 3000, 3600]),
        (90_000.0, [0, 14400, 28800, 43200, 57600, 72000, 86400]),
    ],
)
def test_ticks_are_round(whole: float, said: list[float]) -> None:
    assert ticks(whole) == pytest.approx(said)


def test_no_time_at_all_and_months_have_an_axis() -> None:
    assert ticks(1e-9)[0] == 0
    assert len(ticks(1e-9)) < 10
    assert len(ticks(90 * 86400.0)) < 15


def failed(journal):
    journal.start(0)
    started = journal.begin(0, "then/1")
    call = "/infra decommission --environment blue\n"
    journal.events[-1].data["call"] = call
    journal.end(2, "then/1", started, 0, "succeeded")
    journal.attempt(2, 4, "check", "failed", message="exit code 3")
    journal.add(4, EventType.WORKFLOW_FINISHED, state="failed",
                error={"step": "check", "message": "exit code 3 <&>"})  # fmt: skip
    return timeline_of("WF-2026-001", journal.events)


def test_a_step_without_a_name_is_known_by_what_it_calls(journal) -> None:
    timeline = failed(journal)
    rows = chart_of(timeline, [], 10).rows
    assert [row.name for row in rows] == ["then", "1 /infra decommission --e…", "check"]


def test_a_report_says_why_and_what_the_colours_mean(journal) -> None:
    page = html_report(analyze(failed(journal), {}, 0))
    assert "check: exit code 3 &lt;&amp;&gt;" in page
    assert "bold: critical path" in page
    assert page.count(">succeeded</text>") == 1
    assert page.count(">failed</text>") == 1
    assert "Slowest steps (no history yet)" in page


def test_a_wait_says_which_it_was_and_for_what(journal) -> None:
    journal.start(1)
    journal.add(1, EventType.TIMER_SET, "check", subject="retry 2", at=1003.0)
    journal.add(3, EventType.TIMER_FIRED, "check", subject="retry 2")
    journal.finish(4)
    chart = chart_of(journal.timeline, [], 10)
    assert [(bar.wait, bar.subject) for bar in chart.rows[0].bars] == [("retry", "retry 2")]
    assert [(bar.wait, bar.finished_at - bar.started_at) for bar in chart.waits] == [("queue", 1)]
