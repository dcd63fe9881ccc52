"""`orchestrate serve` as a process: slots, recovery, draining, standing by."""

import signal
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

import pytest
from daemon.conftest import Site
from polling import eventually

from orchestrate.embedded.actions import Author
from orchestrate.embedded.schedules import StoredSchedules
from orchestrate.embedded.store import Store
from orchestrate.triggers.schedules import Schedule

DAY = 86_400.0
TICK = "steps:\n  - shell: echo tick >> effects\n"
HELD = """\
steps:
  - shell: echo begun >> effects; until test -e go; do sleep 0.02; done
  - shell: echo done >> effects
"""
CRON = ("--cron", "0 2 * * *", "--time-zone", "UTC", "--enabled")


def outcomes(site: Site, name: str) -> list[tuple[str, str]]:
    history = site.json("schedule", name)["history"]
    return [(entry["outcome"], entry["reason"]) for entry in reversed(history)]


def begun(site: Site) -> "subprocess.Popen[bytes]":
    """A process that runs a workflow whose step waits for `go`."""
    site.playbook("held", HELD)
    command = [sys.executable, "-m", "orchestrate", "run", "--playbook", "held"]
    running = subprocess.Popen(command, cwd=site.root, env=site.env, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)  # fmt: skip
    eventually(lambda: site.lines() == ["begun"])
    return running


def test_a_slot_is_started_when_its_time_has_come_and_once(site: Site) -> None:
    site.playbook("tick", TICK)
    site.ok("schedule", "--playbook", "tick", *CRON)
    site.ready()
    for day in (1, 2, 3):
        site.advance(DAY)
        eventually(lambda n=day: site.states() == ["succeeded"] * n, f"slot {day}")
    assert site.lines() == ["tick"] * 3
    assert outcomes(site, "tick") == [("started", "")] * 3
    started = site.json("status", "--all")[0]
    assert started["actor"] == "schedule tick"


def test_no_slot_is_lost_or_doubled_by_a_crash_between_deciding_and_recording(site: Site) -> None:
    site.playbook("tick", TICK)
    site.ok("schedule", "--playbook", "tick", *CRON)
    for point in ("serve.created", "schedule.started"):
        daemon = site.ready(ORCHESTRATE_CRASH_AT=point)
        site.advance(DAY)
        assert daemon.wait(120) == -signal.SIGKILL
    # What is left of these is taken up, and again after whoever took it up is gone.
    assert site.serve(ORCHESTRATE_CRASH_AT="serve.ready").wait(120) == -signal.SIGKILL
    site.ready()
    eventually(lambda: site.states() == ["succeeded"] * 2)
    assert outcomes(site, "tick") == [("started", "")] * 2
    assert site.lines() == ["tick"] * 2


def test_a_daemon_that_was_away_says_what_was_missed(site: Site) -> None:
    site.playbook("tick", TICK)
    site.ok("schedule", "--playbook", "tick", *CRON)
    site.ok("schedule", "--playbook", "tick", *CRON, "--name", "each", "--catch-up", "all",
            "--overlap", "allow")  # fmt: skip
    site.ok("schedule", "--playbook", "tick", *CRON, "--name", "none", "--catch-up", "skip")
    site.clock.write_text(str(3 * DAY))
    site.ready()
    eventually(lambda: all(len(outcomes(site, n)) == 3 for n in ("tick", "each", "none")))
    missed = ("missed", "nothing was there to start it: no daemon ran")
    assert outcomes(site, "tick") == [missed, missed, ("started", "")]
    assert outcomes(site, "each") == [("started", "")] * 3
    assert outcomes(site, "none") == [missed] * 3
    eventually(lambda: len(site.lines()) == 4)


def test_overlaps_are_skipped_queued_or_cancel_the_one_before(site: Site) -> None:
    site.playbook("held", HELD)
    for name in ("skip", "queue", "cancel_previous"):
        site.ok("schedule", "--playbook", "held", *CRON, "--name", name, "--overlap", name)
    site.ready()
    site.advance(DAY)
    eventually(lambda: len(site.lines()) == 3)
    site.advance(DAY)
    eventually(lambda: len(outcomes(site, "skip")) == 2)
    first = outcomes(site, "skip")
    assert first[0] == ("started", "")
    assert first[1][0] == "skipped"
    assert first[1][1].endswith("was not over")
    eventually(lambda: len(outcomes(site, "cancel_previous")) == 2)
    eventually(lambda: "cancelled" in site.states())
    assert outcomes(site, "queue") == [("started", "")]
    (site.root / "go").touch()
    eventually(lambda: len(outcomes(site, "queue")) == 2)
    eventually(lambda: sorted(site.states()) == ["cancelled"] + ["succeeded"] * 4)


def test_what_cannot_be_started_is_recorded_and_the_daemon_goes_on(site: Site) -> None:
    site.playbook("tick", TICK)
    site.playbook("broken", TICK)
    site.ok("schedule", "--playbook", "tick", *CRON)
    site.ok("schedule", "--playbook", "broken", *CRON)
    site.playbook("broken", "steps:\n  - comand: true\n")
    site.ready()
    site.advance(DAY)
    eventually(lambda: site.lines() == ["tick"])
    (refused,) = eventually(lambda: outcomes(site, "broken"))
    assert refused[0] == "refused"
    assert "error" in refused[1]


def test_a_term_leaves_what_runs_to_the_next_daemon(site: Site) -> None:
    site.playbook("held", HELD)
    site.ok("schedule", "--playbook", "held", *CRON)
    daemon = site.ready()
    site.advance(DAY)
    eventually(lambda: site.lines() == ["begun"])
    daemon.terminate()
    assert daemon.wait(120) == 0
    (which,) = site.json("status", "--all")
    assert which["state"] == "running"
    site.ready()
    (site.root / "go").touch()
    eventually(lambda: site.states() == ["succeeded"])
    assert site.lines() == ["begun", "done"]


def test_a_second_daemon_stands_by_and_takes_over_when_the_first_is_killed(site: Site) -> None:
    site.playbook("held", HELD)
    site.ok("schedule", "--playbook", "held", *CRON)
    first = site.ready()
    second = site.serve()
    eventually(lambda: site.said(second, "standing by"))
    site.advance(DAY)
    eventually(lambda: site.lines() == ["begun"])
    first.kill()
    first.wait()
    eventually(lambda: site.said(second, "serving"))
    (site.root / "go").touch()
    eventually(lambda: site.states() == ["succeeded"])
    assert site.lines() == ["begun", "done"]
    assert outcomes(site, "held") == [("started", "")]


def test_a_workflow_whose_process_was_killed_is_taken_up(site: Site) -> None:
    running = begun(site)
    running.kill()
    running.wait()
    site.ready()
    (site.root / "go").touch()
    eventually(lambda: site.states() == ["succeeded"])
    assert site.lines() == ["begun", "done"]


def test_the_end_of_a_pause_is_not_overslept(site: Site) -> None:
    running = begun(site)
    site.ok("pause", "current", "--timeout", "1s")
    (site.root / "go").touch()
    running.kill()
    running.wait()
    site.ready()
    eventually(lambda: site.states() == ["succeeded"])
    assert site.lines() == ["begun", "done"]


def test_a_pause_that_was_asked_for_while_nobody_ran_it_comes_and_ends(site: Site) -> None:
    running = begun(site)
    running.kill()
    running.wait()
    (which,) = site.json("status", "--all")
    site.ok("pause", "--workflow", which["id"], "--timeout", "1s")
    (site.root / "go").touch()
    site.ready()
    eventually(lambda: site.states() == ["succeeded"])
    assert site.lines() == ["begun", "done"]


def test_schedules_that_are_made_while_it_serves_are_seen(site: Site) -> None:
    site.playbook("tick", TICK)
    site.ready()
    done = site("schedule", "--playbook", "tick", *CRON)
    assert (done.returncode, done.stderr) == (0, "")
    site.advance(DAY)
    eventually(lambda: site.lines() == ["tick"])


def test_fifty_schedules_at_one_moment_all_start(site: Site) -> None:
    site.playbook("tick", TICK)
    store = Store(site.root / ".orchestrate")
    schedules = StoredSchedules(store, Author("ada"))
    for number in range(50):
        schedules.put(Schedule(f"s{number}", "tick", "0 2 * * *", "UTC", None, {}, "ada",
                               enabled=True, decided_until=time.time()))  # fmt: skip
    store.close()
    daemon = site.ready()
    site.advance(DAY)
    eventually(lambda: len(site.said(daemon, "succeeded")) == 50, seconds=120)
    assert site.lines() == ["tick"] * 50


def test_it_holds_no_descriptors_of_what_has_ended(site: Site) -> None:
    site.playbook("tick", TICK)
    site.ok("schedule", "--playbook", "tick", "--cron", "0 * * * *", "--time-zone", "UTC",
            "--enabled", "--catch-up", "all", "--overlap", "allow")  # fmt: skip
    daemon = site.ready()

    def descriptors() -> int:
        return len(list(Path(f"/proc/{daemon.pid}/fd").iterdir()))

    site.advance(3600.0)
    eventually(lambda: len(site.lines()) == 1)
    eventually(lambda: len(site.said(daemon, "succeeded")) == 1)
    before = descriptors()
    site.advance(40 * 3600.0)
    eventually(lambda: len(site.said(daemon, "succeeded")) == 41, seconds=120)
    eventually(lambda: descriptors() <= before + 1, "what was open is closed")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_and_at_once(site: Site, number: int) -> None:
    daemon = site.ready()
    daemon.send_signal(number)
    assert daemon.wait(120) == 0
    assert [entry["what"] for entry in islice(site.log(daemon), 2)] == ["serving", "ended"]
