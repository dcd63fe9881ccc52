"""Files that start playbooks, under a real daemon."""

import signal
import time

import pytest
from daemon.conftest import Site
from polling import eventually

INCOMING = """
parameters: [{name: file}, {name: change}]
triggers:
  - type: file
    path: incoming/*.csv
    on: [created, changed, removed]
    settle: 300ms
    filter: ${file.size} > 0
    parameters: {file: "${file.name}", change: "${file.change}"}
steps:
  - shell: echo "${change} ${file}" >> effects
"""


def test_a_file_that_comes_changes_and_goes_starts_something_each_time(site: Site) -> None:
    folder = site.root / "incoming"
    folder.mkdir()
    (folder / "old.csv").write_text("was there")
    site.playbook("take", INCOMING)
    daemon = site.serve()
    eventually(lambda: site.said(daemon, "watching"), "a watch")

    (folder / "a.csv").write_text("1")
    (folder / "a.txt").write_text("1")
    (folder / "empty.csv").write_text("")
    eventually(lambda: site.lines() == ["created a.csv"], "the file")
    (folder / "a.csv").write_text("12")
    eventually(lambda: site.lines() == ["created a.csv", "changed a.csv"], "its change")
    (folder / "a.csv").unlink()
    eventually(lambda: site.lines()[2:] == ["removed a.csv"], "its end")
    assert site.json("emit", "--list-unmatched") == [], "what a filter keeps back is not lost"


@pytest.mark.parametrize("point", ["serve.created", "event.started"])
def test_what_came_while_nobody_watched_is_seen_once(site: Site, point: str) -> None:
    folder = site.root / "incoming"
    folder.mkdir()
    site.playbook("take", INCOMING)
    daemon = site.serve()
    eventually(lambda: site.said(daemon, "watching"), "a watch")
    daemon.terminate()
    daemon.wait(120)
    (folder / "b.csv").write_text("1")
    killed = site.serve(ORCHESTRATE_CRASH_AT=point)
    assert killed.wait(120) == -signal.SIGKILL
    site.serve()
    eventually(lambda: site.states() == ["succeeded"], "one workflow")
    assert site.lines() == ["created b.csv"]


def test_a_file_that_is_still_written_has_not_arrived(site: Site) -> None:
    folder = site.root / "incoming"
    folder.mkdir()
    site.playbook("take", INCOMING.replace("300ms", "3s"))
    daemon = site.serve()
    eventually(lambda: site.said(daemon, "watching"), "a watch")
    longest, number = 60.0, 0
    while longest > 1.0:  # this machine stood still, which looks as if the file were whole
        number += 1
        longest, last = 0.0, time.monotonic()
        end = last + 4
        with (folder / f"{number}.csv").open("w") as growing:
            while time.monotonic() < end:
                growing.write("x")
                growing.flush()
                is_there = f"created {number}.csv" in site.lines()
                longest, last = max(longest, time.monotonic() - last), time.monotonic()
                assert longest > 1.0 or not is_there
                time.sleep(0.02)
    eventually(lambda: f"created {number}.csv" in site.lines(), "the whole file")
