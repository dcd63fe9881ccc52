"""Against a real SSH server on loopback that runs real shells."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from polling import eventually

from orchestrate.commands.registry import Registry
from orchestrate.commands.remote import forwarded
from orchestrate.project.environments import read_environment
from orchestrate.project.find import find_project


class SshServer:
    """The server's process, and where its files are."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        self.home = directory / "home"
        self.identity = directory / "id"
        self.known_hosts = directory / "known_hosts"
        program = Path(__file__).with_name("ssh_server.py")
        self.process = subprocess.Popen(
            [sys.executable, str(program), str(directory)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def close(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=120)


@pytest.fixture
def ssh(tmp_path: Path) -> Iterator[SshServer]:
    server = SshServer(tmp_path / "ssh")
    yield server
    server.close()


@pytest.fixture
def call(project: Any, ssh: SshServer) -> Callable[..., list[str]]:
    def words(*arguments: str, argv: str = '["/bin/sh", "-c"]', extra: str = "") -> list[str]:
        project.settings(
            f'[commands.infra]\nssh = "127.0.0.1:{ssh.port}"\nargv = {argv}\n'
            f'identity = "{ssh.identity}"\nknown_hosts = "{ssh.known_hosts}"\n{extra}'
        )
        found = find_project(project.root, {})
        registry = Registry(found, read_environment(found, "dev"), os.environ["PATH"])
        return list(registry.resolve(["/infra", *arguments]).argv)

    return words


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_command_runs_there_with_its_arguments_and_exit_code(
    project: Any, ssh: SshServer, call: Callable[..., list[str]]
) -> None:
    script = 'pwd; printf "<%s>" "$@"; echo err >&2; exit 7'
    hostile = ["a b", "", "$(touch pwned)", "it's", "two\nlines", "--help"]
    done = subprocess.run(
        call(script, "sh", *hostile),
        env=project.env({}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 7, done.stderr
    assert done.stdout == f"{ssh.home}\n<a b><><$(touch pwned)><it's><two\nlines><--help>"
    assert done.stderr == "err\n"
    assert list(ssh.home.iterdir()) == []


def test_parameters_and_the_steps_own_variables_travel_and_output_comes_back(
    project: Any, call: Callable[..., list[str]], tmp_path: Path
) -> None:
    script = (
        'echo "$PARAM_NOTE/$TOKEN/$ORCHESTRATE_STEP/${PRIVATE-unset}"; '
        'echo "url=http://there" >"$ORCHESTRATE_OUTPUT"; dirname "$ORCHESTRATE_OUTPUT"'
    )
    done = subprocess.run(
        call(script),
        env=project.env(
            {
                "PARAM_NOTE": "it's\ntwo",
                "TOKEN": "hunter22",
                "ORCHESTRATE_STEP": "deploy",
                "ORCHESTRATE_FORWARD": "TOKEN",
                "PRIVATE": "stays here",
            }
        ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, directory = done.stdout.rsplit("\n", 2)[:2]
    assert first == "it's\ntwo/hunter22/deploy/unset"
    assert project.output.read_text() == "url=http://there\n"
    assert not Path(directory).exists()


def test_it_runs_in_the_directory_that_the_settings_name(
    project: Any, ssh: SshServer, call: Callable[..., list[str]]
) -> None:
    (ssh.home / "app").mkdir()
    argv = call("pwd", extra='workdir = "app"\n')
    done = subprocess.run(argv, env=project.env({}), capture_output=True, timeout=120, check=False)
    assert done.stdout.decode().strip() == f"{ssh.home}/app"


TREE = (
    "trap '' TERM; echo $$ >pids; "
    "sleep 600 & echo $! >>pids; "
    "setsid sh -c 'echo $$ >>pids; sleep 600; :' & "
    "wait; wait; wait; sleep 600"
)


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGKILL])
def test_stopping_it_ends_the_whole_tree_over_there(
    project: Any, ssh: SshServer, call: Callable[..., list[str]], signal_number: int
) -> None:
    argv = call(TREE, extra="grace = 1\n")
    process = subprocess.Popen(argv, env=project.env({}), stderr=subprocess.PIPE)
    pids = ssh.home / "pids"
    eventually(lambda: pids.exists() and len(pids.read_text().split()) == 3)
    started = [int(pid) for pid in pids.read_text().split()]
    assert all(map(is_running, started))
    process.send_signal(signal_number)
    eventually(lambda: not any(map(is_running, started)))
    process.communicate(timeout=120)
    expected = 143 if signal_number == signal.SIGTERM else -signal.SIGKILL
    assert process.returncode == expected


def test_a_daemon_left_behind_does_not_hold_the_step(
    project: Any, ssh: SshServer, call: Callable[..., list[str]]
) -> None:
    argv = call("sleep 600 & echo $!")
    done = subprocess.run(argv, env=project.env({}), capture_output=True, timeout=120, check=False)
    assert done.returncode == 0
    daemon = int(done.stdout)
    assert is_running(daemon)
    os.kill(daemon, signal.SIGKILL)


def test_a_host_that_cannot_be_reached_is_a_clear_error(project: Any, tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "orchestrate.commands.remote", "--host", "127.0.0.1:1"]
    done = subprocess.run(
        [*argv, "--", "true"],
        env=project.env({}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 255
    assert done.stderr.startswith("cannot run on 127.0.0.1:1: ")
    assert "Traceback" not in done.stderr


def test_an_unknown_host_key_is_refused(
    project: Any, ssh: SshServer, call: Callable[..., list[str]]
) -> None:
    argv = call("true")
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    ssh.known_hosts.write_text(f"[127.0.0.1]:{ssh.port} {other}")
    done = subprocess.run(
        argv, env=project.env({}), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 255
    assert "Host key" in done.stderr


def test_only_what_concerns_the_call_is_forwarded() -> None:
    env = {
        "PATH": "/bin",
        "PARAM_A": "1",
        "ORCHESTRATE_WORKFLOW": "WF-2026-001",
        "ORCHESTRATE_STATE_DIR": "/state",
        "ORCHESTRATE_FORWARD": "MINE,odd-name",
        "MINE": "x",
        "odd-name": "y",
    }
    assert forwarded(env) == {"PARAM_A": "1", "ORCHESTRATE_WORKFLOW": "WF-2026-001", "MINE": "x"}
