"""Schedules on a cluster: workers start what is due, nobody else has to be there."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster.conftest import Cluster, Server
from cluster.preloaded import Started, orchestrate, preloaded
from cluster.replaying import replay
from contract.schedules import SchedulesContract
from polling import eventually

from orchestrate.cluster import names
from orchestrate.cluster.connection import Connection
from orchestrate.cluster.serving.schedule_book import Fired, ScheduleBook
from orchestrate.cluster.serving.schedules import ClusterSchedules
from orchestrate.triggers.schedules import Decided, Schedule
from orchestrate.workflow.audit import Author

HOUR = 3600.0


class TestClusterSchedules(SchedulesContract):
    @pytest.fixture
    def schedules(self, cluster: Cluster) -> Iterator[ClusterSchedules]:
        cluster.worker()
        connection = Connection(cluster.address)
        yield ClusterSchedules(connection, Author("ada"))
        connection.close()


class Site:
    """A project on a cluster whose workers see another time than the machine has."""

    def __init__(self, server: Server, root: Path) -> None:
        self.root = root
        self.address = address = server.address()
        (root / "playbooks").mkdir()
        (root / "orchestrate.toml").write_text(
            f'[engine]\nkind = "cluster"\naddress = "{address.target}"\n'
            f'namespace = "{address.namespace}"\n'
        )
        self.env = {
            **os.environ,
            "ORCHESTRATE_TEST_CLOCK": str(root / "clock"),
            "TZ": "UTC",
            "SITE": str(root),
        }
        self.workers: list[subprocess.Popen[str] | Started] = []

    def playbook(self, name: str, text: str) -> None:
        (self.root / "playbooks" / f"{name}.yaml").write_text(f"name: {name}\n{text}")

    def ahead(self, seconds: float) -> None:
        (self.root / "clock").write_text(str(seconds))

    def __call__(self, *words: str, fails: int = 0) -> str:
        done = orchestrate(words, self.root, self.env)
        assert done.returncode == fails, done.stdout + done.stderr
        return done.stdout if fails == 0 else done.stderr

    def json(self, *words: str):
        return json.loads(self(*words, "--json"))

    def worker(self, **more: str) -> "subprocess.Popen[str] | Started":
        """With `more` in its environment its modules are its own: they look at it when loaded."""
        told = self.root / f"worker-{len(self.workers)}"
        words = ["orchestrate", "worker"]
        with told.open("w") as log:
            if more:
                made = subprocess.Popen(
                    [sys.executable, "-m", *words],
                    cwd=self.root, text=True, stderr=log, env={**self.env, **more},
                )  # fmt: skip
            else:
                ends = log.fileno(), log.fileno()
                made = preloaded().start(words, self.root, self.env, *ends)
        self.workers.append(made)
        eventually(lambda: "takes steps of" in told.read_text(), told.name)
        return made

    def outcomes(self, name: str) -> list[tuple[str, str | None]]:
        shown = self.json("schedule", name)
        return [(one["outcome"], one["workflow"]) for one in reversed(shown["history"])]

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()


@pytest.fixture
def site(server: Server, tmp_path: Path) -> Iterator[Site]:
    made = Site(server, tmp_path)
    yield made
    made.close()


def test_a_slot_that_is_due_starts_its_workflow_without_a_daemon(site: Site):
    site.playbook(
        "tidy", "parameters: [{name: what}]\nsteps: [{shell: 'echo ${what} >> $SITE/effects'}]\n"
    )
    site.ahead(HOUR + 30)
    site.worker()
    site(
        "schedule", "--playbook", "tidy", "--cron", "@hourly", "--parameters", "what=attic",
        "--enabled", "--catch-up", "all",
    )  # fmt: skip
    eventually(lambda: site.outcomes("tidy"), "the slot")
    (outcome, workflow), *_ = site.outcomes("tidy")
    assert outcome == "started"
    eventually(lambda: site.json("status", str(workflow))["state"] == "succeeded", "its end")
    assert set((site.root / "effects").read_text().split()) == {"attic"}
    assert site.json("schedule", "--list")[0]["name"] == "tidy"
    assert site.json("schedule", "tidy", "--disable")["enabled"] is False
    assert site.json("status", str(workflow))["actor"] == "schedule tidy"


def test_slots_come_once_although_their_worker_dies_before_it_says_so(site: Site):
    site.playbook("tidy", "steps: [{shell: echo hi >> $SITE/effects}]\n")
    site.ahead(6 * HOUR)
    dies = site.worker(ORCHESTRATE_CRASH_AT="schedule.started:2")
    site(
        "schedule", "--playbook", "tidy", "--cron", "@hourly", "--enabled", "--catch-up", "all",
        "--overlap", "allow",
    )  # fmt: skip
    assert dies.wait(120) == -signal.SIGKILL
    site.worker()
    eventually(lambda: len(site.outcomes("tidy")) >= 5, "all slots")
    outcomes = site.outcomes("tidy")
    assert {outcome for outcome, _ in outcomes} == {"started"}
    workflows = {workflow for _, workflow in outcomes}
    assert len(workflows) == len(outcomes)
    assert {one["id"] for one in site.json("status", "--all")} == workflows
    assert replay(site.address, names.SCHEDULES) > 10


def test_what_playbooks_declare_is_declared_by_workers(site: Site):
    site.playbook(
        "declared",
        'triggers: [{type: schedule, cron: "0 2 1 1 *", name: yearly}]\n'
        "steps: [{shell: echo hi}]\n",
    )
    site.worker()
    found = eventually(lambda: site.json("schedule", "--list"), "the schedule")
    assert [(one["name"], one["enabled"]) for one in found] == [("declared/yearly", True)]


def schedule(name: str = "nightly", **more: object) -> Schedule:
    plain = Schedule(name, "tidy", "@daily", "UTC", None, {}, "ada", enabled=True)
    return plain._replace(**more)


def put(book: ScheduleBook, which: Schedule, *, replace: bool = False) -> None:
    book.perform("put", {"schedule": which._asdict(), "replace": replace}, 0.0)


SLOT = Decided("2026-05-01T00:00", 100.0, "started", "WF-2026-001", "", 101.0)


def test_what_was_fired_is_looked_at_when_whoever_fired_it_says():
    book = ScheduleBook()
    put(book, schedule())
    (firing,) = book.due(50.0, {})
    assert book.due(50.0, {"nightly": 1}) == []
    book.fired(firing, Fired([SLOT], 30.0, None), 101.0)
    assert (book.next_due({}), book.due(130.0, {})) == (131.0, [])
    (again,) = book.due(131.0, {})
    assert (again.schedule["decided_until"], again.history) == (100.0, [list(SLOT)])


def test_a_schedule_that_was_changed_while_it_was_fired_is_fired_again_at_once():
    book = ScheduleBook()
    put(book, schedule())
    (firing,) = book.due(50.0, {})
    put(book, schedule(cron="@hourly", decided_until=40.0), replace=True)
    book.fired(firing, Fired([SLOT], 86400.0, None), 101.0)
    (again,) = book.due(101.0, {})
    assert (again.schedule["cron"], again.schedule["decided_until"]) == ("@hourly", 100.0)


def test_what_was_removed_while_it_was_fired_leaves_nothing_to_one_of_the_same_name():
    book = ScheduleBook()
    put(book, schedule())
    (firing,) = book.due(50.0, {})
    book.perform("remove", {"name": "nightly"}, 0.0)
    put(book, schedule())
    book.fired(firing, Fired([SLOT], 86400.0, None), 101.0)
    assert book.shown("nightly") == {"schedule": schedule()._asdict(), "history": []}
    assert len(book.due(101.0, {})) == 1


def test_a_new_run_goes_on_with_everything():
    book = ScheduleBook()
    put(book, schedule())
    put(book, schedule("other", enabled=False))
    (firing,) = book.due(50.0, {})
    book.fired(firing, Fired([SLOT], 30.0, "WF-2026-001"), 101.0)
    again = ScheduleBook(json.loads(json.dumps(book.state())))
    assert again.touched == {"nightly", "other"}
    assert (again.state(), again.next_due({})) == (book.state(), 131.0)
    assert again.due(131.0, {})[0].after == "WF-2026-001"
