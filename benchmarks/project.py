"""A throw-away project on the disk that is measured, and `orchestrate` in it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks import baselines

PLAYBOOKS = {
    "one": "steps:\n  - command: /bin/true\n",
    "sequence": "steps:\n" + "  - command: /bin/true\n" * 201,
    "inline": "steps:\n" + "  - {type: set, variables: {x: 1}}\n" * 1001,
    "inline-one": "steps:\n  - {type: set, variables: {x: 1}}\n",
}


def foreach(count: int, max_parallel: int = 1, command: str = "/bin/true") -> str:
    """A playbook that runs `command` for each of `count` numbers."""
    return (
        "steps:\n"
        "  - name: each\n"
        "    type: foreach\n"
        f"    items: ${{range({count})}}\n"
        "    as: number\n"
        f"    max_parallel: {max_parallel}\n"
        "    steps:\n"
        f"      - command: {command}\n"
    )


class Project:
    """A project folder with the playbooks above."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "playbooks").mkdir(parents=True)
        for name, text in PLAYBOOKS.items():
            self.write(name, text)
        self.env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        self.program = str(Path(sys.executable).parent / "orchestrate")

    def write(self, name: str, text: str) -> None:
        """Add a playbook."""
        (self.folder / "playbooks" / f"{name}.yaml").write_text(text)

    def run(self, playbook: str, *more: str, expect: int = 0) -> tuple[float, int]:
        """Run a playbook as a whole process: (seconds, peak KiB)."""
        return self.call("run", "--playbook", playbook, *more, expect=expect)

    def call(self, *words: str, expect: int = 0) -> tuple[float, int]:
        """Any verb as a whole process: (seconds, peak KiB)."""
        argv = [self.program, *words]
        seconds, code, peak = baselines.process(argv, self.folder, self.env)
        if code != expect:
            said = subprocess.run(
                argv, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False
            )
            raise SystemExit(f"{' '.join(argv)} ended with {code}\n{said.stdout}{said.stderr}")
        return seconds, peak

    def read(self, *words: str) -> Any:
        """What a verb prints with --json."""
        said = subprocess.run(
            [self.program, *words, "--json"],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            check=False,
        )
        return json.loads(said.stdout)

    @property
    def state(self) -> Path:
        """The state directory."""
        return self.folder / ".orchestrate"
