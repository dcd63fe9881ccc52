"""Puts deliveries into the queue, in the very transaction that writes the events they tell of.

So none is lost, and none is there twice, whatever is killed when: the journal has an event once,
and the numbers of workflow and event with the integration's name are the delivery's identity.
"""

import json
import sqlite3
from collections.abc import Sequence

from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.notifying import SUCCESS, Subscription, kind_for, kind_of
from orchestrate.workflow.outcomes import State

_GOOD, _BAD = str(State.SUCCEEDED), (str(State.FAILED), str(State.NEEDS_ATTENTION))


def subscribe(
    connection: sqlite3.Connection, workflow: int, playbook: str, told: Sequence[Subscription]
) -> None:
    """Note who is told of a workflow. What belongs to one integration of one playbook is delivered
    in order: it has one channel.
    """
    connection.executemany(
        "INSERT INTO subscriptions (workflow, integration, channel, events) VALUES (?, ?, ?, ?)",
        [
            (workflow, one.integration, f"{playbook}/{one.integration}", json.dumps(one.events))
            for one in told
        ],
    )


def enqueue(connection: sqlite3.Connection, workflow: int, events: Sequence[Event]) -> None:
    """Queue what has to be told of these events, if anything."""
    subscribed = connection.execute(
        "SELECT integration, channel, events FROM subscriptions WHERE workflow = ?", (workflow,)
    ).fetchall()
    for event in events:
        kind = kind_of(event)
        if kind is None:
            continue
        recovered = kind == SUCCESS and _failed_before(connection, workflow)
        for integration, channel, wanted in subscribed:
            told = kind_for(kind, tuple(json.loads(wanted)), recovered=recovered)
            if told is not None:
                connection.execute(
                    "INSERT INTO deliveries (workflow, seq, integration, channel, kind, recovered, "
                    "at, since, next_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (workflow, event.seq, integration, channel, told, recovered,
                     event.at, event.at, event.at),
                )  # fmt: skip
        if event.type is EventType.WORKFLOW_FINISHED and event.data["state"] in _BAD:
            connection.execute(
                "UPDATE subscriptions SET failed_at = ? WHERE workflow = ?", (event.at, workflow)
            )


def _failed_before(connection: sqlite3.Connection, workflow: int) -> bool:
    """Whether the playbook's last end in this environment, be it this workflow's own, was bad."""
    own = connection.execute(
        "SELECT max(failed_at) FROM subscriptions WHERE workflow = ?", (workflow,)
    ).fetchone()[0]
    found = connection.execute(
        "SELECT other.state, other.finished_at FROM workflows mine JOIN workflows other "
        "ON other.playbook = mine.playbook AND other.environment = mine.environment "
        "AND other.number <> mine.number AND other.finished_at IS NOT NULL "
        "AND other.state IN (?, ?, ?) "
        "WHERE mine.number = ? ORDER BY other.finished_at DESC LIMIT 1",
        (_GOOD, *_BAD, workflow),
    ).fetchone()
    if found is None or (own is not None and own >= found[1]):
        return own is not None
    return found[0] != _GOOD
