"""Scenarios come about although disks, sockets and the table of processes fail now and then.

A share of them here; `make faults SEEDS=50` plays all of them, many times, and has each call fail
in each way at least once.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parents[1]
SHARE = 8
"""Every so manieth scenario, each with its own faults."""


def campaign(*words: str) -> dict[str, Any]:
    """What a campaign reports: in a process of its own, for it forks."""
    done = subprocess.run(
        [sys.executable, "-m", "faulty.campaign", "--json", "--jobs", "4", *words],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        stdout=subprocess.PIPE,
        check=False,
    )
    report: dict[str, Any] = json.loads(done.stdout)
    return report


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    """One in a hundred calls fails, in the store, the engine and the supervisor."""
    return campaign("--seed", "3", "--every", str(SHARE))


def test_they_end_as_they_should_or_as_the_guarantees_allow(report: dict[str, Any]):
    assert report["wrong"] == []
    assert report["counts"]["scenarios played"] >= 20


def test_all_kinds_of_faults_were_met(report: dict[str, Any]):
    store = {k for place, hits in report["hits"].items() if place[-1].isupper() for k in hits}
    system = {k for place, hits in report["hits"].items() if place[-1].islower() for k in hits}
    # What is done although it fails is rare here: for certain it is had by the tests below.
    assert {"error", "slow"} <= store <= {"error", "slow", "applied"}
    assert {"error", "slow"} <= system <= {"error", "slow", "applied"}


def test_a_stop_that_was_lost_with_its_connection_is_asked_again():
    report = campaign(
        "--only", "a pause with now", "--layers", "supervisor",
        "--fault", "processes.supervising.wire.Channel.receive socket.recv", "applied", "1,2,3,4",
    )  # fmt: skip
    assert report["wrong"] == []
    assert report["faults"] >= 3


def test_a_commit_that_is_there_although_it_failed_goes_unnoticed():
    report = campaign(
        "--only", "takes one after every step at the top", "--layers", "store",
        "--fault", "embedded.writer.Writer._commit COMMIT", "applied", "2,3,4",
    )  # fmt: skip
    assert report["wrong"] == []
    assert report["faults"] == 3
    assert report["counts"]["of them stopped with an error"] == 0
