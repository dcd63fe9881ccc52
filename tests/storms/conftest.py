"""Projects under storm. `STORM=full` (set by `make storm`) asks for the full size."""

import os
import select
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
from acceptance.conftest import Project, waiting_step
from polling import eventually

FULL = os.environ.get("STORM") == "full"


def full_or(small: int, full: int) -> int:
    """A size: small in the ordinary run of tests."""
    return full if FULL else small


def read_until(stream: IO[bytes], text: str, seconds: float = 60.0) -> str:
    """What came up to and including `text`."""
    seen, end = b"", time.monotonic() + seconds
    while text.encode() not in seen:
        ready, _, _ = select.select([stream], [], [], max(0.0, end - time.monotonic()))
        data = os.read(stream.fileno(), 65536) if ready else b""
        assert data, f"{text!r} never came, only {seen!r}"
        seen += data
    return seen.decode()


class Storm(Project):
    """A project whose commands are started with their streams as bytes."""

    def launch(self, *words: str, **env: str) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            self.words(*words),
            cwd=self.root,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.started.append(process)  # type: ignore[arg-type]
        return process

    @property
    def state(self) -> Path:
        return self.root / ".orchestrate"


def end_of(process: "subprocess.Popen[bytes]", seconds: float = 120.0) -> tuple[int, str, str]:
    """Code and texts of a process that ends."""
    out, err = process.communicate(timeout=seconds)
    return process.returncode, out.decode(), err.decode()


def goes_on_waiting(process: "subprocess.Popen[bytes]", seconds: float) -> bool:
    """Whether a process is still there after so long."""
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return True
    return False


def rows(storm: Storm, query: str) -> list[tuple[Any, ...]]:
    """What the store says, or what is changed in it behind everybody's back."""
    database = storm.state / "orchestrate.db"
    if not database.exists():
        return []
    with closing(sqlite3.connect(database, timeout=120)) as connection:
        try:
            found = connection.execute(query).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            raise
        connection.commit()
        return found


def most_at_once(log: list[str]) -> int:
    """Of lines `start NAME` and `end NAME`."""
    running: set[str] = set()
    most = 0
    for line in log:
        word, _, workflow = line.partition(" ")
        if word == "start":
            running.add(workflow)
        else:
            running.remove(workflow)
        most = max(most, len(running))
    assert running == set()
    return most


@contextmanager
def crowd(
    storm: Storm, words: Sequence[Sequence[str]]
) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Many commands at once; what they complain of goes to the file `errors`."""
    with (storm.root / "errors").open("wb") as errors:
        many = [
            subprocess.Popen(
                storm.words(*each),
                cwd=storm.root,
                env=storm.env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
            for each in words
        ]
    try:
        yield many
    finally:
        for process in many:
            if process.poll() is None:
                process.kill()
                process.wait()


@pytest.fixture
def storm(tmp_path: Path) -> Iterator[Storm]:
    made = Storm(tmp_path / "project")
    yield made
    for name in ("slow", "go"):
        made.touch(f"{name}.go")
    made.touch("go")
    made.close()


@pytest.fixture(scope="session")
def until() -> Callable[..., object]:
    """Wait for a condition: `until(condition, what, seconds)`."""

    def wait(condition: Callable[[], Any], what: str = "", seconds: float = 180.0) -> Any:
        return eventually(condition, what, max(seconds, 600.0) if FULL else seconds)

    return wait


@pytest.fixture(scope="session")
def waiting() -> Callable[[str], str]:
    return waiting_step
