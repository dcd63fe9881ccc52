"""Metrics of a real store: totals that outlive journals, processes and each other's counting."""

import sqlite3
import threading
import time

from polling import eventually

from orchestrate.embedded import database, retention
from orchestrate.embedded.delivering.queue import DeliveryQueue
from orchestrate.embedded.metrics import counting
from orchestrate.embedded.metrics.gathering import Gatherer
from orchestrate.embedded.store import Store
from orchestrate.launching import totals
from orchestrate.workflow import metrics
from orchestrate.workflow.metrics import Tally, Total
from orchestrate.workflow.notifying import Subscription

SAYS = "name: says\nsteps:\n  - name: hello\n    command: /bin/echo hello\n"
WAITS = (
    'name: w\nsteps:\n  - shell: "touch $ROOT/up; until test -e $ROOT/go; do sleep 0.02; done"\n'
)


def run(engine, project, text=SAYS) -> str:
    workflow, _ = engine.create(project.new(text))
    engine.run(workflow)
    return workflow


def gather(store, **more):
    found = Gatherer(store).gather({}, None, **{"counts_for": 60.0, "patience": 60.0, **more})
    return {(one.metric.name, *one.labels): one.total for one in found}


def counters(store):
    return {
        key: total
        for key, total in gather(store).items()
        if metrics.METRICS[key[0]].kind != metrics.GAUGE
    }


def test_totals_stay_when_journals_are_removed(project):
    engine = project.engine()
    for _ in range(3):
        run(engine, project)
    before = counters(engine.store)
    assert before["orchestrate_workflows_finished_total", "says", "succeeded"].amount == 3
    assert before["orchestrate_step_duration_seconds", "says", "command"].amount == 3
    retention.prune(engine.store, older_than=0, now=time.time() + 1)
    assert engine.store.read("SELECT count(*) FROM events") == [(0,)]
    assert counters(engine.store) == before
    run(engine, project)
    after = counters(engine.store)
    assert after["orchestrate_workflows_finished_total", "says", "succeeded"].amount == 4


def test_what_is_removed_before_anybody_looked_again_is_counted_on_the_way(project):
    engine = project.engine()
    run(engine, project)
    counters(engine.store)
    run(engine, project)
    retention.prune(engine.store, older_than=0, now=time.time() + 1)
    after = counters(engine.store)
    assert after["orchestrate_workflows_finished_total", "says", "succeeded"].amount == 2


def test_who_never_asks_for_metrics_pays_nothing_for_them(project):
    engine = project.engine()
    run(engine, project)
    retention.prune(engine.store, older_than=0, now=time.time() + 1)
    assert engine.store.read("SELECT count(*) FROM totals") == [(0,)]
    assert counting.is_counting(engine.store) is False


def test_looks_at_once_count_each_event_once(project):
    engine = project.engine()
    for _ in range(5):
        run(engine, project)
    stores = [Store(project.state) for _ in range(4)]
    lookers = [threading.Thread(target=counting.catch_up, args=(store,)) for store in stores]
    for looker in lookers:
        looker.start()
    for looker in lookers:
        looker.join(120)
    found = counters(engine.store)
    (events,) = engine.store.read("SELECT count(*) FROM events")
    assert found["orchestrate_events_total",].amount == events[0]
    assert found["orchestrate_workflows_created_total", "says"].amount == 5
    for store in stores:
        store.close()


def test_counting_stops_when_its_time_is_over_and_goes_on_the_next_time(project, monkeypatch):
    monkeypatch.setattr(counting, "_PAGE", 4)
    engine = project.engine()
    run(engine, project)
    (last,) = engine.store.read("SELECT last_seq FROM workflows")
    first = gather(engine.store, counts_for=0.0)
    assert first["orchestrate_events_uncounted",].sum == last[0] - 4
    assert first["orchestrate_events_total",].amount == 4
    whole = gather(engine.store)
    assert whole["orchestrate_events_uncounted",].sum == 0
    assert whole["orchestrate_step_duration_seconds", "says", "command"].amount == 1


def test_playbooks_beyond_the_limit_are_others(project):
    store = project.engine().store
    tally = Tally()
    for number in range(150):
        tally.add(metrics.CREATED, f"p{number:03}")
    store.writer.call(lambda c: totals.add(c, tally))
    store.writer.call(lambda c: totals.add(c, tally))
    found = {one.labels[0]: one.total.amount for one in store.reading(totals.load)}
    assert len(found) == 101
    assert found["other"] == 100
    assert found["p000"] == 2


def test_buckets_of_an_earlier_version_count_in_the_next_larger_one(project):
    store = project.engine().store
    store.writer.call(
        lambda c: c.execute(
            "INSERT INTO totals VALUES ('orchestrate_schedule_lateness_seconds', '[]', 3, 9.0, "
            '\'{"0.2": 1, "0.5": 1, "inf": 1}\')'
        )
    )
    (late,) = store.reading(totals.load)
    assert late.total == Total(3, 9.0, (0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1))


def test_how_things_stand_while_something_runs_and_waits(project):
    engine = project.engine()
    process = project.start(WAITS)
    eventually(lambda: (project.root / "up").exists())
    engine.create(project.new(SAYS))
    found = gather(engine.store)
    assert found["orchestrate_workflows", "w", "running"].sum == 1
    assert found["orchestrate_workflows", "says", "queued"].sum == 1
    assert found["orchestrate_supervisors", "alive"].sum == 1
    assert found["orchestrate_workflows_owner_lost",].sum == 0
    assert found["orchestrate_capacity_used", "workflows"].sum == 1
    assert found["orchestrate_store_writable",].sum == 1
    process.kill()
    process.wait(120)
    found = gather(engine.store)
    assert found["orchestrate_workflows_owner_lost",].sum == 1
    assert found["orchestrate_supervisors", "alive"].sum == 1, "the step goes on"
    (project.root / "go").touch()


def test_what_waits_to_be_delivered_and_what_became_of_it(project):
    engine = project.engine()
    told = (Subscription("hook", ("start", "success")),)
    workflow, _ = engine.create(project.new(SAYS, told=told))
    engine.run(workflow)
    found = gather(engine.store)
    assert found["orchestrate_deliveries", "waiting"].sum == 2
    first, second = engine.store.read("SELECT number FROM deliveries ORDER BY number")
    queue = DeliveryQueue(engine.store)
    queue.delivered(first[0], time.time(), None)
    queue.refused(second[0], "no such channel", time.time())
    found = gather(engine.store)
    assert found["orchestrate_deliveries", "waiting"].sum == 0
    assert found["orchestrate_deliveries", "refused"].sum == 1
    assert found["orchestrate_delivery_oldest_wait_seconds",].sum == 0
    assert found["orchestrate_deliveries_total", "hook", "delivered"].amount == 1
    assert found["orchestrate_deliveries_total", "hook", "refused"].amount == 1


def test_a_store_that_another_program_holds_is_told_in_time(project):
    engine = project.engine()
    run(engine, project)
    store = Store(project.state)
    holder = sqlite3.connect(project.state / database.FILE, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    gatherer = Gatherer(store)
    times = {"counts_for": 1.0, "patience": 0.5}
    held = {one.metric.name: one.total.sum for one in gatherer.gather({}, None, **times)}
    assert held["orchestrate_store_writable"] == 0
    assert held["orchestrate_build_info"] == 1
    again = {one.metric.name: one.total.sum for one in gatherer.gather({}, None, **times)}
    assert again["orchestrate_store_writable"] == 0
    holder.execute("ROLLBACK")
    holder.close()

    def writable() -> bool:
        found = gatherer.gather({}, None, counts_for=1.0, patience=30.0)
        return any(one.metric is metrics.WRITABLE and one.total.sum for one in found)

    eventually(writable)
    store.close()
