from orchestrate.cli.style import Style
from orchestrate.cli.tree import Tree, render_line
from orchestrate.workflow.events import EventType
from orchestrate.workflow.state import WorkflowView

PLAIN = Style(colour=False, unicode=False, width=0)


def picture(tree: Tree, height: int = 0, style: Style = PLAIN) -> list[str]:
    return [render_line(style, line) for line in tree.lines(2000.0, height)]


def grown(journal, planned=()) -> Tree:
    tree = Tree(WorkflowView("WF-2026-001"), planned)
    for event in journal.events:
        tree.apply(event)
    return tree


def test_steps_stand_below_what_contains_them(journal) -> None:
    journal.add(EventType.STEP_STARTED, "spread", kind="parallel")
    journal.start("spread/left/build")
    journal.finish("spread/left/build", started_at=1000.0)
    journal.start("spread/right/build")
    journal.finish("spread/right/build", "failed", message="exit code 3", started_at=1000.0)
    tree = grown(journal, ["spread", "after"])
    assert picture(tree) == [
        "> spread  16 m 40 s",
        "  + left/build  1.0 s",
        "  x right/build  exit code 3  1.0 s",
        ". after",
    ]
    assert tree.progress() == (0, 2)


def test_a_long_loop_is_a_bar_with_what_runs_and_what_failed(journal) -> None:
    journal.add(EventType.STEP_STARTED, "all", kind="foreach")
    journal.add(EventType.DECIDED, "all", subject="items", value=list(range(200)))
    for number in range(100):
        journal.start(f"all[{number}]/1")
        journal.finish(f"all[{number}]/1", "failed" if number == 7 else "succeeded")
    journal.start("all[100]/1")
    lines = picture(grown(journal))
    assert lines[0].startswith("> all  [#####-----] 100/200")
    assert [line.split()[1] for line in lines[1:]] == ["[7]/1", "[100]/1"]


def test_a_picture_that_is_too_high_folds_what_is_over(journal) -> None:
    for group in ("one", "two"):
        journal.add(EventType.STEP_STARTED, group, kind="parallel")
        for branch in range(5):
            journal.start(f"{group}/{branch}/1")
            journal.finish(f"{group}/{branch}/1")
    journal.add(EventType.STEP_FINISHED, "one", status="succeeded")
    tree = grown(journal)
    assert len(picture(tree)) == 12
    assert len(picture(tree, height=8)) == 7
    short = picture(tree, height=4)
    assert len(short) == 4
    assert short[0] == "  … 4 lines more"


def test_lines_fit_into_forty_columns(journal) -> None:
    journal.start("deploy-the-backend-of-the-application")
    journal.finish("deploy-the-backend-of-the-application", "failed", message="no " * 40)
    narrow = Style(colour=False, unicode=True, width=40)
    (line,) = picture(grown(journal), style=narrow)
    assert line == "✗ deploy-the-backend-of-the-app…  1.0 s"
    assert len(line) == 39


def test_a_message_is_cut_before_the_name_and_the_time(journal) -> None:
    journal.start("deploy")
    journal.finish("deploy", "failed", message="no " * 40)
    narrow = Style(colour=False, unicode=True, width=40)
    assert picture(grown(journal), style=narrow) == ["✗ deploy  no no no no no no no …  1.0 s"]


def test_steps_that_never_ran_are_said_so_and_finally_comes_last(journal) -> None:
    journal.start("one")
    journal.finish("one", "failed", message="exit code 3")
    journal.start("finally/1")
    journal.finish("finally/1")
    running = grown(journal, ["one", "two"])
    assert [line.split()[:2] for line in picture(running)[1:]] == [[".", "two"], ["+", "finally/1"]]
    journal.add(EventType.WORKFLOW_FINISHED, state="failed")
    lines = picture(grown(journal, ["one", "two"]))
    assert lines[1:] == ["o two  not run", "+ finally/1  1.0 s"]


def test_numbered_iterations_show_their_item(journal) -> None:
    journal.add(EventType.STEP_STARTED, "cities", kind="foreach")
    journal.add(EventType.DECIDED, "cities", subject="items", value=["Zürich", "Köln am Rhein"])
    journal.start("cities[1]/ship")
    journal.finish("cities[1]/ship")
    assert picture(grown(journal))[1] == "  + [1]/ship  Köln am Rhein  1.0 s"


def test_a_wait_says_how_often_it_looked(journal) -> None:
    journal.add(EventType.STEP_STARTED, "ready", kind="wait")
    for number in (1, 2, 3):
        journal.start("ready", number=number, of=number)
        journal.finish("ready", "failed", final=False, message="exit code 1")
    journal.add(EventType.STEP_FINISHED, "ready", status="succeeded")
    assert picture(grown(journal)) == ["+ ready  looked 3 times  7.0 s"]
