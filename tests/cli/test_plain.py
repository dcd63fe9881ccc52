import time

from orchestrate.cli.plain import Plain
from orchestrate.cli.style import Style
from orchestrate.workflow.events import EventType

PLAIN = Style(colour=False, unicode=False, width=0)


def told(written, journal) -> list[str]:
    display = Plain(written, PLAIN)
    for event in journal.events:
        display.event(event)
    display.close()
    return [line[9:] for line in written.lines]


def test_each_event_is_one_line(written, journal) -> None:
    journal.start("deploy", call="/infra deploy\n--fast", number=2, of=3)
    journal.finish("deploy", "failed", message="exit code 3")
    journal.add(EventType.CHECKPOINT, id="CP-1", name="deploy", step="deploy")
    journal.add(EventType.PAUSE_REQUESTED, actor="ada", reason="lunch", now=False)
    journal.add(EventType.CANCEL_REQUESTED, actor="bob", hard=False)
    journal.add(EventType.PARKED, "deploy", subject="unknown", message="who knows", choices=[])
    assert told(written, journal) == [
        "> deploy attempt 2 of 3: /infra deploy …",
        "x deploy failed: exit code 3 (1.0 s)",
        "+ checkpoint CP-1 after deploy",
        "= pausing for ada: lunch",
        "- cancelled by bob",
        "! deploy needs attention: who knows",
    ]


def test_lines_begin_with_the_local_time(written, journal) -> None:
    event = journal.start("deploy")
    Plain(written, PLAIN).event(event)
    assert written.lines[0].startswith(time.strftime("%H:%M:%S", time.localtime(event.at)))


def test_a_long_loop_is_told_by_its_progress_and_its_failures(written, journal) -> None:
    journal.add(EventType.STEP_STARTED, "all", kind="foreach")
    journal.add(EventType.DECIDED, "all", subject="items", value=list(range(100)))
    for number in range(100):
        journal.start(f"all[{number}]/1")
        journal.finish(f"all[{number}]/1", "failed" if number == 41 else "succeeded")
    lines = told(written, journal)
    assert len(lines) == 13
    assert lines[:3] == ["> all foreach", "> all 100 items", "  all 10 of 100 begun"]
    assert "x all[41]/1 failed (1.0 s)" in lines
    assert lines[-1] == "  all 100 of 100 begun"


def test_a_stream_that_went_away_breaks_nothing(written, journal) -> None:
    display = Plain(written, PLAIN)
    written.buffer.close()
    display.event(journal.start("deploy"))
    assert not written.alive


def test_a_wait_that_looks_again_and_again_is_told_twice(written, journal) -> None:
    journal.add(EventType.STEP_STARTED, "ready", kind="wait")
    for number in (1, 2, 3):
        journal.start("ready", number=number, of=number)
        journal.finish("ready", "failed", final=False, message="exit code 1")
    journal.add(EventType.STEP_FINISHED, "ready", status="succeeded")
    assert told(written, journal) == [
        "> ready wait",
        "+ ready succeeded (7.0 s; looked 3 times)",
    ]


def test_numbered_iterations_are_told_with_their_item(written, journal) -> None:
    journal.add(EventType.DECIDED, "cities", subject="items", value=["Zürich", "Köln"])
    journal.start("cities[1]/ship", call="/ship")
    assert told(written, journal) == ["> cities[1]/ship (Köln) /ship"]


def test_what_was_left_running_is_counted(written, journal) -> None:
    journal.start("serve")
    journal.finish("serve", left_running=["41 nginx: master", "42 nginx: worker", "and 3 more"])
    assert told(written, journal)[1] == "+ serve succeeded (1.0 s); left running: 5 (pid 41, 42, …)"
