"""The suites ask the running application; its data is on disk."""

import json
import shutil
import signal

from running_webapp import Webapp


def test_the_suites_pass_on_what_is_well(running: Webapp) -> None:
    for suite in ("deployment", "smoke", "integration", "data"):
        code, said = running.call("suites/run", suite)
        assert (code, "FAIL" in said) == (0, False), said


def test_smoke_asks_the_pool_that_is_named(running: Webapp) -> None:
    running.infra("deploy", "--environment", "green", "--version", "2.0")
    running.infra("scale", "--environment", "green", "--instances", "1")
    green = next(each for each in running.processes() if each.name.startswith("green"))
    assert running.call("suites/run", "smoke", TEST_ENVIRONMENT="green")[0] == 0

    green.signal(signal.SIGKILL)

    assert running.call("suites/run", "smoke", TEST_ENVIRONMENT="green")[0] == 1
    assert running.call("suites/run", "smoke", TEST_ENVIRONMENT="production")[0] == 0


def test_disaster_recovery_wants_the_site_and_the_restored_data(running: Webapp) -> None:
    assert running.call("suites/run", "disaster-recovery")[0] == 1
    running.infra("failover", "--to", "disaster-recovery-site")
    code, said = running.call("suites/run", "disaster-recovery")
    assert (code, "FAIL  has_records" in said) == (1, True)

    shutil.copytree(running.run / "data", running.run / "dr-site" / "run" / "data")

    assert running.call("suites/run", "disaster-recovery")[0] == 0


def test_records_are_shared_by_all_processes_and_survive_them(running: Webapp) -> None:
    assert running.call("suites/run", "integration")[0] == 0
    records = json.loads((running.run / "data" / "records.json").read_text())
    assert [each["name"] for each in records] == [
        "first order",
        "second order",
        "third order",
        "integration test",
    ]

    running.infra("restart")

    assert running.get("/data")[1]["records"] == records
