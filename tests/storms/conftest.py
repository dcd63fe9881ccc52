"""Projects under storm. `STORM=full` (set by `make storm`) asks for the full size."""

import os
import select
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest
from acceptance.conftest import Project, wait_until, waiting_step

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
    return wait_until


@pytest.fixture(scope="session")
def waiting() -> Callable[[str], str]:
    return waiting_step
