"""Claims of one workflow, decided in a real store."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrate.embedded import granting
from orchestrate.embedded.granting import Answer, Wanted
from orchestrate.embedded.store import Store
from orchestrate.workflow.program import Claim, LockWanted


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    store = Store(tmp_path / "state")
    store.writer.call(
        lambda c: c.execute(
            "INSERT INTO plans (number, checksum, body) VALUES (1, 'x', '{}')"
        ) and c.execute(
            "INSERT INTO workflows (number, id, playbook, plan, state, environment, parameters, "
            "actor, created_at, last_seq) "
            "VALUES (1, 'WF-2026-001', 'p', 1, 'running', 'dev', '{}', 'ada', 0, 1)"
        )
    )  # fmt: skip
    store.close()
    opened = sqlite3.connect(tmp_path / "state" / "orchestrate.db")
    yield opened
    opened.close()


def turn(connection: sqlite3.Connection, *, claims: str = "", released: str = "") -> list[Answer]:
    wanted = Wanted()
    lock = LockWanted("db", shared=False, on_conflict="wait", wait=None)
    wanted.claims = [Claim(path, (lock,), {}, {}) for path in claims.split()]
    wanted.released = released.split()
    return list(granting.apply(connection, 1, wanted, {}, 0.0).answers)


def test_an_earlier_claim_of_the_same_workflow_gets_what_a_turn_gives_back(
    connection: sqlite3.Connection,
) -> None:
    first, second = turn(connection, claims="a b")
    assert (first.path, first.tokens) == ("a", {"db": 1})
    assert (second.path, second.tokens, second.reason) == ("b", None, "")
    (answer,) = turn(connection, released="a")
    assert (answer.path, answer.tokens) == ("b", {"db": 2})


def test_a_turn_that_gives_back_and_claims_hears_of_both(connection: sqlite3.Connection) -> None:
    turn(connection, claims="a b")
    later, earlier = turn(connection, claims="c", released="a")
    assert (later.path, later.tokens) == ("c", None)
    assert (earlier.path, earlier.tokens) == ("b", {"db": 2})
