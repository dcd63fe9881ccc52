"""Processes are named by pid, start time and boot."""

import os
import signal

from orchestrate.processes import host
from orchestrate.processes.launch import Report
from orchestrate.processes.supervising import wire


def test_this_process_is_alive() -> None:
    start = host.process_start_time(os.getpid())
    assert start is not None
    assert host.is_alive(os.getpid(), start) is True
    assert host.is_alive(os.getpid(), start - 1) is False


def test_a_zombie_is_not_alive() -> None:
    pid = os.posix_spawn("/bin/sleep", ["sleep", "600"], {})
    start = host.process_start_time(pid)
    assert start is not None
    assert host.is_alive(pid, start) is True
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert host.is_alive(pid, start) is False
    os.waitpid(pid, 0)
    assert host.process_start_time(pid) is None


def test_the_boot_has_one_name() -> None:
    assert host.boot_id() == host.boot_id()
    assert len(host.boot_id()) > 10


def test_the_wire_and_the_engine_agree_on_what_a_report_is() -> None:
    assert tuple(wire.REPORT_DEFAULTS) == Report._fields
    assert Report(*wire.report("a", "finished")) == Report("a", "finished")
    assert Report(*wire.report_of_start("a", "started", 7, 1.5)) == Report(
        "a", "started", pid=7, started_at=1.5
    )
