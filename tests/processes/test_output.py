"""Output of any size and kind: caps, notes, tails, following, masks in every file and report."""

import base64
import sys
import threading

import pytest

from orchestrate.processes import output_log

_FLOOD = """
import os, sys
block = b"x" * 65535 + (b"" if sys.argv[2] == "line" else b"\\n")
left = int(sys.argv[1])
while left > 0:
    left -= os.write(1, block[:left])
"""


@pytest.mark.parametrize("kind", ["line", "lines"])
def test_64_megabytes_are_capped(lab, kind: str) -> None:
    size = 64 * 1024 * 1024
    report = lab.run(
        sys.executable, "-S", "-c", _FLOOD, str(size), kind, output_limit=4 * 1024 * 1024
    )
    assert report.exit_code == 0
    pieces = list(output_log.read(lab.log_path()))
    kept = b"".join(piece.data for piece in pieces if piece.stream == "stdout")
    notes = [piece.data.decode().strip() for piece in pieces if piece.stream == "note"]
    assert len(kept) <= 4 * 1024 * 1024
    assert len(kept) > 3.9 * 1024 * 1024
    assert notes[0] == (
        "[more than 4194304 bytes of output: only the last 1048576 of what follows are kept,"
        " shown when the process has ended]"
    )
    assert notes[1] == f"[{size - len(kept)} bytes of output dropped]"


def test_head_and_tail_are_kept(lab) -> None:
    lab.run_shell("seq 1 200000", output_limit=40_000)
    log = lab.log()
    assert log.startswith(b"1\n2\n3\n")
    assert log.endswith(b"199999\n200000\n")
    assert len(log) < 41_000


def test_the_report_carries_the_end_although_the_log_is_capped(lab) -> None:
    assert lab.run_shell("seq 1 20000", output_limit=1000).stdout.endswith("19999\n20000\n")


def test_output_of_exactly_the_limit_is_whole(lab) -> None:
    lab.run_shell("head -c 100000 /dev/zero", output_limit=100_000)
    assert lab.log() == bytes(100_000)


def test_many_single_bytes_stay_small(lab) -> None:
    script = "import os\nfor i in range(20000): os.write(1 + i % 2, b'x')"
    lab.run(sys.executable, "-S", "-c", script, output_limit=8_000)
    assert 4_000 < len(lab.log()) < 8_300


def test_masks_in_the_log_the_tail_the_output_and_what_is_left_running(lab) -> None:
    secret = "hunter2hunter2"
    env = {"PATH": "/usr/bin:/bin", "TOKEN": secret}
    report = lab.run_shell(
        'printf "%s" "${TOKEN%er2}"; printf "er2\\n"; echo "$TOKEN" | base64 >&2;'
        ' echo "token=$TOKEN" > "$ORCHESTRATE_OUTPUT";'
        ' sh -c "echo \\$\\$ > pid; exec sleep 0.7 # $TOKEN" >/dev/null 2>&1 &',
        env=env,
        masks=(secret,),
    )
    assert report.stdout == "***\n"
    assert secret not in report.stderr
    assert base64.b64encode(secret.encode()).decode()[:-2] not in report.stderr
    assert report.output == "token=***\n"
    for path in lab.folder.rglob("*"):
        if path.is_file() and not path.is_socket():
            assert secret.encode() not in path.read_bytes(), path


def test_masks_in_a_message(lab) -> None:
    report = lab.run("./hunter2hunter2", masks=("hunter2hunter2",))
    assert report.message == "command not found: ./***"


def test_tail_lines(lab) -> None:
    lab.run_shell("seq 1 50000")
    pieces = list(output_log.read(lab.log_path(), tail_lines=3))
    assert b"".join(piece.data for piece in pieces) == b"49998\n49999\n50000\n"


def test_tail_of_a_log_without_a_last_newline(lab) -> None:
    lab.run_shell("printf 'a\\nb\\nc'")
    assert b"".join(p.data for p in output_log.read(lab.log_path(), tail_lines=2)) == b"b\nc"
    assert b"".join(p.data for p in output_log.read(lab.log_path(), tail_lines=9)) == b"a\nb\nc"
    assert list(output_log.read(lab.log_path(), tail_lines=0)) == []


def test_byte_ranges(lab) -> None:
    lab.run_shell("printf 0123456789")
    assert output_log.read_bytes(lab.log_path(), 2, 5) == b"234"
    assert output_log.read_bytes(lab.log_path(), 8, 50) == b"89"
    assert output_log.size(lab.log_path()) == 10


def test_a_cursor_inside_a_piece(lab) -> None:
    lab.run_shell("printf 01234; printf 56789 >&2")
    pieces = list(output_log.read(lab.log_path(), after=3))
    assert b"".join(piece.data for piece in pieces) == b"3456789"
    assert pieces[-1].end == 10


def test_no_output(lab) -> None:
    lab.run("/bin/true")
    assert list(output_log.read(lab.log_path())) == []
    assert output_log.read_bytes(lab.log_path(), 0, 10) == b""
    assert output_log.size(lab.log_path()) == 0


def test_following(lab) -> None:
    attempt = lab.shell("echo one; while [ ! -e go ]; do sleep 0.02; done; echo two >&2")
    over = threading.Event()
    seen: list[tuple[str, bytes]] = []

    def wait(_: float) -> None:
        if seen and not (lab.folder / "go").exists():
            (lab.folder / "go").touch()
            lab.wait_for(attempt)
            over.set()
        else:
            over.wait(0.01)

    for piece in output_log.follow(lab.log_path(), finished=over.is_set, wait=wait):
        seen += [(piece.stream, piece.data)]
    assert seen == [("stdout", b"one\n"), ("stderr", b"two\n")]


def test_a_log_that_cannot_be_written_does_not_fail_the_step(lab) -> None:
    report = lab.run_shell("echo lost", log="/proc/no-such-place/log")
    assert report.exit_code == 0
    assert report.stdout == "lost\n"
    assert report.message.startswith("5 bytes of output were not written: ")


def test_a_full_disk_does_not_fail_the_step(lab) -> None:
    (lab.folder / "logs").mkdir()
    (lab.folder / "logs" / "1.log").symlink_to("/dev/full")
    report = lab.run_shell("echo lost")
    assert report.exit_code == 0
    assert report.message.startswith("5 bytes of output were not written: ")
