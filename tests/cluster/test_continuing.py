"""Workflows that never end: what they show goes along into their next run."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from cluster.conftest import Cluster
from polling import eventually

from orchestrate.cluster import continuing, names
from orchestrate.cluster.answers import Answers, answer_of, value_of
from orchestrate.cluster.connection import Connection
from orchestrate.cluster.serving import eventing, scheduling
from orchestrate.cluster.serving.events import ClusterInbox
from orchestrate.cluster.serving.schedules import ClusterSchedules
from orchestrate.errors import ConflictError
from orchestrate.triggers.schedules import Schedule
from orchestrate.workflow.audit import Author


@pytest.fixture
def connection(cluster: Cluster) -> Iterator[Connection]:
    made = Connection(cluster.address)
    yield made
    made.close()


def begun_with(connection: Connection, workflow: str) -> dict[str, Any]:
    """What the memo had before the present run did any work; {} for the first run of all."""

    async def first() -> dict[str, Any]:
        client = connection.client
        described = await client.get_workflow_handle(workflow).describe()
        handle = client.get_workflow_handle(workflow, run_id=described.run_id)
        event = await anext(handle.fetch_history_events(page_size=1))
        fields = event.workflow_execution_started_event_attributes.memo.fields
        return {
            name: (await client.data_converter.decode([payload]))[0]
            for name, payload in fields.items()
        }

    return connection.wait(first())


def test_schedules_are_shown_at_every_moment(
    cluster: Cluster, connection: Connection, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(scheduling, "_LONGEST_RUN", 10)
    cluster.worker()
    schedules = ClusterSchedules(connection, Author("ada"))
    for name in ("first", "second", "third", "fourth"):
        schedules.put(Schedule(name, "tidy", "@daily", "UTC", None, {}, "ada"))
    shown = eventually(lambda: begun_with(connection, names.SCHEDULES), "a new run")
    assert shown["schedule:first"]["schedule"]["playbook"] == "tidy"
    assert names.ANSWERS in shown
    assert [one.name for one in schedules.all()] == ["first", "fourth", "second", "third"]


def test_answers_about_events_are_shown_at_every_moment(
    cluster: Cluster, connection: Connection, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(eventing, "_LONGEST_RUN", 10)
    cluster.worker()
    inbox = ClusterInbox(connection)
    assert [inbox.try_again(Author("ada"), time.time()) for _ in range(4)] == [0, 0, 0, 0]
    shown = eventually(lambda: begun_with(connection, names.EVENTS), "a new run")
    assert names.ANSWERS in shown


def test_what_is_too_much_to_begin_with_is_left_out_from_its_end(monkeypatch: pytest.MonkeyPatch):
    given: dict[str, Any] = {}
    shown = {"b": "x" * 400_000, "c": b"y" * 400_000, "d": "z" * 400_000, "counts": {"open": 3}}
    monkeypatch.setattr(continuing.workflow, "memo", lambda: shown)
    monkeypatch.setattr(continuing.workflow, "continue_as_new", lambda **more: given.update(more))
    continuing.go_on([b"state"], "counts")
    assert given["args"] == [b"state"]
    assert list(given["memo"]) == ["counts", "b", "c"]


def test_answers_are_given_once_and_the_last_ones_are_kept():
    answers = Answers({}, 2)
    done: list[str] = []
    for name in ("one", "one", "two", "three"):
        answers.answer(name, lambda name=name: done.append(name))
    assert done == ["one", "two", "three"]
    assert list(answers.kept) == ["two", "three"]


def test_a_refusal_is_raised_where_somebody_asked():
    def refuse() -> None:
        raise ConflictError("it is taken", hint="Take another one.")

    with pytest.raises(ConflictError, match="it is taken") as caught:
        value_of(answer_of(refuse))
    assert caught.value.hint == "Take another one."
    assert value_of(answer_of(lambda: 3)) == 3
