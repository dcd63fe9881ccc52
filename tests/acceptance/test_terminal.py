"""On a terminal: the live tree, questions, narrow screens, no colours, and one that goes away."""

import re
import sys

import pexpect
import pytest
from this_year import YEAR

MARK = "  - name: {0}\n    shell: echo {0} >> effects\n"
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture
def terminal(project):
    opened = []

    def start(*words: str, columns: int = 80, rows: int = 24, **env: str) -> pexpect.spawn:
        child = pexpect.spawn(
            sys.executable,
            ["-m", "orchestrate", *words],
            cwd=str(project.root),
            env={**project.env, "TERM": "xterm-256color", **env},
            dimensions=(rows, columns),
            encoding="utf-8",
            timeout=120,
        )
        opened.append(child)
        return child

    yield start
    for child in opened:
        child.close(force=True)


def end_of(child: pexpect.spawn) -> str:
    child.expect(pexpect.EOF)
    child.close()
    return child.before or ""


def test_a_live_tree_is_drawn_and_the_result_stays(project, terminal, waiting) -> None:
    project.playbook("work", "steps:\n" + waiting("slow") + MARK.format("after"))
    child = terminal("run", "--playbook", "work")
    child.expect("slow")
    child.expect("0/2 steps")
    project.touch("slow.go")
    last = ESCAPE.sub("", end_of(child))
    assert child.exitstatus == 0
    assert "✓ slow" in last
    assert "✓ after" in last
    assert "succeeded" in last


def test_the_live_tree_says_who_has_the_lock_now(project, terminal, waiting, until) -> None:
    for name in ("one", "two"):
        project.playbook(name, "locks: [db]\nsteps:\n" + waiting(name))
        project.ok("run", "--playbook", name, "--detach")
        if name == "one":
            project.wait_for_file("one.started")
    until(lambda: project.workflow(f"WF-{YEAR}-002").get("waits_for"), "the second waits")
    project.playbook("third", "locks: [db]\nsteps:\n" + MARK.format("last"))
    child = terminal("run", "--playbook", "third", columns=120)
    child.expect(f"waits for db: held by WF-{YEAR}-001 since")
    project.touch("one.go")
    child.expect(f"waits for db: held by WF-{YEAR}-002 since")
    project.touch("two.go")
    end_of(child)
    assert child.exitstatus == 0


def test_later_runs_have_an_estimate(project, terminal, waiting) -> None:
    project.playbook("work", "steps:\n  - name: nap\n    command: sleep 2\n")
    project.ok("run", "--playbook", "work")
    for _ in range(5):  # it may be over before anything is drawn, on a machine that stood still
        child = terminal("run", "--playbook", "work")
        is_told = child.expect(["about .* left", pexpect.EOF]) == 0
        end_of(child)
        assert child.exitstatus == 0
        if is_told:
            break
    else:
        pytest.fail("never an estimate")


def test_forty_columns_are_enough(project, terminal, waiting) -> None:
    name = "a-step-with-quite-a-long-name-that-goes-on-and-on"
    project.playbook("work", "steps:\n" + MARK.format(name) + waiting("slow"))
    child = terminal("run", "--playbook", "work", columns=40)
    child.expect("slow")
    project.touch("slow.go")
    text = ESCAPE.sub("", end_of(child))
    assert child.exitstatus == 0
    tree = [line for line in re.split(r"[\r\n]+", text) if line.startswith("✓ a-step")]
    assert tree
    assert all(len(line) < 40 for line in tree)
    assert all(line.endswith(" s") for line in tree)


def test_no_color_means_none(project, terminal) -> None:
    project.playbook("one", "steps:\n" + MARK.format("one"))
    child = terminal("run", "--playbook", "one", NO_COLOR="1")
    text = end_of(child)
    assert re.findall(r"\x1b\[[0-9;]*m", text) == []
    coloured = terminal("run", "--playbook", "one")
    assert "\x1b[32m" in end_of(coloured)


def test_a_dumb_terminal_gets_plain_lines(project, terminal) -> None:
    project.playbook("one", "steps:\n" + MARK.format("one"))
    text = end_of(terminal("run", "--playbook", "one", TERM="dumb"))
    assert "\x1b" not in text
    assert "one succeeded" in text


def test_missing_parameters_are_asked_for(project, terminal) -> None:
    text = "parameters:\n  - {name: who, required: true, description: whom to greet}\n"
    text += "  - {name: token, required: true, secret: true}\n"
    shell = "  - shell: echo ${who} >> effects\n"
    shell += "  - env: {T: '${token}'}\n    shell: 'test $T = hidden1'\n"
    project.playbook("hi", text + "steps:\n" + shell)
    child = terminal("run", "--playbook", "hi")
    child.expect(r"who \(whom to greet\):")
    child.sendline("ada")
    child.expect("token:")
    child.sendline("hidden1")
    rest = end_of(child)
    assert child.exitstatus == 0, rest
    assert "hidden1" not in rest
    assert project.lines("effects") == ["ada"]


def test_a_wrong_answer_is_asked_for_again(project, terminal) -> None:
    text = "parameters:\n  - {name: count, type: integer, required: true}\n"
    project.playbook("hi", text + "steps:\n  - shell: echo ${count} >> effects\n")
    child = terminal("run", "--playbook", "hi")
    child.expect("count:")
    child.sendline("many")
    child.expect("count must be a whole number, not `many`")
    child.expect("count:")
    child.sendline("3")
    end_of(child)
    assert child.exitstatus == 0
    assert project.lines("effects") == ["3"]


def test_a_protected_environment_is_asked_about(project, terminal) -> None:
    project.playbook("one", "steps:\n" + MARK.format("one"))
    project.write("environments/production.yaml", "protected: true\n")
    refusing = terminal("run", "--playbook", "one", "--environment", "production")
    refusing.expect("protected.*y/N")
    refusing.sendline("n")
    end_of(refusing)
    assert refusing.exitstatus == 5
    assert project.lines("effects") == []
    agreeing = terminal("run", "--playbook", "one", "--environment", "production")
    agreeing.expect("y/N")
    agreeing.sendline("y")
    end_of(agreeing)
    assert agreeing.exitstatus == 0
    assert project.lines("effects") == ["one"]


def test_control_c_cancels(project, terminal, waiting) -> None:
    project.playbook("work", "steps:\n" + waiting("slow") + MARK.format("after"))
    child = terminal("run", "--playbook", "work")
    project.wait_for_file("slow.started")
    child.sendintr()
    end_of(child)
    assert child.exitstatus == 130
    assert project.workflow(project.newest())["state"] == "cancelled"
    assert project.lines("effects") == []


def test_a_terminal_that_goes_away_leaves_the_journal_whole(
    project, terminal, waiting, until
) -> None:
    project.playbook("work", "steps:\n" + waiting("slow") + MARK.format("after"))
    child = terminal("run", "--playbook", "work")
    project.wait_for_file("slow.started")
    child.close(force=False)
    until(lambda: not child.isalive(), "the end of the run")
    project.touch("slow.go")
    until(lambda: project.lines("effects")[:1] == ["slow"], "the step's end")
    if project.workflow(project.newest())["state"] == "running":
        project.ok("resume", "--workflow", "current")
    project.wait_for_state("succeeded")
    assert project.lines("effects") == ["slow", "after"]
    assert len(project.lines("slow.started")) == 1


def test_step_by_step_asks_before_each_step(project, terminal) -> None:
    project.playbook("two", "steps:\n" + MARK.format("one") + MARK.format("two"))
    child = terminal("run", "--playbook", "two", "--step-by-step")
    child.expect(r"run one\? .*bort: ")
    assert project.lines("effects") == []
    child.sendline("y")
    child.expect(r"run two\? .*bort: ")
    assert project.lines("effects") == ["one"]
    child.sendline("s")
    rest = end_of(child)
    assert child.exitstatus == 0, rest
    assert project.lines("effects") == ["one"]
    assert project.states()["two"] == "skipped"


@pytest.fixture
def asked(project, terminal) -> pexpect.spawn:
    """A run that asks about its first step."""
    text = "steps:\n" + MARK.format("one") + "finally:\n  - shell: echo cleaned >> effects\n"
    project.playbook("one", text)
    child = terminal("run", "--playbook", "one", "--step-by-step")
    child.expect(r"run one\? .*bort: ")
    return child


def test_control_c_at_the_question_cancels_at_once(project, asked) -> None:
    asked.sendintr()
    end_of(asked)
    assert asked.exitstatus == 130
    assert project.workflow()["state"] == "cancelled"
    assert project.lines("effects") == ["cleaned"]


def test_a_cancel_from_elsewhere_ends_the_question(project, asked) -> None:
    project.ok("cancel", f"WF-{YEAR}-001")
    asked.expect("cancelled by")
    assert "error" not in end_of(asked)
    assert asked.exitstatus == 130
    assert project.lines("effects") == ["cleaned"]


def test_what_is_no_answer_is_asked_again(project, asked) -> None:
    asked.sendline("perhaps")
    asked.expect(r"run one\? .*bort: ")
    asked.sendline("y")
    end_of(asked)
    assert asked.exitstatus == 0
    assert project.lines("effects") == ["one", "cleaned"]


def test_the_end_of_input_leaves_the_question_open(project, asked) -> None:
    asked.sendeof()
    end_of(asked)
    assert asked.exitstatus == 4
    assert project.workflow()["state"] == "waiting"
    assert project.ok("cancel", f"WF-{YEAR}-001").out == f"WF-{YEAR}-001 was cancelled\n"


def test_an_abort_leaves_nothing_behind(project, asked) -> None:
    asked.sendline("a")
    end_of(asked)
    assert asked.exitstatus == 130
    findings = project.ok("doctor", "--json").json
    assert [one for one in findings if one["level"] != "good"] == []


def test_step_by_step_needs_somebody_to_ask(project) -> None:
    project.playbook("one", "steps:\n" + MARK.format("one"))
    done = project("run", "--playbook", "one", "--step-by-step")
    assert done.code == 2
    assert "nobody can be asked" in done.err


def test_after_control_c_it_says_what_another_does(project, terminal, waiting) -> None:
    text = "steps:\n" + waiting("one") + "finally:\n" + waiting("slow")
    project.playbook("work", text)
    child = terminal("run", "--playbook", "work")
    project.wait_for_file("one.started")
    child.sendintr()
    child.expect("cancelling; .*C again also stops undoing and finally")
    project.wait_for_file("slow.started")
    project.touch("slow.go")
    rest = ESCAPE.sub("", end_of(child))
    assert child.exitstatus == 130
    assert f"orchestrate resume --workflow WF-{YEAR}-001" in rest
    assert "orchestrate cancel" not in rest


def test_a_pause_is_shown_with_its_reason_and_the_way_on(project, terminal, waiting) -> None:
    project.playbook("work", "steps:\n" + waiting("slow") + MARK.format("after"))
    child = terminal("run", "--playbook", "work", columns=100)
    project.wait_for_file("slow.started")
    project.ok("pause", f"WF-{YEAR}-001", "--reason", "lunch")
    child.expect("pausing: lunch")
    project.touch("slow.go")
    child.expect(f"go on: orchestrate resume --workflow WF-{YEAR}-001   paused: lunch")
    project.ok("resume", f"WF-{YEAR}-001")
    end_of(child)
    assert child.exitstatus == 0


def test_control_z_shows_the_cursor_again(project, terminal, waiting, until) -> None:
    """Under a shell with job control, as a person has one."""
    project.playbook("work", "steps:\n" + waiting("slow"))
    child = pexpect.spawn(
        "/bin/sh",
        cwd=str(project.root),
        env={**project.env, "TERM": "xterm-256color", "PS1": "ready> "},
        encoding="utf-8",
        timeout=120,
        dimensions=(24, 120),
    )
    try:
        child.sendline(f"set -m; {sys.executable} -m orchestrate run --playbook work")
        project.wait_for_file("slow.started")
        child.expect(r"\x1b\[\?25l")
        child.send("\x1a")
        child.expect(r"\x1b\[\?25h")
        child.expect("ready> ")
        child.sendline("fg")
        child.expect(r"\x1b\[\?25l")
        project.touch("slow.go")
        child.expect("succeeded")
        child.expect(r"ready> ")
    finally:
        child.close(force=True)
