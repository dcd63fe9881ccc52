"""How a checkout gets Temporal's development server, whatever the machine has."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WORKS = '#!/bin/sh\necho "$0 $*" >> "$CALLS"\n'
FAILS = f"{WORKS}exit 1\n"


class Machine:
    """Programs that note how they are called, and nothing else but those of the system."""

    def __init__(self, root: Path) -> None:
        self._root = root
        (root / "bin").mkdir()
        (root / "venv" / "bin").mkdir(parents=True)

    def has(self, program: str, text: str) -> None:
        made = self._root / program
        made.write_text(text)
        made.chmod(0o755)

    def get(self) -> tuple[list[str], str]:
        """What was called, and what was said."""
        calls = self._root / "calls"
        done = subprocess.run(
            ["/bin/sh", "scripts/temporal.sh"],
            cwd=ROOT, text=True, capture_output=True, check=True,
            env={"PATH": str(self._root / "bin"), "HOME": str(self._root),
                 "VENV": str(self._root / "venv"), "CALLS": str(calls)},
        )  # fmt: skip
        lines = calls.read_text().splitlines() if calls.exists() else []
        return [line.replace(f"{self._root}/", "") for line in lines], done.stderr


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


DOWNLOAD = "venv/bin/python scripts/download_temporal.py venv/bin/temporal v1.5.1"
BUILD = "bin/go install github.com/temporalio/cli/cmd/temporal@v1.5.1"


@pytest.mark.parametrize("place", ["bin/temporal", "venv/bin/temporal"])
def test_nothing_is_done_where_it_is_there(machine: Machine, place: str):
    machine.has(place, WORKS)
    machine.has("bin/go", WORKS)
    assert machine.get() == ([], "")


def test_it_is_built_where_go_is(machine: Machine):
    machine.has("bin/go", WORKS)
    machine.has("venv/bin/python", WORKS)
    assert machine.get()[0] == [BUILD]


def test_it_is_downloaded_where_it_cannot_be_built(machine: Machine):
    machine.has("venv/bin/python", WORKS)
    assert machine.get()[0] == [DOWNLOAD]
    machine.has("bin/go", FAILS)
    assert machine.get()[0] == [DOWNLOAD, BUILD, DOWNLOAD]


def test_who_cannot_have_it_is_told_what_to_do(machine: Machine):
    machine.has("venv/bin/python", FAILS)
    _, said = machine.get()
    assert "Put the program\n       on PATH (https://docs.temporal.io/cli, v1.5.1)" in said
    assert "or install Go" in said
