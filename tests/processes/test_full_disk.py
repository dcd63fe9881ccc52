"""A disk without room: ends are still recorded, steps go on, and somebody says so.

A limit on the size of files makes writes fail in the same places as a full disk does.
"""

import os
import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from orchestrate.processes import output_log, records
from orchestrate.processes.supervising import wire
from orchestrate.processes.supervising.logfile import STDOUT, LogFile
from orchestrate.processes.supervising.recording import RECORD, Records

_TAIL_NOTE = (
    "[more than 100 bytes of output: only the last 50 of what follows are kept,"
    " shown when the process has ended]"
)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Records]:
    recorder = Records(str(tmp_path))
    yield recorder
    os.close(recorder.fd)


def test_an_end_can_be_recorded_when_the_disk_is_full(recorder: Records, tmp_path: Path) -> None:
    index = recorder.allocate()
    report = wire.report("WF-2026-001/1", "finished", exit_code=3)
    with files_of_at_most(64 * RECORD):
        assert recorder.write_report(index, report, (7, "/marker", "WF-2026-001")) is False
    assert records.read_records(tmp_path)["WF-2026-001/1"].exit_code == 3


def test_a_large_outcome_loses_its_texts_but_not_its_end(recorder: Records, tmp_path: Path) -> None:
    index = recorder.allocate()
    report = wire.report("WF-2026-001/1", "finished", exit_code=3, stdout="x" * 200_000)
    with files_of_at_most(64 * RECORD), pytest.raises(OSError, match="too large"):
        recorder.write_report(index, report, (7, "/marker", "WF-2026-001"))
    found = records.read_records(tmp_path)["WF-2026-001/1"]
    assert (found.exit_code, found.stdout) == (3, "")


def test_records_are_added_only_where_there_is_room(recorder: Records) -> None:
    for _ in range(63):
        recorder.allocate()
    with files_of_at_most(64 * RECORD), pytest.raises(OSError, match="too large"):
        recorder.allocate()
    assert recorder.allocate() == 64


def test_records_are_used_again(recorder: Records) -> None:
    index = recorder.allocate()
    recorder.release(index)
    assert recorder.allocate() == index


def written(log: Path, limit: int, write: Callable[[LogFile], None]) -> LogFile:
    file = LogFile(str(log), limit)
    write(file)
    file.finish()
    return file


def test_a_log_keeps_what_could_be_written(tmp_path: Path) -> None:
    def write(file: LogFile) -> None:
        file.write(STDOUT, b"0123456789")
        with files_of_at_most(100):
            file.write(STDOUT, b"x" * 200)
        file.write(STDOUT, b"more\n")

    file = written(tmp_path / "1", 10_000, write)
    assert file.problem == "110 bytes of output were not written: file too large"
    assert (tmp_path / "1.log").read_bytes() == b"0123456789" + b"x" * 90 + b"more\n"
    pieces = list(output_log.read(tmp_path / "1"))
    assert b"".join(piece.data for piece in pieces) == b"0123456789" + b"x" * 90 + b"more\n"


def test_notes_stand_on_lines_of_their_own(tmp_path: Path) -> None:
    def write(file: LogFile) -> None:
        file.write(STDOUT, b"a" * 60)
        file.write(STDOUT, b"b" * 70)

    written(tmp_path / "1", 100, write)
    pieces = list(output_log.read(tmp_path / "1"))
    assert [piece.stream for piece in pieces] == ["stdout", "note", "stdout"]
    assert [piece.data.decode() for piece in pieces] == [
        "a" * 50,
        f"\n{_TAIL_NOTE}\n[30 bytes of output dropped]\n",
        "b" * 50,
    ]


def test_a_supervisor_without_room_for_its_records_refuses_and_says_why(tmp_path: Path) -> None:
    from orchestrate.processes.client import Supervisor
    from orchestrate.processes.launch import Launch

    # Its byte code is in the cache before files are limited, and not cut off there.
    before = Supervisor.start(tmp_path / "S0")
    assert before.fence("WF-2026-001", 1) == ()
    before.close(detach=False)
    with files_of_at_most(1000):
        supervisor = Supervisor.start(tmp_path / "S1")
    supervisor.send_launch(
        Launch(
            attempt="WF-2026-001/1",
            workflow="WF-2026-001",
            epoch=1,
            argv=("/bin/true",),
            env={},
            workdir="/",
            log=str(tmp_path / "log"),
            deadline=None,
            grace=1.0,
            masks=(),
            output_limit=1000,
            tails=(),
        )
    )
    assert supervisor.fence("WF-2026-001", 1) == ()
    (report,) = supervisor.receive()
    assert report.phase == "refused"
    assert report.message == f"the supervisor cannot work in {tmp_path / 'S1'}: File too large"
    supervisor.close(detach=False)


def test_byte_code_that_a_full_disk_cut_off_is_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orchestrate.processes import client

    original = Path(client._PROGRAM).parent
    copy = tmp_path / "orchestrate" / "processes" / "supervising"
    shutil.copytree(original, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(client, "_PROGRAM", str(copy / "main.py"))
    for name in ("S1", "S2"):
        supervisor = client.Supervisor.start(tmp_path / name)
        assert supervisor.fence("WF-2026-001", 1) == ()
        supervisor.close(detach=False)
        compiled = list((copy / "__pycache__").iterdir())
        assert len(compiled) > 10
        for path in compiled:
            path.write_bytes(path.read_bytes()[:500])
