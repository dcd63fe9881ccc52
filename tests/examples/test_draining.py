"""A slow request, begun on blue, while blue is switched away from and ended."""

import threading
from typing import Any

from polling import eventually
from running_webapp import Webapp


def slow_request_during_the_deployment(
    running: Webapp, draining: str, seconds: float
) -> tuple[int, dict[str, Any]]:
    answers: list[tuple[int, dict[str, Any]]] = []
    begun = running.begin  # bound before the thread, so that the thread only asks
    running.infra("deploy", "--environment", "green", "--version", "2.0")
    thread = threading.Thread(
        target=lambda: answers.append(running.get(f"/slow?seconds={seconds:g}", timeout=120))
    )
    thread.start()
    eventually(lambda: answers or is_in_flight(running), "the request is on its way")
    for words in (
        ("switch", "--from", "blue", "--to", "green"),
        ("decommission", "--environment", "blue"),
    ):
        process = begun("commands/infra", *words, WEBAPP_DRAINING=draining)
        said, error = process.communicate(timeout=120)
        assert process.returncode == 0, said + error
    assert running.pools() == {"green": ("2.0", 2, 100)}
    thread.join(timeout=120)
    return answers[0]


def is_in_flight(running: Webapp) -> bool:
    """Whether the proxy says that a request is on its way."""
    from webapp.fleet.front import Front
    from webapp.fleet.settings import read_settings

    front = Front(read_settings(running.env))
    return any(each["in_flight"] for each in front.traffic().values())


def test_the_request_is_answered_by_the_version_that_began_it(running: Webapp) -> None:
    status, content = slow_request_during_the_deployment(running, draining="on", seconds=2.0)

    assert (status, content["version"], content["seconds"]) == (200, "1.0", 2.0)
    assert running.get("/version") == (200, {"version": "2.0"})


def test_without_draining_it_is_cut(running: Webapp) -> None:
    status, content = slow_request_during_the_deployment(running, draining="off", seconds=30.0)

    assert status == 502
    assert content["error"].startswith("blue-")
