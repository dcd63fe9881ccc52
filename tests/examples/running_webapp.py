"""The example application as a test handles it: by its commands and its proxy."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from webapp.daemons import PROJECT, Announcement, announced, read_announcement


class Webapp:
    """Calls the example's commands and asks its proxy."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.env = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "WEBAPP_STATE": str(run),
            "WEBAPP_SWITCH_INTERVAL": "0.05",
            "WEBAPP_HEALTH_TIMEOUT": "2",
        }

    def begin(self, program: str, *words: str, **env: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [PROJECT / program, *words],
            env=self.env | env,
            cwd=self.run.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def call(self, program: str, *words: str, **env: str) -> tuple[int, str]:
        process = self.begin(program, *words, **env)
        stdout, stderr = process.communicate(timeout=120)
        return process.returncode, stdout + stderr

    def infra(self, *words: str, **env: str) -> str:
        code, said = self.call("commands/infra", *words, **env)
        assert code == 0, said
        return said

    @property
    def status(self) -> dict[str, Any]:
        return json.loads(self.infra("status", "--json"))

    def pools(self) -> dict[str, tuple[str, int, int]]:
        """Version, living processes and weight of each pool."""
        return {
            name: (
                pool["version"],
                sum(each["alive"] for each in pool["instances"]),
                pool["weight"],
            )
            for name, pool in self.status["pools"].items()
        }

    @property
    def port(self) -> int:
        proxy = read_announcement(self.run / "proxy.json")
        assert proxy is not None
        return proxy.port

    def get(self, path: str, timeout: float = 10) -> tuple[int, dict[str, Any]]:
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}{path}", timeout=timeout
            ) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def processes(self) -> list[Announcement]:
        """Every process that was started here and still runs, the proxy included."""
        found = [*announced(self.run / "instances").values()]
        proxy = read_announcement(self.run / "proxy.json")
        return [each for each in [*found, *([proxy] if proxy else [])] if each.alive]
