"""What systems without /proc and subreapers use, on what `ps` and process groups say here."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

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
    until = time.monotonic() + 10
    while not (tmp_path / "child").exists() or not (tmp_path / "child").read_text():
        assert time.monotonic() < until
        time.sleep(0.005)
    portable.remember(pid)
    yield pid, int((tmp_path / "child").read_text())
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
    until = time.monotonic() + 10
    while not portable.tree_is_empty():
        assert time.monotonic() < until
        time.sleep(0.005)


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
