"""What is counted of a cluster: the same as on one machine, each event once, whoever asks."""

import asyncio
import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cluster.conftest import Cluster, Server, answers, free_port, temporal
from cluster.preloaded import orchestrate
from cluster.test_cluster_verbs import Verbs
from polling import eventually

from orchestrate.cluster import names
from orchestrate.cluster.connection import Address
from orchestrate.cluster.coordinating.client import Coordinator
from orchestrate.cluster.coordinating.settings import Settings
from orchestrate.cluster.engine import ClusterEngine
from orchestrate.cluster.serving.counted import CLOSED, Counted, Journal
from orchestrate.cluster.serving.counting import count_slots
from orchestrate.cluster.serving.gathering import ClusterGatherer
from orchestrate.workflow import metrics
from orchestrate.workflow.engine import ResumeOptions
from orchestrate.workflow.metrics import Tally

FLAKY = """
name: flaky
steps:
  - {name: copy, type: backup, shell: "test -e PLACE/repaired", retry: {attempts: 2, delay: 0}}
  - {name: each, type: foreach, items: [1, 2], as: n, steps: [{name: say, shell: echo hi}]}
"""
HOLDING = """
name: holding
steps:
  - name: a
    locks: [db]
    resources: {cpu: 3}
    shell: "touch $ROOT/begun; until test -e $ROOT/go; do sleep 0.05; done"
"""
CPUS = Settings({"cpu": 4})
OK = "name: ok\nsteps: [{command: /bin/true}, {type: assert, condition: 'true'}]\n"


class Gathered:
    """Gathers from a cluster, into a folder of its own."""

    def __init__(self, engine: ClusterEngine, folder: Path) -> None:
        self._gatherer = ClusterGatherer(lambda: self._given(engine), folder)

    @contextmanager
    def _given(self, engine: ClusterEngine) -> Iterator[ClusterEngine]:
        yield engine

    def __call__(self, counts_for: float = 60.0) -> dict[tuple[str, ...], metrics.Total]:
        found = self._gatherer.gather({}, None, counts_for=counts_for, patience=60.0)
        return {(one.metric.name, *one.labels): one.total for one in found}


def told(root: Path) -> dict[str, object]:
    """What `metrics` counts, without durations and what only one machine has."""
    done = orchestrate(["metrics", "--json"], root)
    return {
        f"{one['metric']} {' '.join(one['labels'].values())}": one.get("value", one.get("count"))
        for one in json.loads(done.stdout)
        if one["kind"] != "gauge" and one["metric"] != "orchestrate_events_total"
    }


def test_the_same_is_counted_as_on_one_machine(server: Server, tmp_path: Path):
    made: list[Verbs] = []
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        verbs = Verbs(server, tmp_path / name)
        (verbs.root / "playbooks" / "flaky.yaml").write_text(
            FLAKY.replace("PLACE", str(verbs.root))
        )
        (verbs.root / "playbooks" / "ok.yaml").write_text(OK)
        made.append(verbs)
    here, there = made
    (here.root / "orchestrate.toml").write_text("")
    try:
        there.worker()
        for verbs in made:
            verbs("run", "--playbook", "flaky", fails=1)
            (verbs.root / "repaired").touch()
            verbs("resume", "--workflow", "current", "--yes")
            verbs("run", "--playbook", "ok")
        expected = told(here.root)
        assert expected["orchestrate_workflows_finished_total flaky failed"] == 1
        assert expected["orchestrate_step_retries_total flaky"] == 1
        eventually(lambda: told(there.root) == expected, "visibility", every=0.5)
    finally:
        there.close()


def test_each_event_counts_once_while_a_workflow_goes_on_and_is_resumed(
    cluster: Cluster, tmp_path: Path
):
    cluster.worker()
    engine = cluster.engine()
    gather = Gathered(engine, tmp_path / "kept")
    go = cluster.path("go")
    text = (
        "name: slow\nsteps:\n  - {name: first, command: /bin/true}\n"
        f'  - {{name: second, shell: "until test -e {go}; do sleep 0.1; done; exit 3"}}\n'
    )
    workflow, _ = engine.create(cluster.new(text))
    runs = threading.Thread(target=lambda: cluster.engine().run(workflow), daemon=True)
    runs.start()
    steps = "orchestrate_steps_total", "slow"
    eventually(lambda: gather().get((*steps, "succeeded")), "the first step")
    assert gather()[(*steps, "succeeded")].amount == 1
    go.touch()
    runs.join(120)
    eventually(lambda: gather().get((*steps, "failed")), "the end")
    engine.resume(workflow, ResumeOptions(skip_failed=True))
    finished = "orchestrate_workflows_finished_total", "slow"
    eventually(lambda: gather().get((*finished, "succeeded")), "the end of the resumed one")
    last = gather()
    assert last[(*finished, "failed")].amount == last[(*finished, "succeeded")].amount == 1
    assert last[(*steps, "succeeded")].amount == 1
    assert last["orchestrate_step_duration_seconds", "slow", "command"].amount == 2
    assert last["orchestrate_events_uncounted",].sum == 0


def test_what_there_is_no_time_for_is_counted_the_next_time(cluster: Cluster, tmp_path: Path):
    cluster.worker()
    engine = cluster.engine()
    for _ in range(3):
        workflow, _ = engine.create(cluster.new(OK))
        engine.run(workflow)
    gather = Gathered(engine, tmp_path)
    eventually(lambda: gather(0.0)["orchestrate_events_uncounted",].sum > 0, "visibility")
    made = "orchestrate_workflows_created_total", "ok"
    assert made not in gather(0.0)
    eventually(lambda: gather().get(made, metrics.Total()).amount == 3, "all of them")


def test_two_that_count_at_once_count_once(tmp_path: Path):
    tally = Tally()
    tally.add(metrics.CREATED, "ok")
    kept = Counted(tmp_path / "metrics.db")
    with kept.open() as one, kept.open() as other:
        before, beside = one.journal("WF-2026-001"), other.journal("WF-2026-001")
        one.add("WF-2026-001", before, Journal("run", CLOSED, 4), tally)
        other.add("WF-2026-001", beside, Journal("run", CLOSED, 4), tally)
        assert [series.total.amount for series in other.all()] == [1]
        assert other.journal("WF-2026-001") == ("run", CLOSED, 4)


def test_slots_count_once_with_what_became_of_them(tmp_path: Path):
    schedule = {
        "name": "nightly", "playbook": "ok", "cron": "0 2 * * *", "zone": "UTC",
        "environment": None, "parameters": {}, "actor": "ada",
    }  # fmt: skip
    rows = [
        ["2026-11-22T02:00", 1_795_312_800.0, "started", "WF-2026-001", "", 1_795_312_803.0],
        ["2026-11-21T02:00", 1_795_226_400.0, "missed", None, "nobody", 1_795_312_800.0],
    ]
    shown = {"nightly": {"schedule": schedule, "history": rows}}
    with Counted(tmp_path / "metrics.db").open() as known:
        for _ in range(2):
            count_slots(known, shown)
        found = {(one.metric.name, *one.labels): one.total for one in known.all()}
    assert found["orchestrate_schedule_slots_total", "nightly", "started"].amount == 1
    assert found["orchestrate_schedule_slots_total", "nightly", "missed"].amount == 1
    assert found["orchestrate_schedule_lateness_seconds",].sum == 3.0


def test_a_file_that_cannot_be_kept_is_no_reason_to_fall_silent(cluster: Cluster, tmp_path: Path):
    (tmp_path / "kept").write_text("")
    found = Gathered(cluster.engine(), tmp_path / "kept")()
    assert found["orchestrate_store_writable",].sum == 0
    assert found["orchestrate_held",].sum == 0


def test_what_is_shared_is_measured_and_the_number_that_runs_is_told(cluster: Cluster):
    cluster.worker()
    engine, attending = cluster.engine(shared=CPUS), cluster.engine(shared=CPUS)
    workflow, _ = engine.create(cluster.new(HOLDING))
    thread = threading.Thread(target=lambda: attending.run(workflow), daemon=True)
    thread.start()
    eventually(cluster.path("begun").exists, "the step")
    gathered = Gathered(engine, cluster.root / "totals")

    def measured() -> dict[tuple[str, ...], metrics.Total]:
        found = gathered()
        running = found.get(("orchestrate_capacity_used", "workflows"))
        return found if running is not None and running.sum == 1 else {}

    found = eventually(measured, "that it runs")  # visibility is late
    wanted = {
        ("orchestrate_claims", "held"): 1, ("orchestrate_claims", "waiting"): 0,
        ("orchestrate_capacity", "cpu"): 4, ("orchestrate_capacity_used", "cpu"): 3,
        ("orchestrate_queue_oldest_wait_seconds",): 0,
    }  # fmt: skip
    assert {name: found[name].sum for name in wanted} == wanted
    pools = {pool.name: (pool.used, pool.there) for pool in engine.coordination.pools()}
    assert pools == {"workflows": (1, None), "cpu": (3, 4)}
    cluster.path("go").touch()
    thread.join(120)


def test_what_nobody_has_heard_yet_is_not_asked_again(cluster: Cluster, tmp_path: Path):
    engine = cluster.engine()
    gathered = Gathered(engine, tmp_path / "totals")
    connection = engine.connection
    connection.wait(Coordinator(connection.client).ensure())

    async def signals() -> int:
        handle = connection.client.get_workflow_handle(names.COORDINATOR)
        history = await handle.fetch_history()
        return sum(
            event.HasField("workflow_execution_signaled_event_attributes")
            for event in history.events
        )

    before = connection.wait(signals())
    for _ in range(2):
        found = gathered()
        assert ("orchestrate_held",) in found
        assert ("orchestrate_claims", "held") not in found
    assert connection.wait(signals()) == before
    cluster.worker()
    assert gathered()["orchestrate_claims", "held"].sum == 0
    assert connection.wait(signals()) == before + 1


def test_a_namespace_that_was_made_anew_is_counted_anew(tmp_path: Path):
    """Its workflows have the ids of those that there were before."""
    made = ("orchestrate_workflows_created_total", "ok")
    port = free_port()
    for workflows in (2, 1):
        root = tmp_path / str(workflows)
        root.mkdir()
        with serving(port, root) as cluster:
            cluster.worker()
            engine = cluster.engine()
            for _ in range(workflows):
                engine.run(engine.create(cluster.new(OK))[0])
            gather = Gathered(engine, tmp_path / "kept")

            def counted(gather: Gathered = gather) -> float:
                return gather().get(made, metrics.Total()).amount

            assert eventually(lambda: counted() >= workflows and counted()) == workflows  # noqa: B023


@contextmanager
def serving(port: int, root: Path) -> Iterator[Cluster]:
    """A server of its own at that port, which keeps nothing."""
    command = [temporal(), "server", "start-dev", "--headless", "--port", str(port)]
    with (root / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            server = Server(port)
            eventually(lambda: asyncio.run(answers(server.target)), "the server")
            cluster = Cluster(server, root)
            cluster.address = Address(server.target)
            try:
                yield cluster
            finally:
                cluster.close()
        finally:
            process.kill()
            process.wait()
