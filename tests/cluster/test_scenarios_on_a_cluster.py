"""What scenarios say comes about on a cluster, too: many at once, on one worker."""

from concurrent.futures import ThreadPoolExecutor

import worker_process
from cluster.conftest import Cluster
from contract.scenario_runner import Actor, Case, cases, essence, play_for_real
from storms.conftest import full_or

from orchestrate.cluster.coordinating.settings import Settings

EACH = full_or(12, 1)
"""All of them are played by `make storm`."""
AT_ONCE = 4


def test_scenarios_come_about_on_a_cluster(cluster: Cluster, monkeypatch):
    actor = Actor(cluster.root)
    plain = worker_process.services
    monkeypatch.setattr(
        worker_process,
        "services",
        lambda root: plain(root)._replace(registry_for=lambda environment: actor),
    )
    cluster.worker(max_steps=100)
    room = Settings(capacity={"cpu": 1000, "memory": 1000})  # in scenarios there is any amount
    engines = [(cluster.engine(shared=room), cluster.engine(shared=room)) for _ in range(AT_ONCE)]

    def play(which: tuple[int, Case]) -> str:
        number, case = which
        running, asking = engines[number % AT_ONCE]
        events = play_for_real(case, running, asking, cluster.root)
        wanted, came = essence(case.played.events), essence(events)
        return "" if came == wanted else f"{case.name}: {came} instead of {wanted}"

    chosen = list(cases())[::EACH]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = list(pool.map(play, enumerate(chosen)))
    differences = "\n".join(difference for difference in told if difference)
    assert differences == ""
