"""The queue of what others are to be told: written with the events, in order, kept until told."""

import time

import pytest
from this_year import YEAR

from orchestrate.embedded import retention
from orchestrate.embedded.actions import Author
from orchestrate.embedded.delivering.queue import DeliveryQueue
from orchestrate.embedded.delivering.upkeep import StoredDeliveries
from orchestrate.embedded.engine import EmbeddedEngine
from orchestrate.errors import ConflictError, NotFoundError
from orchestrate.launching.deliveries import FAILED, Remembered
from orchestrate.playbook.integrations import EVENTS
from orchestrate.workflow.notifying import Subscription

GOOD = "name: nightly\nsteps:\n  - {name: a, command: /bin/true}\n"
BAD = "name: nightly\nsteps:\n  - {name: a, command: /bin/false}\n"
ALL = (Subscription("hook", EVENTS),)


def run(project, engine: EmbeddedEngine, text: str, told=ALL, environment: str = "dev") -> str:
    workflow, _ = engine.create(project.new(text, told=told, environment=environment))
    engine.run(workflow)
    return workflow


def queued(engine: EmbeddedEngine) -> list[tuple[str, str]]:
    return [(one.key, one.kind) for one in StoredDeliveries(engine).find(("waiting",), 100)]


def test_what_is_told_is_queued_with_the_events(project) -> None:
    engine = project.engine()
    told = (
        Subscription("hook", ("start", "success", "failure")),
        Subscription("jira", ("failure", "recovery")),
    )
    run(project, engine, GOOD, told)
    run(project, engine, BAD, told)
    run(project, engine, GOOD, told)
    run(project, engine, GOOD, told)
    assert [(key.split("/")[0], key.split("/")[2], kind) for key, kind in queued(engine)] == [
        (f"WF-{YEAR}-001", "hook", "start"),
        (f"WF-{YEAR}-001", "hook", "success"),
        (f"WF-{YEAR}-002", "hook", "start"),
        (f"WF-{YEAR}-002", "hook", "failure"),
        (f"WF-{YEAR}-002", "jira", "failure"),
        (f"WF-{YEAR}-003", "hook", "start"),
        (f"WF-{YEAR}-003", "hook", "success"),
        (f"WF-{YEAR}-003", "jira", "recovery"),
        (f"WF-{YEAR}-004", "hook", "start"),
        (f"WF-{YEAR}-004", "hook", "success"),
    ]


def test_each_environment_recovers_for_itself(project) -> None:
    engine = project.engine()
    told = (Subscription("hook", ("recovery",)),)
    run(project, engine, BAD, told, "staging")
    run(project, engine, GOOD, told, "dev")
    assert queued(engine) == []
    third = run(project, engine, GOOD, told, "staging")
    assert [kind for key, kind in queued(engine) if key.startswith(third)] == ["recovery"]


def test_a_workflow_nobody_is_told_of_queues_nothing(project) -> None:
    engine = project.engine()
    run(project, engine, GOOD, told=())
    assert StoredDeliveries(engine).counts() == {}


def test_a_cancelled_workflow_that_never_ran_is_told_of(project) -> None:
    engine = project.engine()
    workflow, _ = engine.create(project.new(GOOD, told=ALL))
    engine.cancel(workflow, actor="anna", reason="not today")
    assert [kind for _, kind in queued(engine)] == ["failure"]


def test_the_first_of_each_channel_is_a_head(project) -> None:
    engine = project.engine()
    told = (Subscription("a", ("start", "success")), Subscription("b", ("success",)))
    run(project, engine, GOOD, told)
    run(project, engine, GOOD.replace("nightly", "weekly"), told)
    queue = DeliveryQueue(engine.store)
    assert [(head.channel, head.kind) for head in queue.heads()] == [
        ("nightly/a", "start"),
        ("nightly/b", "success"),
        ("weekly/a", "start"),
        ("weekly/b", "success"),
    ]
    first = queue.head("nightly/a")
    assert first is not None
    queue.delivered(first.number, 5.0, Remembered(f"WF-{YEAR}-001", {"ts": "1.2"}))
    following = queue.head("nightly/a")
    assert following is not None
    assert following.kind == "success"
    assert queue.memory("nightly/a", f"WF-{YEAR}-001") == {"ts": "1.2"}
    assert queue.memory("nightly/b", f"WF-{YEAR}-001") == {}


def test_a_delivery_that_failed_keeps_its_place_and_says_why(project) -> None:
    engine = project.engine()
    run(project, engine, GOOD, (Subscription("a", ("start", "success")),))
    queue = DeliveryQueue(engine.store)
    head = queue.head("nightly/a")
    assert head is not None
    queue.failed(head.number, "it is down", 99.0, Remembered("x", {"n": 1}), now=9.0)
    again = queue.head("nightly/a")
    assert again is not None
    assert (again.key, again.attempts, again.next_at) == (head.key, 1, 99.0)
    assert (again.error, queue.memory("nightly/a", "x")) == ("it is down", {"n": 1})
    queue.refused(head.number, "no such channel", 100.0)
    other = queue.head("nightly/a")
    assert other is not None
    assert other.kind == "success"
    [failed] = StoredDeliveries(engine).find(FAILED, 10)
    assert (failed.state, failed.error, failed.attempts) == ("refused", "no such channel", 2)


def test_what_waits_for_variables_is_due_where_they_are_set(project) -> None:
    engine = project.engine()
    run(project, engine, GOOD, (Subscription("a", ("start",)), Subscription("b", ("start",))))
    queue = DeliveryQueue(engine.store)
    for head, names in zip(queue.heads(), (("HOOK",), ("HOOK", "KEY")), strict=True):
        queue.failed(head.number, "not set", 9e9, now=1.0, held=names)
    queue.release({"HOOK", "HOME"}, 7.0)
    assert [head.next_at for head in queue.heads()] == [7.0, 9e9]


def test_what_is_not_told_yet_is_not_pruned(project) -> None:
    engine = project.engine()
    workflow = run(project, engine, GOOD, (Subscription("a", ("success",)),))
    author, now = Author("anna"), time.time() + 10
    assert retention.candidates(engine.store, older_than=0.0, now=now) == ()
    key = StoredDeliveries(engine).find(("waiting",), 1)[0].key
    StoredDeliveries(engine).drop(key, author, now)
    pruned = retention.prune(engine.store, older_than=0.0, now=now, author=author)
    assert pruned.workflows == (workflow,)
    assert StoredDeliveries(engine).counts() == {}


def test_people_try_again_and_drop(project) -> None:
    engine = project.engine()
    run(project, engine, GOOD, (Subscription("a", ("start", "success")),))
    queue, author = DeliveryQueue(engine.store), Author("anna")
    first, second = StoredDeliveries(engine).find(("waiting",), 10)
    queue.refused(first.number, "no", 5.0)
    assert StoredDeliveries(engine).retry(first.key, author, 50.0) == 1
    head = queue.head("nightly/a")
    assert head is not None
    assert (head.key, head.next_at, head.since) == (first.key, 50.0, 50.0)
    StoredDeliveries(engine).drop(first.key, author, 60.0)
    queue.delivered(second.number, 61.0, Remembered("x", {}))
    assert StoredDeliveries(engine).counts() == {"dropped": 1, "delivered": 1}
    assert StoredDeliveries(engine).retry(None, author, 70.0) == 0
    with pytest.raises(ConflictError, match="was delivered"):
        StoredDeliveries(engine).retry(second.key, author, 70.0)
    for key in (f"WF-{YEAR}-009/3/a", f"WF-{YEAR}-001", "", "a/b/c"):
        with pytest.raises(NotFoundError, match="there is no delivery"):
            StoredDeliveries(engine).drop(key, author, 70.0)
