import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from polling import eventually
from this_year import YEAR

DEADLINE = 120.0


class Done(NamedTuple):
    """A finished call of the command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def wait_until(condition: Callable[[], Any], what: str = "the condition") -> Any:
    """The first true value of a condition; fails after a bounded time."""
    return eventually(condition, what, DEADLINE)


class Project:
    """A temporary project and the command `orchestrate` in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.started: list[subprocess.Popen[str]] = []
        (root / "playbooks").mkdir(parents=True, exist_ok=True)
        self.env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("ORCHESTRATE_") and name not in ("COLUMNS", "NO_COLOR")
        }

    def playbook(self, name: str, text: str) -> Path:
        return self.write(f"playbooks/{name}.yaml", text)

    def write(self, name: str, text: str) -> Path:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def command(self, name: str, text: str) -> Path:
        file = self.write(f"commands/{name}", text)
        file.chmod(0o755)
        return file

    def words(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "orchestrate", *words]

    def __call__(
        self, *words: str, env: dict[str, str] | None = None, cwd: Path | None = None
    ) -> Done:
        """Run the command to its end, without a terminal."""
        done = subprocess.run(
            self.words(*words),
            cwd=cwd or self.root,
            env={**self.env, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=300,
            check=False,
        )
        text = [stream.decode("utf-8", "backslashreplace") for stream in (done.stdout, done.stderr)]
        return Done(done.returncode, *text)

    def ok(self, *words: str) -> Done:
        """Run the command; it must succeed."""
        done = self(*words)
        assert done.code == 0, f"{words}: {done.code}\n{done.out}{done.err}"
        return done

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """Start the command and leave it running."""
        process = subprocess.Popen(
            self.words(*words),
            cwd=self.root,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def read_until(self, process: "subprocess.Popen[str]", text: str) -> str:
        """What a started command wrote to stdout up to a line that holds `text`."""
        assert process.stdout is not None
        seen = b""
        end = time.monotonic() + DEADLINE
        while text.encode() not in seen:
            ready, _, _ = select.select([process.stdout], [], [], end - time.monotonic())
            data = os.read(process.stdout.fileno(), 65536) if ready else b""
            assert data, f"{text!r} never came, only {seen!r}"
            seen += data
        return seen.decode()

    def finish(self, process: "subprocess.Popen[str]") -> Done:
        """Wait for a started command."""
        out, err = process.communicate(timeout=DEADLINE)
        return Done(process.returncode, out, err)

    def workflow(self, workflow: str = f"WF-{YEAR}-001") -> Any:
        """What `status` says of it; a `LookupError` while there is no such workflow."""
        done = self("status", "--workflow", workflow, "--json")
        if done.code == 3:
            raise LookupError(done.err)
        assert done.code == 0, done.err
        return done.json

    def newest(self) -> str:
        return self.ok("status", "--all", "--json").json[0]["id"]

    def step(self, path: str, workflow: str | None = None) -> Any:
        steps = self.workflow(workflow or self.newest())["steps"]
        return next(step for step in steps if step["path"] == path)

    def states(self, workflow: str | None = None) -> dict[str, str]:
        steps = self.workflow(workflow or self.newest())["steps"]
        return {step["path"]: step["state"] for step in steps}

    def wait_for_file(self, name: str) -> None:
        wait_until(lambda: (self.root / name).exists(), f"the file {name}")

    def wait_for_state(self, state: str, workflow: str | None = None) -> str:
        def found() -> str | None:
            which = workflow or self.newest()
            return which if self.workflow(which)["state"] == state else None

        return wait_until(found, f"{workflow or 'the newest'} {state}")

    def touch(self, name: str) -> None:
        (self.root / name).touch()

    def lines(self, name: str) -> list[str]:
        file = self.root / name
        return file.read_text().splitlines() if file.exists() else []

    def close(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.communicate()


def waiting_step(name: str) -> str:
    """A step that tells that it runs, waits for the file NAME.go, and records that it ended."""
    return (
        f"  - name: {name}\n"
        f"    shell: 'echo $$ >> {name}.started; "
        f"while [ ! -e {name}.go ]; do sleep 0.05; done; echo {name} >> effects'\n"
    )


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path / "project")
    yield made
    for name in ("slow", "one", "two", "three", "first", "second"):
        made.touch(f"{name}.go")
    made.close()


@pytest.fixture(scope="session")
def waiting() -> Callable[[str], str]:
    return waiting_step


@pytest.fixture(scope="session")
def until() -> Callable[..., Any]:
    return wait_until


@pytest.fixture(scope="session")
def project_in() -> type[Project]:
    return Project
