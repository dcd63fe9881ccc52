"""What systems without /proc and subreapers use, on what `ps` and process groups say here."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from polling import eventually
from processes.conftest import SLEEPS

from orchestrate.processes import client, records
from orchestrate.processes.supervising import portable


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """A process that leads a session, and a child of it."""
    pid = os.posix_spawn(
        "/bin/sh",
        ["sh", "-c", f"sleep 600 & echo $! > {tmp_path}/child; wait"],
        {"PATH": "/usr/bin:/bin"},
        setsid=True,
    )
    child = int(eventually((tmp_path / "child").read_text, "the child"))
    # Until then it is forked, but still the shell.
    eventually(lambda: portable.describe(child) == f"{child} sleep 600", "the program")
    portable.remember(pid)
    yield pid, child
    portable.forget(pid)
    try:
        os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    except (ProcessLookupError, ChildProcessError):
        return


def test_descendants(tree: tuple[int, int]) -> None:
    pid, child = tree
    assert portable.children(pid) == [child]
    assert (child, pid) in portable.descendants(os.getpid())
    assert (child, pid) not in portable.descendants(os.getpid(), frozenset({pid, child}))


def test_orphans_are_found_by_their_group(tree: tuple[int, int]) -> None:
    pid, child = tree
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert portable.tree_is_empty() is False
    assert child in [found for found, _ in portable.descendants(os.getpid())]
    portable.signal_process(child, signal.SIGKILL, lambda _: True)
    eventually(portable.tree_is_empty, "nothing of the tree is left")


def test_a_signal_only_for_who_is_meant(tree: tuple[int, int]) -> None:
    _, child = tree
    portable.signal_process(child, signal.SIGKILL, lambda _: False)
    assert portable.is_running(child) is True
    assert portable.parent(child) == tree[0]


def test_facts_about_a_process(tree: tuple[int, int]) -> None:
    pid, child = tree
    assert portable.describe(child) == f"{child} sleep 600"
    assert portable.session(child) == pid
    started_at = portable.started_at(child)
    assert started_at is not None
    assert abs(started_at - time.time()) < 60
    assert portable.is_running(2**22 + 1) is False
    assert portable.start_time(2**22 + 1) is None
    assert os.getpid() in portable.all_processes()


_PROGRAM = """
import sys
sys.platform = "other"
__file__ = {main!r}
exec(compile(open(__file__).read(), __file__, "exec"))
"""


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The supervisor believes that it runs on a system that it knows nothing about."""
    program = tmp_path / "main.py"
    program.write_text(_PROGRAM.format(main=client._PROGRAM))
    monkeypatch.setattr(client, "_PROGRAM", str(program))


def test_steps_run_and_fail(elsewhere: None, lab) -> None:
    assert lab.run("/bin/true").exit_code == 0
    report = lab.run_shell("echo out; echo err >&2; exit 3")
    assert (report.exit_code, report.stdout, report.stderr) == (3, "out\n", "err\n")


def test_a_failure_leaves_nothing_of_its_group(elsewhere: None, lab) -> None:
    leaves = "(sleep 600 & echo $! > pid) & until test -s pid; do sleep 0.01; done; exit 4"
    assert lab.run_shell(leaves).exit_code == 4
    assert not lab.is_running(lab.pid_in("pid"))


def test_stopping_with_an_orphan_that_ignores_term(elsewhere: None, lab) -> None:
    (lab.folder / "stubborn").write_text("trap '' TERM; echo $$ > pid; while :; do sleep 0.1; done")
    attempt = lab.shell("(sh stubborn &) ; sleep 600", grace=0.1)
    pid = lab.pid_in("pid")
    lab.supervisor.stop(attempt, "stop")
    report = lab.wait_for(attempt)
    assert (report.stopped, report.survivors) == (True, ())
    assert not lab.is_running(pid)


def test_what_a_success_leaves_is_listed(elsewhere: None, lab) -> None:
    report = lab.run_shell(f"sleep 600 >/dev/null 2>&1 & echo $! > pid; {SLEEPS}")
    pid = lab.pid_in("pid")
    assert report.left_running == (f"{pid} sleep 600",)
    os.kill(pid, signal.SIGKILL)


def test_slots_stop_their_steps_when_the_supervisor_is_killed(elsewhere: None, lab) -> None:
    attempt = lab.shell("echo $$ > pid; exec sleep 600")
    pid = lab.pid_in("pid")
    os.kill(os.getpgid(lab.slot_of(pid)), signal.SIGKILL)
    lab.eventually(lambda: not records.is_in_use(lab.directory))
    report = records.read_records(lab.directory)[attempt]
    assert (report.phase, report.stopped) == ("finished", True)
    assert not lab.is_running(pid)
