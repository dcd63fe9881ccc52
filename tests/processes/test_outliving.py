"""Engines, supervisors and slots that are killed: what goes on, what is known, what is refused."""

import os
import signal
import socket
import sys
from pathlib import Path

import pytest
from processes.conftest import SLEEPS

from orchestrate.processes import leftovers, records
from orchestrate.processes.client import (
    FencedError,
    Supervisor,
    SupervisorGoneError,
    SupervisorStuckError,
)
from orchestrate.processes.supervising.system import system

_ENGINE = """
import sys, time
from pathlib import Path
from orchestrate.processes.client import Supervisor
from orchestrate.processes.launch import Launch
folder = sys.argv[1]
supervisor = Supervisor.start(Path(folder) / "supervisors" / "S2")
supervisor.send_launch(Launch(
    attempt="WF-2026-007/1", workflow="WF-2026-007", epoch=1,
    argv=("/bin/sh", "-c", sys.argv[2]), env={"PATH": "/usr/bin:/bin"},
    workdir=folder, log=f"{folder}/logs/crashed", deadline=float(sys.argv[3]) or None, grace=1.0,
    masks=(), output_limit=1000000, tails=("stdout",)))
time.sleep(600)
"""
_UNTIL_GO = "echo $$ > pid; while [ ! -e go ]; do sleep 0.02; done; "


@pytest.fixture
def crashed(lab):
    """Runs a step under an engine that is then killed; gives the supervisor's directory."""

    def crash(script: str, deadline: float = 0) -> Path:
        pid = os.posix_spawn(
            sys.executable,
            [sys.executable, "-c", _ENGINE, str(lab.folder), script, str(deadline)],
            os.environ,
        )
        lab.pid_in("pid")
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return lab.folder / "supervisors" / "S2"

    return crash


def adopt(lab, directory: Path, epoch: int = 2) -> Supervisor:
    supervisor = Supervisor.attach(directory)
    assert supervisor is not None
    lab.supervisor.close(detach=False)
    lab.supervisor = supervisor
    assert supervisor.fence("WF-2026-007", epoch) == ("WF-2026-007/1",)
    return supervisor


def test_a_step_outlives_its_engine_and_is_picked_up(lab, crashed) -> None:
    directory = crashed(_UNTIL_GO + "echo done; exit 6")
    adopt(lab, directory)
    started = lab.wait_for("WF-2026-007/1", "started")
    assert started.pid == lab.pid_in("pid")
    (lab.folder / "go").touch()
    report = lab.wait_for("WF-2026-007/1")
    assert (report.exit_code, report.stdout, report.pid) == (6, "done\n", started.pid)


def test_a_step_that_ended_meanwhile_is_reported_once_acknowledged_it_is_forgotten(
    lab, crashed
) -> None:
    directory = crashed(_UNTIL_GO + "exit 0")
    supervisor = adopt(lab, directory)
    (lab.folder / "go").touch()
    assert lab.wait_for("WF-2026-007/1").exit_code == 0
    again = Supervisor.attach(directory)
    assert again is not None
    assert again.fence("WF-2026-007", 3) == ("WF-2026-007/1",)
    lab.eventually(lambda: again.receive(), "the end is reported to the new engine too")
    again.acknowledge("WF-2026-007/1")
    assert again.fence("WF-2026-007", 3) == ()
    again.close()
    del supervisor


def test_a_supervisor_without_engine_ends_with_its_last_step(lab, crashed) -> None:
    directory = crashed(_UNTIL_GO + "echo v=1 > $ORCHESTRATE_OUTPUT; echo out; exit 5")
    (lab.folder / "go").touch()
    lab.eventually(lambda: not records.is_in_use(directory))
    assert Supervisor.attach(directory) is None
    report = records.read_records(directory)["WF-2026-007/1"]
    assert (report.phase, report.exit_code, report.output) == ("finished", 5, "v=1\n")
    assert report.stdout == "out\n"
    assert records.boot_id(directory) == system.boot_id()
    header = records.read_header(directory)
    assert header is not None
    assert not Path(header.folder).exists()
    assert records.discard(directory) is True
    assert not directory.exists()


def test_a_large_outcome_survives_as_well(lab, crashed) -> None:
    directory = crashed(_UNTIL_GO + "seq 1 5000; seq 1 50000 > $ORCHESTRATE_OUTPUT")
    (lab.folder / "go").touch()
    lab.eventually(lambda: not records.is_in_use(directory))
    report = records.read_records(directory)["WF-2026-007/1"]
    assert report.stdout.endswith("4999\n5000\n")
    assert report.output is not None
    assert report.output.endswith("49999\n50000\n")


def test_the_deadline_holds_without_an_engine(lab, crashed) -> None:
    directory = crashed("echo $$ > pid; exec sleep 600", deadline=1.0)
    pid = lab.pid_in("pid")
    lab.eventually(lambda: not records.is_in_use(directory))
    report = records.read_records(directory)["WF-2026-007/1"]
    assert (report.phase, report.timed_out) == ("finished", True)
    assert not lab.is_running(pid)


def test_lower_epochs_are_refused(lab) -> None:
    assert lab.supervisor.fence("WF-2026-001", 3) == ()
    report = lab.run("/bin/touch", str(lab.folder / "touched"), epoch=2)
    assert report.phase == "refused"
    assert report.message == ("another engine has taken WF-2026-001 over (epoch 3, this is 2)")
    assert not (lab.folder / "touched").exists()
    with pytest.raises(FencedError):
        lab.supervisor.fence("WF-2026-001", 2)
    assert lab.run("/bin/true", epoch=3).exit_code == 0


def test_repeated_attempts_are_refused(lab) -> None:
    assert lab.run("/bin/true", attempt="WF-2026-001/9").exit_code == 0
    report = lab.run("/bin/true", attempt="WF-2026-001/9")
    assert (report.phase, report.message) == (
        "refused",
        "attempt WF-2026-001/9 was launched before",
    )


def test_an_engine_that_was_fenced_off_cannot_stop_what_another_one_runs(lab) -> None:
    attempt = lab.shell("echo $$ > pid; while [ ! -e go ]; do sleep 0.02; done")
    lab.pid_in("pid")
    other = Supervisor.attach(lab.directory)
    assert other is not None
    assert other.fence("WF-2026-001", 2) == (attempt,)
    lab.supervisor.stop(attempt, "kill")
    lab.supervisor.fence("WF-2026-002", 1)
    lab.supervisor.close()
    lab.supervisor = other
    (lab.folder / "go").touch()
    assert lab.wait_for(attempt).stopped is False


def test_workflows_of_one_supervisor_belong_to_their_engines(lab) -> None:
    first = lab.shell(_UNTIL_GO, workflow="WF-2026-001")
    lab.pid_in("pid")
    other = Supervisor.attach(lab.directory)
    assert other is not None
    assert other.fence("WF-2026-002", 1) == ()
    (lab.folder / "go").touch()
    assert lab.wait_for(first).exit_code == 0
    other.close()


def test_a_supervisor_can_be_attached_to_while_it_starts(tmp_path: Path) -> None:
    first = Supervisor.start(tmp_path / "S1")
    second = Supervisor.attach(tmp_path / "S1")
    assert second is not None
    assert second.fence("WF-2026-001", 1) == ()
    second.close()
    first.close(detach=False)


def test_nobody_lives_in_an_empty_or_missing_directory(tmp_path: Path) -> None:
    assert Supervisor.attach(tmp_path) is None
    assert Supervisor.attach(tmp_path / "missing") is None
    assert records.boot_id(tmp_path / "missing") is None
    assert records.read_records(tmp_path) == {}


def test_a_directory_with_a_long_path(tmp_path: Path) -> None:
    directory = tmp_path / ("d" * 120) / "S1"
    first = Supervisor.start(directory)
    second = Supervisor.attach(directory)
    assert second is not None
    second.close()
    first.close(detach=False)


def test_directory_and_socket_are_private(lab) -> None:
    lab.run("/bin/true")
    assert lab.directory.stat().st_mode & 0o777 == 0o700
    assert (lab.directory / "socket").stat().st_mode & 0o777 == 0o600
    assert (lab.directory / "records").stat().st_mode & 0o777 == 0o600


def test_a_supervisor_with_nothing_open_removes_its_directory(lab) -> None:
    lab.wait_for(attempt := lab.launch("/bin/true"))
    lab.supervisor.acknowledge(attempt)
    lab.supervisor.close(detach=False)
    lab.eventually(lambda: not lab.directory.exists())


def test_argv_and_environment_never_reach_the_disk(lab) -> None:
    lab.run("/bin/true", "argument-4711", env={"VALUE": "variable-4711"})
    for path in lab.directory.iterdir():
        if path.is_file():
            assert b"4711" not in path.read_bytes()


def test_a_connection_that_talks_nonsense_harms_nobody(lab) -> None:
    attempt = lab.shell(_UNTIL_GO)
    lab.pid_in("pid")
    with socket.socket(socket.AF_UNIX) as stranger:
        folder = os.open(lab.directory, os.O_RDONLY)
        stranger.connect(f"/proc/self/fd/{folder}/socket")
        os.close(folder)
        stranger.sendall(b"\x05\x00\x00\x00\x01junk")
        assert stranger.recv(100) == b""
    (lab.folder / "go").touch()
    assert lab.wait_for(attempt).exit_code == 0


def test_memory_stays_bounded_whatever_a_step_writes(lab) -> None:
    attempt = lab.shell(
        "head -c 50000000 /dev/zero; echo $$ > pid; while [ ! -e go ]; do sleep 0.02; done",
        masks=("topsecret" * 5,),
        output_limit=20_000_000,
    )
    slot = lab.slot_of(lab.pid_in("pid"))
    status = Path(f"/proc/{slot}/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0])
    assert peak < 60_000
    (lab.folder / "go").touch()
    assert lab.wait_for(attempt).exit_code == 0


def test_a_retired_slot_can_be_ended_like_any_process(lab) -> None:
    report = lab.run_shell(f"echo $PPID > slot; sleep 600 & echo $! > pid; {SLEEPS}")
    slot, pid = lab.pid_in("slot"), lab.pid_in("pid")
    assert report.left_running == (f"{pid} sleep 600",)
    os.kill(slot, signal.SIGTERM)
    lab.eventually(lambda: not lab.is_running(slot))
    assert lab.is_running(pid)
    os.kill(pid, signal.SIGKILL)


def test_a_server_outlives_its_slot_and_the_end_of_another(lab) -> None:
    lab.run_shell("echo $PPID > slot; setsid sleep 600 & echo $! > pid")
    slot, server = lab.pid_in("slot"), lab.pid_in("pid")
    os.kill(slot, signal.SIGKILL)
    lab.eventually(lambda: lab.slot_of(server) == lab.supervisor_pid, "it came to the supervisor")
    (lab.folder / "pid").unlink()
    attempt = lab.shell("echo $$ > pid; exec sleep 600")
    pid = lab.pid_in("pid")
    os.kill(lab.slot_of(pid), signal.SIGKILL)
    assert lab.wait_for(attempt).phase == "lost"
    assert not lab.is_running(pid)
    assert lab.is_running(server)
    os.kill(server, signal.SIGKILL)


def test_a_signal_to_a_slot_stops_its_step_and_the_report_says_so(lab) -> None:
    attempt = lab.shell("echo $$ > pid; exec sleep 600")
    os.kill(lab.slot_of(lab.pid_in("pid")), signal.SIGTERM)
    report = lab.wait_for(attempt)
    assert (report.stopped, report.message) == (True, "stopped by a signal to its slot")


# --- supervisors that are killed


def kill_supervisor(lab) -> None:
    os.kill(lab.supervisor_pid, signal.SIGKILL)
    with pytest.raises(SupervisorGoneError):
        lab.eventually(lambda: lab.supervisor.receive() is None)
    lab.supervisor.close()


def test_slots_go_on_without_their_supervisor_and_can_be_waited_for(lab) -> None:
    attempt = lab.shell(_UNTIL_GO + "echo done; exit 3")
    lab.pid_in("pid")
    kill_supervisor(lab)
    assert records.read_records(lab.directory)[attempt].phase == "started"
    lab.supervisor = Supervisor.attach(lab.directory)
    assert lab.supervisor is not None
    assert lab.supervisor.fence("WF-2026-001", 2) == (attempt,)
    (lab.folder / "go").touch()
    report = lab.wait_for(attempt)
    assert (report.exit_code, report.stdout) == (3, "done\n")
    assert Supervisor.attach(lab.directory) is None


def test_a_slot_without_supervisor_is_not_waited_for_when_its_step_left_a_server(lab) -> None:
    server = (
        "sh -c 'echo $$ > server; until [ -e on ]; do sleep 0.02; done; echo late; echo > late'"
    )
    attempt = lab.shell(_UNTIL_GO + f"{server} &")
    lab.pid_in("pid")
    kill_supervisor(lab)
    lab.supervisor = Supervisor.attach(lab.directory)
    (lab.folder / "go").touch()
    report = lab.wait_for(attempt)
    server_pid = lab.pid_in("server")
    assert (report.phase, report.exit_code) == ("finished", 0)
    assert [line.split()[0] for line in report.left_running][:1] == [str(server_pid)]
    (lab.folder / "on").touch()
    lab.eventually((lab.folder / "late").exists, "it wrote without dying of SIGPIPE")


@pytest.mark.parametrize("reason", ["stop", "timeout"])
def test_slots_without_their_supervisor_can_be_stopped(lab, reason: str) -> None:
    attempt = lab.shell("echo $$ > pid; exec sleep 600")
    pid = lab.pid_in("pid")
    kill_supervisor(lab)
    lab.supervisor = Supervisor.attach(lab.directory)
    lab.supervisor.stop(attempt, reason)
    report = lab.wait_for(attempt)
    assert (report.phase, report.stopped) == ("finished", True)
    assert report.timed_out is (reason == "timeout")
    assert not lab.is_running(pid)


def test_a_slot_that_is_killed_leaves_an_unknown_outcome_and_no_process(lab) -> None:
    attempt = lab.shell("(setsid sh -c 'echo $$ > pid; exec sleep 600' &); exec sleep 600")
    orphan = lab.pid_in("pid")
    started = lab.wait_for(attempt, "started")
    os.kill(lab.slot_of(started.pid), signal.SIGKILL)
    report = lab.wait_for(attempt)
    assert (report.phase, report.exit_code, report.survivors) == ("lost", None, ())
    assert records.read_records(lab.directory)[attempt].phase == "lost"
    assert not lab.is_running(started.pid)
    assert not lab.is_running(orphan)
    assert lab.run_shell("exit 2").exit_code == 2


def test_what_nobody_watches_any_more_is_found_and_stopped(lab) -> None:
    attempt = lab.shell("(setsid sh -c 'echo $$ > pid; exec sleep 600' &); exec sleep 600")
    orphan = lab.pid_in("pid")
    started = lab.wait_for(attempt, "started")
    slot = lab.slot_of(started.pid)
    supervisor = lab.supervisor_pid
    os.kill(supervisor, signal.SIGSTOP)
    os.kill(slot, signal.SIGKILL)
    os.kill(supervisor, signal.SIGKILL)
    lab.eventually(lambda: not records.is_in_use(lab.directory))
    assert Supervisor.attach(lab.directory) is None
    assert records.read_records(lab.directory)[attempt].phase == "started"
    assert lab.is_running(orphan)
    left = {f"{orphan} sleep 600", f"{started.pid} sleep 600"}
    lab.eventually(lambda: set(leftovers.find_leftovers(lab.directory)) == left)
    assert leftovers.stop_leftovers(lab.directory, (attempt,)) == {}
    assert not lab.is_running(orphan)
    assert not lab.is_running(started.pid)


def test_nothing_is_concluded_about_a_supervisor_that_does_not_answer(
    lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestrate.processes.client._ANSWER_PATIENCE", 0.1)
    lab.run("/bin/true")
    supervisor = lab.supervisor_pid
    os.kill(supervisor, signal.SIGSTOP)
    other = Supervisor.attach(lab.directory)
    assert other is not None
    with pytest.raises(SupervisorStuckError):
        other.fence("WF-2026-001", 2)
    os.kill(supervisor, signal.SIGCONT)
    other.close()


def test_nothing_is_concluded_about_slots_that_are_stopped(
    lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestrate.processes.client._ORPHAN_PATIENCE", 0.1)
    slot = int(lab.run_shell("echo $PPID").stdout)
    os.kill(slot, signal.SIGSTOP)
    kill_supervisor(lab)
    with pytest.raises(SupervisorStuckError):
        Supervisor.attach(lab.directory)
    os.kill(slot, signal.SIGCONT)
    lab.eventually(lambda: not records.is_in_use(lab.directory))
    assert Supervisor.attach(lab.directory) is None


def test_leftovers_that_a_slot_watches_over_are_ended_by_it(lab) -> None:
    attempt = lab.shell("trap '' TERM; echo $$ > pid; while :; do sleep 0.1; done", grace=600.0)
    pid = lab.pid_in("pid")
    kill_supervisor(lab)
    assert leftovers.stop_leftovers(lab.directory, (attempt,)) == {}
    assert not lab.is_running(pid)
    assert records.read_records(lab.directory)[attempt].stopped is True


def test_a_directory_in_use_is_not_discarded(lab) -> None:
    lab.run("/bin/true")
    assert records.discard(lab.directory) is False
    assert lab.run("/bin/true").exit_code == 0


def test_damaged_records_are_no_records(lab) -> None:
    attempt = lab.launch("/bin/true")
    lab.wait_for(attempt)
    lab.supervisor.close()
    lab.eventually(lambda: not records.is_in_use(lab.directory))
    path = lab.directory / "records"
    data = bytearray(path.read_bytes())
    data[1024 + 20] ^= 0xFF
    path.write_bytes(data)
    assert records.read_records(lab.directory) == {}
    assert records.boot_id(lab.directory) == system.boot_id()
