"""Stores of every earlier schema, with workflows in flight, under the program of today."""

import gzip
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from acceptance.conftest import Project
from upgrade.making import EVENTS, LOCKS, SCHEDULES, STORES, playbooks

from orchestrate.embedded import database

VERSIONS = range(1, database.VERSION)


class Old(NamedTuple):
    version: int
    project: Project

    def workflow(self, number: int) -> str:
        return f"WF-2026-{number:03}"

    def lines(self, number: int) -> list[str]:
        """What steps of a workflow did since."""
        found = [line.split() for line in self.project.lines("effects")]
        return [step for workflow, step in found if workflow == self.workflow(number)]

    @property
    def killed(self) -> int:
        """The one whose processes were killed while its second step ran."""
        return 5 if self.version >= EVENTS else 4


def load(state: Path, version: int) -> None:
    state.mkdir(mode=0o700)
    file = state / "orchestrate.db"
    file.touch(mode=0o600)
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA journal_mode=WAL")
    packed = STORES / f"schema-{version}.sql.gz"
    connection.executescript(gzip.decompress(packed.read_bytes()).decode())
    connection.close()


@pytest.fixture(params=VERSIONS)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Old]:
    version = request.param
    project = Project(tmp_path / "project")
    for name, text in playbooks(version).items():
        project.playbook(name, text)
    load(project.root / ".orchestrate", version)
    yield Old(version, project)
    project.close()


def test_every_version_has_its_store() -> None:
    assert sorted(path.name for path in STORES.iterdir()) == [
        f"schema-{version}.sql.gz" for version in VERSIONS
    ]


def test_what_was_in_flight_goes_on_and_nothing_is_done_twice(old: Old) -> None:
    project = old.project
    states = {each["id"]: each["state"] for each in project.ok("status", "--all", "--json").json}
    expected = ["succeeded", "failed", "paused", *["running"] * (old.killed - 3)]
    assert states == {old.workflow(n): state for n, state in enumerate(expected, start=1)}

    project.touch("mended")
    project.touch("go")
    project.ok("resume", "--workflow", old.workflow(2))
    assert old.lines(2) == ["two", "three"]
    project.ok("resume", "--workflow", old.workflow(3))
    assert old.lines(3) == ["three"]
    if old.version >= EVENTS:
        project.ok("emit", "--source", "test", "--event", "go", "--id", "1")
        project.ok("resume", "--workflow", old.workflow(4))
        assert old.lines(4) == ["three"]
    project.ok("resume", "--workflow", old.workflow(old.killed))
    assert old.lines(old.killed) == ["two", "three"]

    project.ok("run", "--playbook", "fails")
    found = project.ok("status", "--all", "--json").json
    assert [each["state"] for each in found] == ["succeeded"] * (old.killed + 1)
    assert old.lines(1) == []


def test_what_else_was_kept_is_kept(old: Old) -> None:
    project = old.project
    if old.version in SCHEDULES:
        (kept,) = project.ok("schedule", "--list", "--json").json
        assert (kept["playbook"], kept["cron"], kept["enabled"]) == ("fails", "0 2 * * *", False)
    if old.version >= LOCKS:
        held = {
            lock["name"]: [holder["workflow"] for holder in lock["held_by"]]
            for lock in project.ok("locks", "--json").json["locks"]
        }
        assert held == {"db": [old.workflow(3)], "other": [old.workflow(old.killed)]}
    project.ok("audit", "verify")
    assert project("doctor").code == 0
