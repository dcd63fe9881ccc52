"""`orchestrate shell`: lines on standard input, and a real terminal."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
from this_year import YEAR

from orchestrate.cli.shell.reading import Line, understand
from orchestrate.errors import UsageError


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "commands").mkdir()
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "staging.yaml").write_text("variables: {}\n")
    (tmp_path / "playbooks" / "hello.yaml").write_text("steps:\n  - command: echo hello-there\n")
    infra = tmp_path / "commands" / "infra"
    infra.write_text('#!/bin/sh\necho "infra $* in $ORCHESTRATE_ENVIRONMENT"\ntest "$1" != fail\n')
    infra.chmod(0o755)
    return tmp_path


def fed(project: Path, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "orchestrate", "shell", *options],
        cwd=project, input=text, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", Line("nothing")),
        ("  # a remark", Line("nothing")),
        ("status --all", Line("verb", ("status", "--all"))),
        ("/orchestrate run --playbook x", Line("verb", ("run", "--playbook", "x"))),
        ("orchestrate", Line("verb", ("--help",))),
        ("--playbook x", Line("verb", ("--playbook", "x"))),
        ("/infra deploy --name 'a b'", Line("command", ("/infra", "deploy", "--name", "a b"))),
        ("quit", Line("own", ("exit",))),
        ("use staging", Line("own", ("use", "staging"))),
    ],
)
def test_a_line_is_a_verb_a_command_or_a_word_of_the_shell(text: str, meant: Line) -> None:
    assert understand(text, ["infra"]) == meant


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("statsu", "Did you mean `status`?"),
        ("infra deploy", "The command is `/infra`."),
        ("xyzzy", "`help` lists what can be said here."),
        ("run 'x", "A value with a space stands in quotes; a quote is closed by the same sign."),
    ],
)
def test_what_means_nothing_is_told_with_what_might_be_meant(text: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        understand(text, ["infra"])
    assert caught.value.hint == hint


def test_lines_are_read_from_standard_input_and_the_environment_is_kept(project: Path) -> None:
    done = fed(project, "use staging\n/infra deploy 'a b'\nrun --playbook hello\nexit\nnonsense\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "infra deploy a b in staging"
    assert "WF-" in done.stdout
    assert "hello in staging" in done.stdout


def test_the_first_line_that_fails_ends_it_with_its_code(project: Path) -> None:
    done = fed(project, "/infra fail\nhelp\n")
    assert (done.returncode, done.stdout) == (1, "infra fail in dev\n")
    assert fed(project, f"status --workflow WF-{YEAR}-999\n").returncode == 3
    assert fed(project, "statsu\n").returncode == 2
    assert fed(project, "/nothing\n").returncode == 2
    assert fed(project, "", "--environment", "stagin").returncode == 3


def test_a_command_can_hand_values_over_as_in_a_step(project: Path) -> None:
    command = project / "commands" / "greet"
    command.write_text('#!/bin/sh\nset -u\necho "said=$1" >> "$ORCHESTRATE_OUTPUT"\n'
                       'echo 50 > "$ORCHESTRATE_PROGRESS"\n')  # fmt: skip
    command.chmod(0o755)
    done = fed(project, "/greet hello\n/infra quiet\n")
    assert (done.returncode, done.stdout) == (0, "infra quiet in dev\n")
    assert done.stderr == "  output said = hello\n"


@pytest.fixture
def terminal(project: Path, tmp_path: Path) -> Iterator[pexpect.spawn]:
    spawned = pexpect.spawn(
        sys.executable, ["-m", "orchestrate", "shell"],
        cwd=str(project), dimensions=(24, 100), timeout=120, encoding="utf-8",
        env={"PATH": "/usr/bin:/bin", "TERM": "xterm", "HOME": str(tmp_path / "home"),
             "XDG_STATE_HOME": str(tmp_path / "states"), "LANG": "C.UTF-8",
             "PROMPT_TOOLKIT_NO_CPR": "1"},
    )  # fmt: skip
    yield spawned
    spawned.close(force=True)


def test_on_a_terminal_tab_completes_history_is_kept_and_control_d_leaves(
    terminal: pexpect.spawn, tmp_path: Path
) -> None:
    terminal.expect("orchestrate>")
    terminal.send("use stag\t")
    terminal.expect("ing")  # only what is new is drawn
    terminal.send("\r")
    terminal.expect(r"orchestrate \(staging\)>")
    terminal.send("/infra one\r")
    terminal.expect("infra one in staging")
    terminal.expect(r"orchestrate \(staging\)>")
    terminal.send(" /infra secret\r")
    terminal.expect("infra secret in staging")
    terminal.expect(r"orchestrate \(staging\)>")
    terminal.send("run --playbook hello\r")
    terminal.expect("succeeded")
    terminal.expect(r"orchestrate \(staging\)>")
    terminal.send("\x04")
    terminal.expect(pexpect.EOF)
    kept = (tmp_path / "states" / "orchestrate" / "shell-history").read_text()
    assert "+/infra one\n" in kept
    assert "secret" not in kept


def test_control_c_stops_what_runs_and_the_shell_goes_on(terminal: pexpect.spawn) -> None:
    terminal.expect("orchestrate>")
    terminal.send("half a line\x03")
    terminal.expect("orchestrate>")
    terminal.send("help\r")
    terminal.expect("use ENVIRONMENT")
    terminal.expect("orchestrate>")
    terminal.send("exit\r")
    terminal.expect(pexpect.EOF)
