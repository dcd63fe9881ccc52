"""After a timeout, a stop or a failure everything that a step started is gone."""

import os
import signal
import sys
import time
from pathlib import Path

from processes.conftest import SLEEPS

from orchestrate.processes.supervising import vigil
from orchestrate.processes.supervising.system import system

_IGNORES_TERM = "trap '' TERM; echo $$ > pid; while :; do sleep 0.05; done"


def test_stop(lab) -> None:
    attempt = lab.shell("echo $$ > pid; exec sleep 60")
    pid = lab.pid_in("pid")
    lab.supervisor.stop(attempt, "stop")
    report = lab.wait_for(attempt)
    assert (report.stopped, report.timed_out) == (True, False)
    assert report.exit_code == 128 + signal.SIGTERM
    assert report.survivors == ()
    assert not lab.is_running(pid)


def test_a_process_may_end_in_its_own_way_within_the_grace(lab) -> None:
    attempt = lab.shell("trap 'echo bye; exit 7' TERM; echo $$ > pid; while :; do sleep 0.02; done")
    lab.pid_in("pid")
    lab.supervisor.stop(attempt, "stop")
    report = lab.wait_for(attempt)
    assert (report.stopped, report.exit_code, report.stdout) == (True, 7, "bye\n")


def test_what_ignores_term_is_killed_after_the_grace(lab) -> None:
    attempt = lab.shell(_IGNORES_TERM, grace=0.2)
    pid = lab.pid_in("pid")
    lab.supervisor.stop(attempt, "stop")
    assert lab.wait_for(attempt).exit_code == 128 + signal.SIGKILL
    assert not lab.is_running(pid)


def test_kill_leaves_no_grace(lab) -> None:
    attempt = lab.shell(_IGNORES_TERM, grace=600.0)
    lab.pid_in("pid")
    lab.supervisor.stop(attempt, "stop")
    lab.supervisor.stop(attempt, "kill")
    assert lab.wait_for(attempt).exit_code == 128 + signal.SIGKILL


def test_deadline(lab) -> None:
    report = lab.run_shell("sleep 60", deadline=0.1)
    assert (report.timed_out, report.stopped) == (True, True)
    assert report.exit_code == 128 + signal.SIGTERM
    assert 0.1 <= report.finished_at - report.started_at < 50


def test_a_timeout_that_the_engine_asks_for(lab) -> None:
    attempt = lab.shell("echo $$ > pid; exec sleep 60")
    lab.pid_in("pid")
    lab.supervisor.stop(attempt, "timeout")
    assert lab.wait_for(attempt).timed_out is True


def test_double_fork_in_a_session_of_its_own(lab) -> None:
    attempt = lab.shell("(setsid sh -c 'echo $$ > pid; exec sleep 60' &) ; sleep 60")
    pid = lab.pid_in("pid")
    lab.supervisor.stop(attempt, "stop")
    lab.wait_for(attempt)
    assert not lab.is_running(pid)


def test_double_fork_that_ignores_term(lab) -> None:
    (lab.folder / "stubborn").write_text(_IGNORES_TERM)
    attempt = lab.shell("(setsid sh stubborn &) & sleep 60", grace=0.1)
    pid = lab.pid_in("pid")
    lab.supervisor.stop(attempt, "stop")
    lab.wait_for(attempt)
    assert not lab.is_running(pid)


def test_a_failure_leaves_nothing(lab) -> None:
    report = lab.run_shell("setsid sleep 60 & echo $! > pid; exit 4")
    assert (report.exit_code, report.stopped, report.left_running) == (4, False, ())
    assert not lab.is_running(lab.pid_in("pid"))


def test_a_stopped_child_goes_too(lab) -> None:
    attempt = lab.shell("sleep 60 & echo $! > pid; kill -STOP $!; wait")
    pid = lab.pid_in("pid")
    lab.eventually(lambda: Path(f"/proc/{pid}/stat").read_text().split()[2] == "T", "it is stopped")
    lab.supervisor.stop(attempt, "stop")
    assert lab.wait_for(attempt).survivors == ()
    assert not lab.is_running(pid)


def test_a_stopped_child_that_ignores_term(lab) -> None:
    attempt = lab.shell("sh -c 'trap \"\" TERM; echo $$ > pid; kill -STOP $$; sleep 60'", grace=0.1)
    pid = lab.pid_in("pid")
    lab.supervisor.stop(attempt, "stop")
    lab.wait_for(attempt)
    assert not lab.is_running(pid)


_HOPPER = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
def hop(until):
    while time.monotonic() < until:
        if os.fork():
            os._exit(0)
        os.setsid()
until = time.monotonic() + 300
for _ in range(8):
    if os.fork() == 0:
        hop(until)
        os._exit(0)
open("hopping", "w").close()
time.sleep(60)
"""


def test_processes_that_fork_faster_than_they_are_found(lab) -> None:
    attempt = lab.launch(sys.executable, "-S", "-c", _HOPPER, grace=0.1)
    lab.eventually((lab.folder / "hopping").exists)
    begun = time.monotonic()
    lab.supervisor.stop(attempt, "stop")
    report = lab.wait_for(attempt)
    assert report.survivors == ()
    assert time.monotonic() - begun < 200


# --- what a success leaves on purpose


def test_a_success_may_leave_a_server_running(lab) -> None:
    report = lab.run_shell(f"setsid sleep 61 >/dev/null 2>&1 & echo $! > pid; {SLEEPS}")
    pid = lab.pid_in("pid")
    assert report.exit_code == 0
    assert report.left_running == (f"{pid} sleep 61",)
    assert lab.is_running(pid)
    (lab.folder / "pid").unlink()
    assert lab.run_shell("exit 3").exit_code == 3
    assert lab.is_running(pid)
    os.kill(pid, signal.SIGTERM)


def test_a_daemon_that_holds_the_pipe_does_not_hold_the_step(lab) -> None:
    script = "sh -c 'echo $$ > pid; while [ ! -e go ]; do sleep 0.02; done; echo late; echo > done'"
    report = lab.run_shell(f"echo early; {script} &")
    pid = lab.pid_in("pid")
    assert report.stdout == "early\n"
    assert [line.split()[0] for line in report.left_running][:1] == [str(pid)]
    (lab.folder / "go").touch()
    lab.eventually((lab.folder / "done").exists, "it wrote without dying of SIGPIPE")
    lab.eventually(lambda: not lab.is_running(pid))
    assert lab.log() == b"early\n"


def test_children_that_are_just_ending_are_not_left_running(lab) -> None:
    # On a busy machine it may take longer than a slot waits for such children.
    lab.eventually(lambda: lab.run_shell("sleep 0.01 &").left_running == ())


def test_closed_outputs(lab) -> None:
    report = lab.run_shell("exec >&- 2>&-; echo $$ > pid; sleep 0.1; exit 5")
    assert report.exit_code == 5


def test_a_stop_that_comes_together_with_the_launch(lab) -> None:
    assert lab.run_shell("exit 0").exit_code == 0  # there is a slot now, which waits
    os.kill(lab.supervisor_pid, signal.SIGSTOP)
    attempt = lab.shell("exec sleep 60")
    lab.supervisor.stop(attempt, "stop")
    os.kill(lab.supervisor_pid, signal.SIGCONT)
    report = lab.wait_for(attempt)
    assert (report.stopped, report.exit_code) == (True, 128 + signal.SIGTERM)


def test_what_nobody_can_ask_for_any_more_ends(lab) -> None:
    said = lab.folder / "vigil"
    with said.open("wb") as file:
        vigil.write(file.fileno())
    report = lab.run_shell("exec sleep 60", vigil=(str(said), 0.6))
    assert (report.stopped, report.exit_code) == (True, 128 + signal.SIGTERM)
    assert report.message.startswith("nobody could be reached for ")


def test_it_ends_without_engine_and_supervisor(lab) -> None:
    lab.shell("echo $$ > pid; exec sleep 60", vigil=(str(lab.folder / "missing"), 1.0))
    pid = lab.pid_in("pid")
    os.kill(lab.supervisor_pid, signal.SIGKILL)
    lab.eventually(lambda: not lab.is_running(pid), "its slot ended it")


def test_silence_is_counted_from_what_was_said_last(tmp_path: Path) -> None:
    said, begun = tmp_path / "vigil", system.elapsed() - 1000.0
    assert 1000.0 <= vigil.silence(str(said), begun) < 1100.0
    with said.open("wb") as file:
        vigil.write(file.fileno())
    assert 0.0 <= vigil.silence(str(said), begun) < 100.0
    said.write_text("of-another-boot 99999999.000")
    assert 1000.0 <= vigil.silence(str(said), begun) < 1100.0
    said.write_text(f"{system.boot_id()} ")
    assert vigil.silence(str(said), begun) == 0.0
