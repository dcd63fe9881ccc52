"""What Tab offers: in our shell, and in real ones."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
from this_year import YEAR

from orchestrate.cli.completing.candidates import Names, after_program, candidates

Terminal = tuple[pexpect.spawn, str]

NAMES = Names(
    playbooks=lambda: ["deploy", "nightly"],
    workflows=lambda: [f"WF-{YEAR}-002", f"WF-{YEAR}-001"],
    environments=lambda: ["dev", "staging"],
    commands=lambda: ["infra", "monitor"],
    schedules=lambda: ["every-night"],
    parameters=lambda playbook: ["version", "replicas"] if playbook == "deploy" else [],
    files=lambda start: [name for name in ("out.svg", "other.txt") if name.startswith(start)],
)


def words(text: str) -> list[str]:
    return [found.text for found in candidates(text, NAMES)]


def after(*given: str) -> list[str]:
    *before, current = given
    return [found.text for found in after_program(before, current, NAMES)]


def test_in_the_shell_verbs_options_playbooks_workflows_and_commands_are_known() -> None:
    assert words("sta") == ["status", "state"]
    assert words("/i") == ["/infra"]
    assert words("/orchestrate sche") == ["schedule", "schema"]
    assert words("run --play") == ["--playbook"]
    assert words("run --playbook ") == ["deploy", "nightly"]
    assert words("run --playbook d") == ["deploy"]
    assert words(f"status --workflow WF-{YEAR}-002 --work") == []
    assert words("resume --workflow c") == ["current"]
    assert words("pause WF") == [f"WF-{YEAR}-002", f"WF-{YEAR}-001"]
    assert words("use s") == ["staging"]
    assert words("graph deploy --format m") == ["mermaid"]
    assert words("graph deploy --output o") == ["out.svg", "other.txt"]
    assert words("nonsense --pl") == []


def test_an_argument_is_completed_by_what_it_means() -> None:
    assert words("schedule e") == ["every-night"]
    assert words("library n") == ["nightly"]
    assert words("schema s") == ["scenario", "settings"]
    assert words("init o") == ["out.svg", "other.txt"]
    assert words("token revoke d") == []


def test_parameters_are_those_of_the_playbook_that_the_line_names() -> None:
    assert words("run --playbook deploy --parameters v") == ["version="]
    assert words("run --playbook=deploy --parameters ") == ["version=", "replicas="]
    assert words("run --playbook nightly --parameters ") == []
    assert words("run --parameters ") == []


def test_after_the_program_no_verb_is_run() -> None:
    assert after("re") == ["resume", "rerun"]
    assert after("--playb") == ["--playbook"]
    assert after("--playbook", "d") == ["deploy"]
    assert after("--playbook=d") == ["deploy"]
    assert after("run", "--playbook", "=") == ["deploy", "nightly"]
    assert after("run", "--playbook", "=", "n") == ["nightly"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "playbooks" / "hello-there.yaml").write_text(
        "parameters: [{name: who, default: world}]\nsteps:\n  - command: echo ${who}\n"
    )
    return tmp_path


def asked(project: Path, shell: str, line: str, word: int, current: str = "") -> str:
    """What the program answers a shell, as its script asks."""
    variables = {
        **os.environ,
        "_ORCHESTRATE_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(word) if shell != "fish" else current,
    }
    done = subprocess.run(
        [sys.executable, "-m", "orchestrate"],
        cwd=project, env=variables, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout


def test_each_shell_is_answered_in_its_way(project: Path) -> None:
    line = "orchestrate run --playbook hello-"
    assert asked(project, "bash", line, 3) == "plain,hello-there\n"
    assert asked(project, "zsh", line, 3) == "plain\nhello-there\n_\n"
    assert asked(project, "fish", line, 3, "hello-") == "plain,hello-there\n"
    assert asked(project, "zsh", "orchestrate cance", 1) == (
        "plain\ncancel\nStop a workflow; what cleans up still runs.\n"
    )
    assert asked(project, "tcsh", line, 3) == ""


def test_a_broken_project_offers_nothing_and_says_nothing(project: Path) -> None:
    (project / "orchestrate.toml").write_text("this is no settings file\n")
    assert asked(project, "bash", "orchestrate run --playbook hello-", 3).strip() == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_asks_the_program(project: Path, shell: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "orchestrate", "completion", shell],
        cwd=project, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert f"_ORCHESTRATE_COMPLETE={shell}_complete" in done.stdout


STARTED = {
    "bash": (["--norc", "--noprofile", "-i"], 'eval "$(orchestrate completion bash)"'),
    "zsh": (
        ["-f", "-i"],
        'autoload -U compinit; compinit -D; eval "$(orchestrate completion zsh)"',
    ),
    "fish": (["--no-config", "-i"], "orchestrate completion fish | source"),
}
"""How each is started without anybody's settings, and what has it complete."""
INSTALLED = [shell for shell in STARTED if shutil.which(shell)]
"""`scripts/setup.sh` brings those that are missing, where it may."""


@pytest.fixture
def terminal(request: pytest.FixtureRequest, project: Path, tmp_path: Path) -> Iterator[Terminal]:
    programs = tmp_path / "programs"
    programs.mkdir()
    program = programs / "orchestrate"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m orchestrate "$@"\n')
    program.chmod(0o755)
    words, completes = STARTED[request.param]
    spawned = pexpect.spawn(
        request.param, words,
        cwd=str(project), dimensions=(24, 120), timeout=120, encoding="utf-8",
        env={"PATH": f"{programs}:/usr/bin:/bin", "TERM": "dumb", "PS1": "ready> ",
             "HOME": str(tmp_path), "LANG": "C.UTF-8"},
    )  # fmt: skip
    yield spawned, completes
    spawned.close(force=True)


@pytest.mark.parametrize("terminal", INSTALLED, indirect=True)
def test_tab_completes_in_a_real_shell(terminal: Terminal) -> None:
    shell, completes = terminal
    shell.send(f"{completes}; echo is-$(expr 1 + 1)\r")
    shell.expect("is-2")
    shell.send("orchestrate vali\t")
    shell.expect("validate ")
    shell.send("--playbook hello-\t")
    shell.expect("hello-there ")
    shell.send("\r")
    shell.expect("hello-there.yaml in dev: ")
