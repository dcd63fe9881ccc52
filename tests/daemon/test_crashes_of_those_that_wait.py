"""Whoever waits for a group or a rate may be killed: nothing is taken twice, nothing is lost, and
nobody is cancelled without need.
"""

import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from typing import Any

import pytest
from daemon.conftest import Site
from polling import eventually
from this_year import YEAR

LONG = """
concurrency: {group: deploy, overlap: cancel_previous}
steps:
  - shell: 'touch began; sleep 3600'
finally:
  - shell: echo cleaned >> effects
"""
NEXT = """
concurrency: {group: deploy, overlap: cancel_previous}
steps:
  - shell: echo next >> effects
"""


def rows(site: Site, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(site.root / ".orchestrate/orchestrate.db", timeout=120)) as found:
        return found.execute(query).fetchall()


def change(site: Site, statement: str) -> None:
    with closing(sqlite3.connect(site.root / ".orchestrate/orchestrate.db", timeout=120)) as found:
        found.execute(statement)
        found.commit()


def begin(site: Site, playbook: str, **more: str) -> "subprocess.Popen[bytes]":
    """A `run` that goes on."""
    started = subprocess.Popen(
        [sys.executable, "-m", "orchestrate", "run", "--playbook", playbook],
        cwd=site.root, env={**site.env, **more}, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    site.daemons.append(started)
    return started


@pytest.mark.parametrize("point", ["supersede.before", "supersede.after"])
def test_one_that_dies_before_or_after_it_cancels_the_one_before(site: Site, point: str) -> None:
    site.playbook("long", LONG)
    site.playbook("next", NEXT)
    long = begin(site, "long")
    eventually((site.root / "began").exists, "the first")
    died = site("run", "--playbook", "next", ORCHESTRATE_CRASH_AT=point)
    assert died.returncode == -signal.SIGKILL
    if point == "supersede.before":
        assert long.poll() is None
        assert rows(site, "SELECT count(*) FROM requests") == [(0,)]
    site.ready()  # takes up what waits and has nobody
    eventually(lambda: site.lines() == ["cleaned", "next"], "the second")
    assert long.wait(120) == 130
    eventually(lambda: sorted(site.states()) == ["cancelled", "succeeded"], "both ends")
    assert rows(site, "SELECT count(*) FROM events WHERE type = 'cancel_requested'") == [(1,)]


CALL = """
steps:
  - command: ./call
"""


def limited(site: Site, rate: str) -> None:
    (site.root / "orchestrate.toml").write_text(f'[rate_limits]\n"./call" = "{rate}"\n')
    (site.root / "call").write_text("#!/bin/sh\necho $ORCHESTRATE_WORKFLOW >> effects\n")
    (site.root / "call").chmod(0o755)
    site.playbook("call", CALL)


@pytest.mark.parametrize("point", ["rate.taken", "launch.before", "launch.after"])
def test_an_attempt_of_a_killed_process_has_one_token(site: Site, point: str) -> None:
    limited(site, "60/hour")
    died = site("run", "--playbook", "call", ORCHESTRATE_CRASH_AT=point)
    assert died.returncode == -signal.SIGKILL
    before = rows(site, "SELECT at FROM rate_tokens")
    assert len(before) == (0 if point == "rate.taken" else 1)
    site.ok("resume", "--workflow", f"WF-{YEAR}-001")
    assert site.lines() == [f"WF-{YEAR}-001"]
    ((taken,),) = rows(site, "SELECT at FROM rate_tokens")
    assert before in ([], [(taken,)])
    ((due,),) = rows(site, "SELECT due FROM rates")
    assert due - taken == pytest.approx(60)  # one sixtieth of an hour, no more


def test_one_that_is_killed_while_it_waits_for_a_token_keeps_it(site: Site) -> None:
    limited(site, "60/hour")
    site.ok("run", "--playbook", "call")
    later = time.time() + 3600
    change(site, f"UPDATE rates SET due = {later + 59 * 60}")
    waits = begin(site, "call")
    query = "SELECT count(*) FROM events WHERE type = 'rate_waiting'"
    eventually(lambda: rows(site, query) == [(1,)], "it waits")
    waits.kill()
    waits.wait()
    ((taken,),) = rows(site, "SELECT at FROM rate_tokens WHERE workflow = 2")
    assert taken == pytest.approx(later, abs=0.001)
    soon = time.time() + 2
    change(site, f"UPDATE rate_tokens SET at = {soon} WHERE workflow = 2")
    site.ok("resume", "--workflow", f"WF-{YEAR}-002")
    assert site.lines() == [f"WF-{YEAR}-001", f"WF-{YEAR}-002"]
    ((taken,),) = rows(site, "SELECT at FROM rate_tokens WHERE workflow = 2")
    assert taken == pytest.approx(soon, abs=0.001)
    assert time.time() >= soon
    ((due,),) = rows(site, "SELECT due FROM rates")
    assert due - later == pytest.approx(60 * 60, abs=0.001)


def test_a_token_that_was_waited_for_in_vain_goes_back(site: Site) -> None:
    limited(site, "1/hour")
    site.ok("run", "--playbook", "call")
    waits = begin(site, "call")
    query = "SELECT count(*) FROM events WHERE type = 'rate_waiting'"
    eventually(lambda: rows(site, query) == [(1,)], "it waits")
    ((before,),) = rows(site, "SELECT due FROM rates")
    site.ok("cancel", f"WF-{YEAR}-002")
    assert waits.wait(120) == 130
    ((due,),) = rows(site, "SELECT due FROM rates")
    assert before - due == pytest.approx(3600)
