"""Two calls of `commands/infra` at the same time leave one state in which both took place."""

import signal

from polling import eventually
from running_webapp import Webapp


def test_deployments_of_different_pools_do_not_lose_each_other(running: Webapp) -> None:
    components = ("frontend", "api", "workers", "backend")
    calls = [
        running.begin("commands/infra", "deploy", "--component", each, "--version", "1.1")
        for each in components
    ]

    assert [(call.communicate(timeout=120)[1], call.returncode) for call in calls] == [("", 0)] * 4
    assert running.pools() == {
        "blue": ("1.0", 2, 100),
        **dict.fromkeys(components, ("1.1", 2, 0)),
    }
    for each in components:
        assert running.get(f"/pools/{each}/version") == (200, {"version": "1.1"})


def test_deployments_of_one_pool_take_turns(running: Webapp) -> None:
    calls = [
        running.begin("commands/infra", "deploy", "--component", "api", "--version", version)
        for version in ("1.1", "1.2", "1.3")
    ]

    assert [(call.communicate(timeout=120)[1], call.returncode) for call in calls] == [("", 0)] * 3
    version, alive, _ = running.pools()["api"]
    assert version in ("1.1", "1.2", "1.3")
    assert alive == 2
    assert len(running.processes()) == 1 + 2 + 2


def test_up_twice_at_once_is_up_once(webapp: Webapp) -> None:
    calls = [webapp.begin("commands/infra", "up", "--version", "1.0") for _ in range(2)]

    said = sorted(call.communicate(timeout=120)[0].split(" at ")[0] for call in calls)

    assert said == ["already up", "up"]
    assert len(webapp.processes()) == 3


def test_an_operation_that_was_killed_is_finished_by_its_repetition(running: Webapp) -> None:
    running.infra("deploy", "--environment", "green", "--version", "2.0")
    words = ("switch", "--from", "blue", "--to", "green", "--gradual")
    killed = running.begin("commands/infra", *words, WEBAPP_SWITCH_INTERVAL="30")
    assert killed.stdout is not None
    assert killed.stdout.readline() == "blue 90 %, green 10 %\n"
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert running.pools()["green"] == ("2.0", 2, 10)

    running.infra(*words)
    assert running.pools() == {"blue": ("1.0", 2, 0), "green": ("2.0", 2, 100)}

    running.infra("rollback", "--immediate")
    assert running.pools() == {"blue": ("1.0", 2, 100), "green": ("2.0", 2, 0)}


def test_what_a_killed_deployment_left_behind_is_ended_by_the_next(running: Webapp) -> None:
    words = ("deploy", "--environment", "green", "--version")
    killed = running.begin("commands/infra", *words, "0.0-broken", WEBAPP_HEALTH_TIMEOUT="60")
    eventually(lambda: len(running.processes()) >= 5, "what it begins")
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    left = [each for each in running.processes() if each.name.startswith("green")]
    assert [each.facts["version"] for each in left] == ["0.0-broken", "0.0-broken"]

    running.infra(*words, "2.0")

    assert [each.alive for each in left] == [False, False]
    assert running.pools() == {"blue": ("1.0", 2, 100), "green": ("2.0", 2, 0)}
