"""Every verb of the example's `commands/infra`, by what it does to real processes."""

import json
import os
import signal
from pathlib import Path

from polling import eventually
from running_webapp import Webapp
from webapp.daemons import Announcement


def kill(instance: Announcement) -> None:
    """End it as a crash would, and wait until it is gone."""
    instance.signal(signal.SIGKILL)
    eventually(lambda: not instance.alive, "its end")


def test_up_serves_and_up_again_changes_nothing(webapp: Webapp) -> None:
    assert "blue serves 1.0" in webapp.infra("up", "--version", "1.0")
    port = webapp.port

    assert "already up" in webapp.infra("up", "--version", "9.9")

    assert webapp.port == port
    assert webapp.pools() == {"blue": ("1.0", 2, 100)}
    status, content = webapp.get("/")
    assert (status, content["version"], content["pool"]) == (200, "1.0", "blue")


def test_nothing_is_possible_before_up(webapp: Webapp) -> None:
    code, said = webapp.call("commands/infra", "deploy", "--component", "api")

    assert code == 1
    assert said == "infra: nothing is up yet: start with `commands/infra up`\n"


def test_blue_green(running: Webapp) -> None:
    running.infra("deploy", "--environment", "green", "--version", "2.0")
    assert running.pools() == {"blue": ("1.0", 2, 100), "green": ("2.0", 2, 0)}
    assert running.get("/pools/green/version") == (200, {"version": "2.0"})
    assert running.get("/version") == (200, {"version": "1.0"})

    said = running.infra("switch", "--from", "blue", "--to", "green", "--gradual")
    assert said.splitlines() == [
        "blue 90 %, green 10 %",
        "blue 75 %, green 25 %",
        "blue 50 %, green 50 %",
        "blue 25 %, green 75 %",
        "blue 0 %, green 100 %",
        "traffic goes to green",
    ]
    assert running.get("/version") == (200, {"version": "2.0"})

    running.infra("decommission", "--environment", "blue")
    assert running.pools() == {"green": ("2.0", 2, 100)}


def test_every_operation_can_be_repeated(running: Webapp) -> None:
    for words in (
        ("deploy", "--environment", "green", "--version", "2.0"),
        ("switch", "--from", "blue", "--to", "green"),
        ("decommission", "--environment", "blue"),
        ("scale", "--instances", "3"),
        ("deploy", "--canary", "--percentage", "5"),
        ("failover", "--to", "disaster-recovery-site"),
        ("rollback", "--immediate"),
        ("rollback", "--immediate"),
    ):
        running.infra(*words)
        once = running.status["pools"]
        running.infra(*words)
        assert running.status["pools"] == once, words


def test_a_rolling_deployment_replaces_a_component(running: Webapp) -> None:
    running.infra("deploy", "--component", "backend", "--version", "1.0")
    before = running.processes()

    running.infra("deploy", "--component", "backend", "--version", "1.1")

    assert running.pools()["backend"] == ("1.1", 2, 0)
    assert running.get("/pools/backend/version") == (200, {"version": "1.1"})
    assert [each.name for each in before if not each.alive] == ["backend-3", "backend-4"]


def test_without_a_version_a_region_gets_the_one_that_serves(running: Webapp) -> None:
    for region in ("us-east-1", "eu-west-1", "ap-southeast-1"):
        running.infra("deploy", "--region", region)

        status, content = running.get(f"/pools/{region}/")
        assert (status, content["pool"], content["version"]) == (200, region, "1.0")


def test_a_fast_deployment_has_one_process(running: Webapp) -> None:
    running.infra("deploy", "--fast", "--version", "1.2")

    assert running.pools() == {"blue": ("1.2", 1, 100)}


def test_a_version_that_never_gets_healthy_changes_nothing(running: Webapp) -> None:
    before, processes = running.status, running.processes()

    code, said = running.call(
        "commands/infra", "deploy", "--environment", "blue", "--version", "0.0-broken"
    )

    assert code == 1
    assert "blue 0.0-broken did not get healthy" in said
    assert running.status == before
    assert running.processes() == processes


def test_a_canary_takes_its_share_and_grows(running: Webapp) -> None:
    running.infra("deploy", "--canary", "--percentage", "10")
    assert running.pools() == {"blue": ("1.0", 2, 90), "canary": ("2.0", 1, 10)}
    pools = [running.get("/")[1]["pool"] for _ in range(50)]
    assert (pools.count("blue"), pools.count("canary")) == (45, 5)

    running.infra("scale", "--canary", "--percentage", "100")
    assert running.pools() == {"blue": ("1.0", 2, 0), "canary": ("2.0", 2, 100)}


def test_the_canary_takes_its_version_from_the_playbook(running: Webapp) -> None:
    running.infra("deploy", "--canary", "--percentage", "5", PARAM_NEW_VERSION="3.0")

    assert running.pools()["canary"] == ("3.0", 1, 5)


def test_scaling_beyond_the_limit_fails_and_can_be_rolled_back(running: Webapp) -> None:
    running.infra("scale", "--instances", "3")

    code, said = running.call(
        "commands/infra", "scale", "--instances", "10", WEBAPP_MAX_INSTANCES="5"
    )
    assert code == 1
    assert "10 instances do not fit: this machine takes 5" in said

    said = running.infra("rollback", "--immediate")
    assert said == "undone: scale blue 10; it had changed nothing\n"
    assert running.pools() == {"blue": ("1.0", 3, 100)}


def test_a_rollback_returns_versions_and_weights(running: Webapp) -> None:
    running.infra("deploy", "--environment", "blue", "--version", "2.0")
    running.infra("rollback", "--immediate")
    assert running.pools() == {"blue": ("1.0", 2, 100)}

    running.infra("deploy", "--environment", "green", "--version", "2.0")
    running.infra("switch", "--from", "blue", "--to", "green")
    running.infra("rollback")
    assert running.pools() == {"blue": ("1.0", 2, 100), "green": ("2.0", 2, 0)}

    assert running.infra("rollback") == "there is nothing to roll back\n"


def test_a_rollback_brings_back_what_was_decommissioned(running: Webapp) -> None:
    running.infra("deploy", "--environment", "green", "--version", "2.0")
    running.infra("switch", "--from", "blue", "--to", "green")
    running.infra("decommission", "--environment", "blue")

    running.infra("rollback", "--immediate")

    assert running.pools() == {"blue": ("1.0", 2, 0), "green": ("2.0", 2, 100)}


def test_failover_serves_from_the_recovery_site_after_everything_died(running: Webapp) -> None:
    for instance in running.processes():
        if instance.name.startswith("blue"):
            kill(instance)
    assert running.call("commands/infra", "check")[0] == 1
    assert running.get("/")[0] == 503

    running.infra("failover", "--to", "disaster-recovery-site")

    status, content = running.get("/")
    assert (status, content["pool"]) == (200, "disaster-recovery-site")
    assert running.pools()["disaster-recovery-site"] == ("1.0", 2, 100)


def test_a_switch_to_a_dead_pool_is_refused(running: Webapp) -> None:
    running.infra("deploy", "--environment", "green", "--version", "2.0")
    green = [each for each in running.processes() if each.name.startswith("green")]
    kill(green[0])

    code, said = running.call("commands/infra", "switch", "--from", "blue", "--to", "green")

    assert code == 1
    assert said == f"infra: green is not ready for traffic: {green[0].name} does not run\n"
    assert running.pools()["blue"] == ("1.0", 2, 100)


def test_the_pool_that_serves_and_the_last_that_can_are_not_decommissioned(
    running: Webapp,
) -> None:
    code, said = running.call("commands/infra", "decommission", "--environment", "blue")
    assert (code, "still takes traffic" in said) == (1, True)

    running.infra("deploy", "--environment", "green", "--version", "2.0")
    running.infra("switch", "--from", "blue", "--to", "green")
    for instance in running.processes():
        if instance.name.startswith("green"):
            kill(instance)
    code, said = running.call("commands/infra", "decommission", "--environment", "blue")
    assert (code, "blue is the last that can serve" in said) == (1, True)
    assert running.get("/version") == (200, {"version": "1.0"})


def test_a_proxy_that_died_comes_back_on_its_port(running: Webapp) -> None:
    port = running.port
    proxy = next(each for each in running.processes() if each.name == "proxy")
    kill(proxy)

    running.infra("deploy", "--component", "api")

    assert running.port == port
    assert running.get("/version") == (200, {"version": "1.0"})


def test_a_restart_replaces_every_process(running: Webapp) -> None:
    before = [each for each in running.processes() if each.name != "proxy"]

    running.infra("restart")

    assert [each.alive for each in before] == [False, False]
    assert running.pools() == {"blue": ("1.0", 2, 100)}


def test_down_ends_what_was_started_and_nothing_else(running: Webapp) -> None:
    running.infra("deploy", "--component", "api")
    started = running.processes()
    assert len(started) == 5
    # A pid that the system has given to somebody else since: this test's own.
    stranger = {"name": "blue-99", "pid": os.getpid(), "started": "1", "port": 1, "facts": {}}
    (running.run / "instances" / "blue-99.json").write_text(json.dumps(stranger))

    assert running.infra("down") == "ended 5 processes\n"

    assert [each.name for each in started if each.alive] == []
    assert running.infra("down") == "nothing was up\n"
    assert running.infra("status") == "nothing is up\n"


def test_a_name_that_does_not_exist_gets_the_nearest(running: Webapp) -> None:
    code, said = running.call("commands/infra", "deploy", "--environment", "gren")

    assert code == 2
    assert said == (
        "infra: --environment 'gren' does not exist (did you mean green?): blue, green\n"
    )


def test_an_operation_hands_over_its_output_and_progress(running: Webapp, tmp_path: Path) -> None:
    output, progress = tmp_path / "output", tmp_path / "progress"
    asked = {"ORCHESTRATE_OUTPUT": str(output), "ORCHESTRATE_PROGRESS": str(progress)}

    running.infra("deploy", "--environment", "green", "--version", "2.0", **asked)
    assert json.loads(output.read_text()) == {
        "pool": "green",
        "version": "2.0",
        "instances": 2,
        "changed": True,
        "weight": 0,
    }

    running.infra("switch", "--from", "blue", "--to", "green", "--gradual", **asked)
    assert progress.read_text() == "100\n"
