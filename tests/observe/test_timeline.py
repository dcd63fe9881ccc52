import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from orchestrate.observe.breakdown import break_down
from orchestrate.observe.critical import critical_path, savings
from orchestrate.observe.spans import Kind
from orchestrate.observe.timeline import Timeline, timeline_of
from orchestrate.workflow.events import Event, EventType


def shape(timeline: Timeline) -> list[tuple[str, str, float, float]]:
    """Kind, path or name, begin and end of each span."""
    return [
        (
            str(span.kind),
            span.path if span.kind is not Kind.WAIT else f"{span.path}:{span.name}",
            span.started_at - 1000,
            timeline.end_of(span) - 1000,
        )
        for span in timeline.root.walk()
    ]


def test_a_step_with_a_retry_has_two_attempts_and_a_wait(journal) -> None:
    journal.start(1)
    journal.attempt(1, 3, "deploy", "failed", final=False)
    journal.add(3, EventType.TIMER_SET, "deploy", subject="retry-1", at=1005.0)
    journal.add(5, EventType.TIMER_FIRED, "deploy", subject="retry-1")
    journal.attempt(5, 6, "deploy", number=2)
    journal.finish(6)
    assert shape(journal.timeline) == [
        ("workflow", "", 0, 6),
        ("wait", ":queue", 0, 1),
        ("step", "deploy", 1, 6),
        ("attempt", "deploy", 1, 3),
        ("wait", "deploy:retry", 3, 5),
        ("attempt", "deploy", 5, 6),
    ]
    assert break_down(journal.timeline).seconds == {"queue": 1, "running": 3, "retry": 2}
    assert break_down(journal.timeline).retries == 1


def test_branches_are_groups_and_the_longer_one_is_the_critical_path(journal) -> None:
    journal.start()
    journal.add(0, EventType.STEP_STARTED, "spread", kind="parallel")
    one = journal.begin(0, "spread/left/a")
    two = journal.begin(0, "spread/right/b")
    journal.end(2, "spread/left/a", one, 0, "succeeded")
    three = journal.begin(2, "spread/left/c")
    journal.end(4, "spread/right/b", two, 0, "succeeded")
    journal.end(5, "spread/left/c", three, 2, "succeeded")
    journal.add(5, EventType.STEP_FINISHED, "spread", kind="parallel", status="succeeded")
    journal.attempt(5, 6, "last")
    journal.finish(6)
    timeline = journal.timeline
    assert [entry for entry in shape(timeline) if entry[0] == "group"] == [
        ("group", "spread/left", 0, 5),
        ("group", "spread/right", 0, 4),
    ]
    breakdown = break_down(timeline)
    pieces = critical_path(timeline, breakdown)
    assert [(piece.path, piece.seconds) for piece in pieces] == [
        ("spread/left/a", 2),
        ("spread/left/c", 3),
        ("last", 1),
    ]
    assert (breakdown.peak, breakdown.busy, breakdown.at_once) == (2, 10, 10 / 6)
    # Without c only b is left to wait for: three seconds on the path, one is gained.
    assert [tuple(saving) for saving in savings(timeline, pieces)] == [
        ("spread/left/c", 3.0, 1.0),
        ("spread/left/a", 2.0, 1.0),
        ("last", 1.0, 1.0),
    ]


def test_a_pause_a_crash_and_a_resume_are_waits(journal) -> None:
    journal.start()
    journal.attempt(0, 1, "one")
    journal.add(1, EventType.PAUSED)
    journal.add(4, EventType.UNPAUSED)
    two = journal.begin(4, "two")
    journal.add(9, EventType.OWNED, epoch=2)
    journal.end(10, "two", two, 4, "failed")
    journal.finish(10, "failed")
    journal.add(20, EventType.RESUMED, actor="ada")
    journal.add(20, EventType.OWNED, epoch=3)
    journal.add(20, EventType.FORGOTTEN, paths=["two"], reason="resume")
    journal.attempt(20, 22, "two")
    journal.finish(22)
    timeline = journal.timeline
    assert break_down(timeline).seconds == {"running": 9, "pause": 3, "stopped": 10}
    assert [entry[1:] for entry in shape(timeline) if entry[0] == "step"] == [
        ("one", 0, 1),
        ("two", 4, 10),
        ("two", 20, 22),
    ]
    assert ("wait", ":unowned", 4, 9) in shape(timeline)


def test_locks_are_waited_for_and_held(journal) -> None:
    blockers = [{"lock": "deploy-dev", "workflow": "WF-2026-009"}]
    journal.start()
    journal.add(0, "claim_waiting", "deploy", blockers=blockers)
    journal.add(4, "claimed", "deploy", tokens={"deploy-dev": 7}, waited=4)
    journal.attempt(4, 6, "deploy")
    journal.add(6, "claim_released", "deploy", tokens={"deploy-dev": 7})
    journal.finish(6)
    timeline = journal.timeline
    assert shape(timeline)[2:] == [
        ("step", "deploy", 0, 6),
        ("wait", "deploy:claim", 0, 4),
        ("lock", "deploy", 4, 6),
        ("attempt", "deploy", 4, 6),
    ]
    breakdown = break_down(timeline)
    assert breakdown.seconds == {"claim": 4, "running": 2}
    pieces = critical_path(timeline, breakdown)
    assert [(piece.path, piece.what) for piece in pieces] == [
        ("deploy", "claim"),
        ("deploy", "running"),
    ]


def test_what_runs_now_lasts_until_now(journal) -> None:
    journal.start()
    journal.begin(1, "slow")
    timeline = journal.timeline
    timeline.settle(1005.0)
    assert timeline.duration == 5
    assert break_down(timeline).seconds == {"engine": 1, "running": 4}


class Random:
    """A journal of a workflow of random shape."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.now = 1000.0
        self.events: list[Event] = []
        self.add(EventType.WORKFLOW_CREATED, playbook="p")
        self.add(EventType.OWNED, epoch=1)
        self.add(EventType.WORKFLOW_STARTED)

    def add(self, type_: EventType, path: str = "", **data: object) -> int:
        self.now += self.random.choice([-0.5, 0, 0, 0.25, 1, 3])  # clocks are set back, too
        seq = len(self.events) + 1
        self.events.append(Event(seq, self.now, type_, path, data))  # type: ignore[arg-type]
        return seq

    def body(self, prefix: str, depth: int) -> list[tuple]:
        """What happens below a prefix."""
        steps: list[tuple] = []
        for index in range(self.random.randint(1, 3)):
            path = f"{prefix}s{index}"
            if depth and self.random.random() < 0.4:
                steps.append(("open", path))
                lines = [
                    self.body(f"{path}/b{b}/", depth - 1) for b in range(self.random.randint(1, 3))
                ]
                while any(lines):
                    steps.append(self.random.choice([line for line in lines if line]).pop(0))
                steps.append(("close", path))
                continue
            for number in range(1, self.random.randint(1, 3) + 1):
                steps += [("begin", path, number), ("end", path, number), ("wait", path, number)]
            steps += [("begin", path, 9), ("end", path, 9)]
        return steps

    def play(self) -> None:
        ids: dict[str, int] = {}
        for what, path, *number in self.body("", 2):
            match what:
                case "open":
                    self.add(EventType.STEP_STARTED, path, kind="parallel")
                case "close":
                    self.add(EventType.STEP_FINISHED, path, kind="parallel", status="succeeded")
                case "begin":
                    ids[path] = len(self.events) + 1
                    self.add(EventType.ATTEMPT_STARTED, path, id=ids[path], number=number[0])
                case "end":
                    final = number[0] == 9
                    status = "succeeded" if final else "failed"
                    start = self.now - self.random.choice([0, 1, 9])
                    self.add(EventType.ATTEMPT_FINISHED, path, id=ids[path], status=status,
                             final=final, started_at=start, finished_at=self.now)  # fmt: skip
                case _:
                    subject = f"retry-{number[0]}"
                    self.add(EventType.TIMER_SET, path, subject=subject, at=0.0)
                    if self.random.random() < 0.5:
                        self.add(EventType.TIMER_FIRED, path, subject=subject)
            if self.random.random() < 0.1:
                self.add(EventType.PAUSED)
                self.add(EventType.UNPAUSED)


@given(st.integers(0, 10**9), st.booleans())
def test_times_add_up_spans_nest_and_the_critical_path_is_no_longer_than_the_whole(
    seed: int, cut_off: bool
) -> None:
    played = Random(seed)
    played.play()
    if not cut_off:
        played.add(EventType.WORKFLOW_FINISHED, state="succeeded")
    events = played.events[: 3 + seed % len(played.events)] if cut_off else played.events
    timeline = timeline_of("WF-2026-001", events)
    for span in timeline.root.walk():
        assert span.started_at <= timeline.end_of(span)
        if span.parent is not None:
            assert span.parent.started_at <= span.started_at
            assert timeline.end_of(span) <= timeline.end_of(span.parent)
    breakdown = break_down(timeline)
    assert abs(sum(breakdown.seconds.values()) - timeline.duration) < 1e-6
    pieces = critical_path(timeline, breakdown)
    assert abs(sum(piece.seconds for piece in pieces) - timeline.duration) < 1e-6
    assert all(a.finished_at == b.started_at for a, b in pairwise(pieces))
    assert breakdown.busy >= breakdown.seconds.get("running", 0.0) - 1e-6
    for saving in savings(timeline, pieces):
        assert 0 <= saving.saves <= saving.seconds + 1e-6
