"""What the events of a workflow count for, however the journal is cut into looks at it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from orchestrate.workflow import metrics
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.metrics import Metric, Tally, Total
from orchestrate.workflow.tallying import About, Tallying


class Journal:
    """Events with chosen times; also what a look at it asks of the past."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.asked = 0

    def add(self, moment: float, type_: EventType, path: str = "", **data: Any) -> int:
        seq = len(self.events) + 1
        self.events.append(Event(seq, 1000.0 + moment, type_, path, data))
        return seq

    def begin(self, moment: float, path: str, number: int = 1, **data: Any) -> int:
        seq = len(self.events) + 1
        return self.add(
            moment, EventType.ATTEMPT_STARTED, path, id=seq, number=number, kind="shell", **data
        )

    def end(self, moment: float, path: str, attempt: int, status: str, final: bool = True) -> None:
        self.add(
            moment, EventType.ATTEMPT_FINISHED, path, id=attempt, number=1, status=status,
            final=final, finished_at=1000.0 + moment,
        )  # fmt: skip

    def at(self, seq: int) -> Event:
        return self.events[seq - 1]

    def last(
        self, before: int, types: frozenset[EventType], path: str | None = None
    ) -> Event | None:
        self.asked += 1
        found = [
            event for event in self.events[: before - 1]
            if event.type in types and path in (None, event.path)
        ]  # fmt: skip
        return found[-1] if found else None


def counted(journal: Journal, look: int = 1000) -> Mapping[tuple[Metric, tuple[str, ...]], Total]:
    """The tallies of looks at so many events each, added up."""
    whole = Tally()
    for start in range(0, len(journal.events), look):
        tally = Tally()
        tallying = Tallying(tally, About("deploy", 1000.0), journal)
        for event in journal.events[start : start + look]:
            tallying.take(event)
        for (metric, labels), total in tally.totals.items():
            whole.merge(metric, labels, total)
    return whole.totals


def bucket(total: Total, metric: Metric) -> Sequence[float]:
    """The upper ends of the buckets into which something fell."""
    ends = (*metric.bounds, float("inf"))
    return [end for end, amount in zip(ends, total.buckets, strict=True) for _ in range(amount)]


def long_day() -> Journal:
    journal = Journal()
    journal.add(0, EventType.WORKFLOW_CREATED, playbook="deploy")
    journal.add(0, EventType.OWNED, epoch=1)
    journal.add(2, EventType.WORKFLOW_STARTED)
    first = journal.begin(2, "build", label="build", of=2)
    journal.end(4, "build", first, "failed", final=False)
    journal.add(4, EventType.TIMER_SET, "build", subject="retry-1", at=1006.0)
    again = journal.begin(6, "build", 2, label="build")
    journal.end(8, "build", again, "succeeded")
    journal.add(8, EventType.STEP_FINISHED, "check", status="succeeded", kind="assert", inline=True)
    journal.add(8, EventType.STEP_FINISHED, "unless", status="skipped", kind="shell")
    journal.add(8, EventType.APPROVAL_REQUESTED, "ask")
    journal.add(308, EventType.APPROVAL_GIVEN, "ask", actor="ada")
    journal.add(308, EventType.STEP_FINISHED, "ask", status="succeeded", kind="approval")
    journal.add(308, EventType.STEP_STARTED, "both", kind="parallel")
    journal.add(310, EventType.CLAIMED, "both/a/1", tokens={}, waited=2.0)
    handled = journal.begin(310, "both/a/1")
    journal.end(311, "both/a/1", handled, "failed", final=False)
    journal.add(312, EventType.STEP_FINISHED, "both/a/1", status="failed", kind="shell")
    journal.add(312, EventType.STEP_FINISHED, "both", status="failed", kind="parallel")
    journal.add(312, EventType.WORKFLOW_FINISHED, state="failed")
    journal.add(312, EventType.RELEASED, epoch=1, reason="ended")
    journal.add(4000, EventType.OWNED, epoch=2)
    journal.add(4000, EventType.RESUMED, actor="ada")
    journal.add(4020, EventType.WORKFLOW_FINISHED, state="succeeded")
    return journal


@pytest.mark.parametrize("look", [1, 2, 3, 5, 1000])
def test_however_it_is_cut_the_same_is_counted(look: int) -> None:
    found = counted(long_day(), look)
    counters = {
        (metric.name, *labels): total.amount
        for (metric, labels), total in found.items()
        if metric.kind == metrics.COUNTER
    }
    assert counters == {
        ("orchestrate_events_total",): 24,
        ("orchestrate_workflows_created_total", "deploy"): 1,
        ("orchestrate_workflows_finished_total", "deploy", "failed"): 1,
        ("orchestrate_workflows_finished_total", "deploy", "succeeded"): 1,
        ("orchestrate_steps_total", "deploy", "succeeded"): 3,
        ("orchestrate_steps_total", "deploy", "skipped"): 1,
        ("orchestrate_steps_total", "deploy", "failed"): 1,
        ("orchestrate_step_retries_total", "deploy"): 1,
    }
    assert found[metrics.LAST_FINISHED, ("deploy", "failed")].sum == 1312.0
    build = found[metrics.STEP_DURATION, ("deploy", "build")]
    assert (build.amount, build.sum) == (1, 6.0), "from the first attempt to the end"
    assert bucket(build, metrics.STEP_DURATION) == [15.0]
    unlabelled = found[metrics.STEP_DURATION, ("deploy", "command")]
    assert unlabelled.sum == 2.0, "its handlers included"
    waits = {labels[0]: t.sum for (m, labels), t in found.items() if m == metrics.WAIT_DURATION}
    assert waits == {"queue": 2.0, "claim": 2.0, "approval": 300.0}
    assert found[metrics.WORKFLOW_DURATION, ("deploy",)].sum == 20.0, "since it was resumed"


def test_an_owner_that_never_let_go_was_lost() -> None:
    journal = Journal()
    journal.add(0, EventType.OWNED, epoch=1)
    journal.add(1, EventType.OWNED, epoch=2)
    journal.add(2, EventType.RELEASED, epoch=2, reason="paused")
    journal.add(3, EventType.OWNED, epoch=3)
    assert counted(journal)[metrics.OWNERS_LOST, ()].amount == 1


def test_a_clock_that_ran_backwards_makes_no_negative_durations() -> None:
    journal = Journal()
    attempt = journal.begin(10, "a")
    journal.end(4, "a", attempt, "succeeded")
    assert counted(journal)[metrics.STEP_DURATION, ("deploy", "command")].sum == 0.0


def test_steps_of_one_look_are_not_looked_up() -> None:
    journal = Journal()
    for number in range(1000):
        attempt = journal.begin(number, f"each[{number}]/1")
        journal.end(number + 0.5, f"each[{number}]/1", attempt, "succeeded")
    found = counted(journal, 10_000)
    assert found[metrics.STEP_DURATION, ("deploy", "command")].amount == 1000
    assert journal.asked == 0


def test_an_observation_at_the_end_of_a_bucket_is_in_it() -> None:
    tally = Tally()
    for seconds in (0.01, 0.011, 14400.0, 14400.5):
        tally.observe(metrics.STEP_DURATION, seconds, "p", "t")
    (total,) = tally.totals.values()
    assert bucket(total, metrics.STEP_DURATION) == [0.01, 0.05, 14400.0, float("inf")]


def test_names_and_kinds_keep_to_the_conventions_of_prometheus() -> None:
    for metric in (*metrics.COUNTED, *metrics.STANDING):
        assert metric.name.startswith("orchestrate_")
        assert metric.name.endswith("_total") == (metric.kind == metrics.COUNTER)
        assert bool(metric.bounds) == (metric.kind == metrics.HISTOGRAM)
        assert list(metric.bounds) == sorted(set(metric.bounds))
        assert metric.help.endswith(".") or metric.help.endswith(").")
