"""A project and the daemons that serve it. The clock of schedules is a file."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from polling import eventually


class Site:
    """A project in a folder of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.effects = root / "effects"
        self.clock = root / "clock"
        self.daemons: list[subprocess.Popen[bytes]] = []
        (root / "playbooks").mkdir()
        (root / "orchestrate.toml").write_text("[serve]\napi = false\n")
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("ORCHESTRATE_")}
        self.env["ORCHESTRATE_TEST_CLOCK"] = str(self.clock)
        self.env["TZ"] = "UTC"

    def playbook(self, name: str, text: str) -> None:
        (self.root / "playbooks" / f"{name}.yaml").write_text(f"name: {name}\n{text}")

    def __call__(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "orchestrate", *words], cwd=self.root,
            env={**self.env, **more}, capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL, timeout=120,
        )  # fmt: skip

    def ok(self, *words: str) -> str:
        done = self(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.ok(*words, "--json"))

    def serve(self, *words: str, **more: str) -> subprocess.Popen[bytes]:
        """Start a daemon; its log goes to a file."""
        number = len(self.daemons)
        with (self.root / f"log-{number}").open("wb") as log:
            daemon = subprocess.Popen(
                [sys.executable, "-m", "orchestrate", "serve", "--log-format", "json", *words],
                cwd=self.root, env={**self.env, **more}, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=log,
            )  # fmt: skip
        self.daemons.append(daemon)
        return daemon

    def log(self, daemon: subprocess.Popen[bytes]) -> list[dict[str, Any]]:
        text = (self.root / f"log-{self.daemons.index(daemon)}").read_text()
        whole = text[: text.rfind("\n") + 1]  # the last line may be on its way
        return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]

    def said(self, daemon: subprocess.Popen[bytes], what: str) -> list[dict[str, Any]]:
        return [entry for entry in self.log(daemon) if entry["what"] == what]

    def ready(self, **more: str) -> subprocess.Popen[bytes]:
        """A daemon that serves."""
        daemon = self.serve(**more)
        eventually(lambda: self.said(daemon, "serving"), "a daemon")
        return daemon

    def advance(self, seconds: float) -> None:
        """Move the clock of schedules, and have daemons look at it."""
        now = float(self.clock.read_text()) if self.clock.exists() else 0.0
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(str(now + seconds))
        fresh.rename(self.clock)
        for daemon in self.daemons:
            if daemon.poll() is None:
                daemon.send_signal(signal.SIGHUP)

    def lines(self) -> list[str]:
        return self.effects.read_text().splitlines() if self.effects.exists() else []

    def states(self) -> list[str]:
        return [entry["state"] for entry in self.json("status", "--all")]

    def close(self) -> None:
        for daemon in self.daemons:
            if daemon.poll() is None:
                daemon.send_signal(signal.SIGCONT)
                daemon.terminate()
        for daemon in self.daemons:
            try:
                daemon.wait(120)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.close()
