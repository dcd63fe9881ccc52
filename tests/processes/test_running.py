"""What a process gets, and what is reported of it."""

import signal
import sys
from pathlib import Path

from orchestrate.processes import output_log


def test_success(lab) -> None:
    report = lab.run("/bin/true")
    assert (report.phase, report.exit_code, report.message) == ("finished", 0, "")
    assert report.stopped is False
    assert report.timed_out is False
    assert 0 < report.started_at <= report.finished_at
    assert report.left_running == ()


def test_a_silent_process_leaves_no_log(lab) -> None:
    lab.run("/bin/true")
    assert not (lab.folder / "logs").exists()


def test_exit_code(lab) -> None:
    assert lab.run_shell("exit 3").exit_code == 3


def test_death_by_signal(lab) -> None:
    report = lab.run_shell("kill -9 $$")
    assert report.exit_code == 128 + signal.SIGKILL
    assert report.message == "killed by signal 9 (KILL)"


def test_environment_is_passed_exactly(lab) -> None:
    env = {"PATH": "/bin:/usr/bin", "EMPTY": "", "LINES": "a\nb", "ÜML": "ä€", "BYTES": "\udcff"}
    report = lab.run("/usr/bin/env", "-0", env=env)
    entries = [entry for entry in lab.log().split(b"\0") if entry]
    handed = [entry for entry in entries if entry.startswith(b"ORCHESTRATE_")]
    assert sorted(set(entries) - set(handed)) == sorted(
        f"{key}={value}".encode("utf-8", "surrogateescape") for key, value in env.items()
    )
    assert [entry.split(b"=")[0] for entry in handed] == [
        b"ORCHESTRATE_OUTPUT",
        b"ORCHESTRATE_PROGRESS",
    ]
    assert report.exit_code == 0


def test_arguments_are_passed_exactly(lab) -> None:
    words = ["", "--help", "$(touch pwned)", "a\nb", "'\"`", "ä\udcff", "x" * 5000]
    script = "import os, sys; [print(len(os.fsencode(a)), os.fsencode(a)) for a in sys.argv[1:]]"
    lab.run(sys.executable, "-c", script, *words, output_limit=100_000)
    encoded = [word.encode("utf-8", "surrogateescape") for word in words]
    assert lab.log().decode().splitlines() == [f"{len(word)} {word!r}" for word in encoded]


def test_standard_input_is_empty(lab) -> None:
    assert lab.run("/bin/cat").exit_code == 0


def test_workdir(lab) -> None:
    (lab.folder / "sub").mkdir()
    report = lab.run_shell("pwd -P", workdir=str(lab.folder / "sub"))
    assert report.stdout == f"{(lab.folder / 'sub').resolve()}\n"


def test_a_relative_program_is_found_in_the_workdir(lab) -> None:
    script = lab.folder / "deploy"
    script.write_text("#!/bin/sh\necho deployed\n")
    script.chmod(0o755)
    assert lab.run("./deploy").stdout == "deployed\n"


def test_a_script_without_an_interpreter_line_is_given_to_the_shell(lab) -> None:
    script = lab.folder / "plain"
    script.write_text('echo "$1"\n')
    script.chmod(0o755)
    assert lab.run("./plain", "a b").stdout == "a b\n"


def test_signals_have_their_defaults(lab) -> None:
    assert lab.run_shell("yes | head -1").exit_code == 0
    report = lab.run_shell("grep -E 'Sig(Blk|Ign)' /proc/self/status")
    # 32 and 33 belong to the C library, which lets nobody change them.
    own = (1 << 31) | (1 << 32)
    assert [int(line.split()[1], 16) & ~own for line in report.stdout.splitlines()] == [0, 0]


def test_no_foreign_file_descriptors(lab) -> None:
    report = lab.run_shell("ls /proc/$$/fd")
    assert report.stdout.split() == ["0", "1", "2"]


def test_a_session_of_its_own(lab) -> None:
    report = lab.run(sys.executable, "-c", "import os; print(os.getsid(0) == os.getpid())")
    assert report.stdout == "True\n"


def test_started_is_told_of_a_process_that_lives_on(lab) -> None:
    attempt = lab.shell("echo $$ > pid; exec sleep 60")
    report = lab.wait_for(attempt, "started")
    assert report.pid == lab.pid_in("pid")
    lab.supervisor.stop(attempt, "kill")
    assert lab.wait_for(attempt).pid == report.pid


def test_streams_apart(lab) -> None:
    report = lab.run_shell("echo out; echo err >&2")
    assert (report.stdout, report.stderr) == ("out\n", "err\n")


def test_tails_only_when_asked_for(lab) -> None:
    report = lab.run_shell("echo out; echo err >&2", tails=("stderr",))
    assert (report.stdout, report.stderr) == ("", "err\n")


def test_a_tail_is_the_last_64_kib(lab) -> None:
    report = lab.run_shell("seq 1 30000")
    assert len(report.stdout) == 64 * 1024
    assert report.stdout.endswith("29999\n30000\n")


def test_a_tail_does_not_begin_inside_a_character(lab) -> None:
    report = lab.run(sys.executable, "-c", "print('€' * 50000, end='')")
    assert set(report.stdout) == {"€"}
    assert len(report.stdout) == 64 * 1024 // 3


def test_output_is_handed_over_and_removed(lab) -> None:
    report = lab.run_shell('echo "version=1.2" > "$ORCHESTRATE_OUTPUT"; echo "$ORCHESTRATE_OUTPUT"')
    assert report.output == "version=1.2\n"
    path = Path(report.stdout.strip())
    lab.eventually(lambda: not path.exists(), "the file is removed")
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.parent.stat().st_dev != Path("/").stat().st_dev


def test_an_output_that_is_too_large_is_said_to_be(lab) -> None:
    report = lab.run_shell('head -c 1048577 /dev/zero > "$ORCHESTRATE_OUTPUT"')
    assert report.output is None
    assert report.message == "ORCHESTRATE_OUTPUT holds more than 1048576 bytes and was not read"


def test_output_that_is_no_file_is_ignored(lab) -> None:
    assert lab.run_shell('mkfifo "$ORCHESTRATE_OUTPUT"').output is None


def test_progress(lab) -> None:
    (lab.folder / "go").unlink(missing_ok=True)
    attempt = lab.shell(
        'echo 40% > "$ORCHESTRATE_PROGRESS"; while [ ! -e go ]; do sleep 0.02; done'
    )
    assert lab.wait_for(attempt, "progress").percent == 40.0
    (lab.folder / "go").touch()
    assert lab.wait_for(attempt).exit_code == 0


def test_json_on_stdout(lab) -> None:
    assert lab.run_shell("""echo '{"a": 1}'""").json_stdout == '{"a": 1}\n'
    assert lab.run_shell("echo plain").json_stdout is None
    assert lab.run_shell("""printf '\\n {'; head -c 70000 /dev/zero""").json_stdout is None


def test_output_that_is_not_utf8_stays_as_it_is(lab) -> None:
    report = lab.run_shell(r"printf '\377\000\200abc'")
    assert lab.log() == b"\xff\x00\x80abc"
    assert report.stdout == "\ufffd\0\ufffdabc"


def test_many_at_once(lab) -> None:
    attempts = [lab.shell(f"echo {number}; exit {number}") for number in range(20)]
    reports = [lab.wait_for(attempt) for attempt in attempts]
    assert [report.exit_code for report in reports] == list(range(20))
    assert [report.stdout for report in reports] == [f"{number}\n" for number in range(20)]


def test_pieces_carry_stream_and_time(lab) -> None:
    read = "until grep -qs {} logs/1.log; do sleep 0.02; done"
    report = lab.run_shell(f"echo a; {read.format('a')}; echo b >&2; {read.format('b')}; echo c")
    pieces = list(output_log.read(lab.log_path()))
    assert [(piece.stream, piece.data) for piece in pieces] == [
        ("stdout", b"a\n"),
        ("stderr", b"b\n"),
        ("stdout", b"c\n"),
    ]
    assert report.started_at <= pieces[0].time < pieces[1].time < pieces[2].time
    assert pieces[2].time <= report.finished_at


# --- what cannot be started


def test_command_not_found(lab) -> None:
    report = lab.run("no-such-command")
    assert (report.phase, report.exit_code) == ("finished", 127)
    assert report.message == "command not found: no-such-command"
    report = lab.run("./no-such-command")
    assert (report.exit_code, report.message) == (127, "command not found: ./no-such-command")


def test_not_executable(lab) -> None:
    (lab.folder / "plain").write_text("echo")
    report = lab.run("./plain")
    assert report.exit_code == 126
    assert report.message == "not executable: ./plain; `chmod +x` makes it so"


def test_a_directory_is_no_program(lab) -> None:
    (lab.folder / "folder").mkdir()
    report = lab.run("./folder")
    assert (report.exit_code, report.message) == (126, "not a program but a directory: ./folder")


def test_interpreter_not_found(lab) -> None:
    script = lab.folder / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    report = lab.run("./script")
    assert report.exit_code == 127
    assert report.message == (
        "./script cannot run: its interpreter /no/such/interpreter was not found"
    )


def test_workdir_not_found(lab) -> None:
    report = lab.run("/bin/true", workdir=str(lab.folder / "missing"))
    assert report.exit_code == 126
    assert report.message == f"working directory not found: {lab.folder / 'missing'}"


def test_arguments_too_long(lab) -> None:
    report = lab.run("/bin/true", "x" * 3_000_000)
    assert report.exit_code == 126
    assert report.message.startswith(
        "the arguments and environment of /bin/true are too long for this system (3000"
    )


def test_nul_in_an_argument(lab) -> None:
    report = lab.run("/bin/true", "a\0b")
    assert report.exit_code == 126
    assert "NUL" in report.message


def test_a_slot_is_used_again_after_a_failed_start(lab) -> None:
    assert lab.run("no-such-command").exit_code == 127
    assert lab.run_shell("echo $PPID").exit_code == 0


def test_the_same_slot_runs_one_attempt_after_another(lab) -> None:
    parents = {lab.run_shell("echo $PPID").stdout for _ in range(3)}
    assert len(parents) == 1
    assert lab.is_running(int(parents.pop()))
