"""Server-sent events, over real connections to a real server."""

import signal
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from polling import eventually
from web.streams import Told, events


def until(response: httpx.Response, state: str) -> list[Told]:
    """What is told until the workflow is in a state."""
    found: list[Told] = []
    for told in events(response):
        found.append(told)
        if told.event == "steps" and told.data["workflow"]["state"] == state:
            return found
    raise AssertionError(f"the stream ended before {state}: {found}")


def _states(told: list[Told]) -> dict[str, str]:
    """The last state of each step; groups have none."""
    entries = [entry for one in told for entry in one.data.get("steps", ())]
    return {entry["path"]: entry["state"] for entry in entries if entry["state"]}


def _answer(client: httpx.Client, workflow: str) -> None:
    answer = {"path": "ask", "decision": "approve", "inputs": {"window": "day"}}
    assert client.post(f"/workflows/{workflow}/approvals", json=answer).status_code == 202


def test_a_stream_tells_what_is_different_and_goes_on_by_its_id(
    admin: httpx.Client, run: Any
) -> None:
    workflow = run("asks", "waiting")
    url = f"/workflows/{workflow}/stream"
    with admin.stream("GET", url) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        told = events(response)
        hello = next(told)
        assert hello.event == "hello"
        seen = hello.id
    _answer(admin, workflow)
    with admin.stream("GET", url, headers={"Last-Event-ID": str(seen)}) as response:
        found = until(response, "succeeded")
    assert _states(found) == {
        "ask": "succeeded", "last": "succeeded", "finally/tidy": "succeeded",
    }  # fmt: skip
    ids = [one.id for one in found]
    assert ids == sorted(ids)  # type: ignore[type-var]
    with admin.stream("GET", url, params={"after": 0}) as response:
        assert "one" in _states(until(response, "succeeded"))


def test_an_id_that_never_was_is_a_reset(admin: httpx.Client, run: Any) -> None:
    workflow = run("quick", "succeeded")
    last = {"Last-Event-ID": "999999"}
    with admin.stream("GET", f"/workflows/{workflow}/stream", headers=last) as response:
        told = events(response)
        assert [next(told).event, next(told).event] == ["hello", "reset"]


def test_the_list_tells_of_new_workflows(admin: httpx.Client) -> None:
    with admin.stream("GET", "/stream") as response:
        told = events(response)
        assert next(told).event == "hello"
        made: list[str] = []

        def make() -> None:
            call = {"playbook": "quick"}
            made.append(admin.post("/workflows", json=call).json()["id"])

        thread = threading.Thread(target=make)
        thread.start()
        succeeded: set[str] = set()
        for one in told:
            items = one.data.get("items", ())
            succeeded |= {item["id"] for item in items if item["state"] == "succeeded"}
            if succeeded:
                break
        thread.join()
        assert made[0] in succeeded


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_missed_while_the_server_starts_again(own: Any, number: int) -> None:
    own.start()
    token = own.token("a", "--scope", "admin")
    client = own.client(token)
    workflow = client.post("/workflows", json={"playbook": "asks"}).json()["id"]
    url = f"/workflows/{workflow}/stream"
    eventually(lambda: client.get(f"/workflows/{workflow}").json()["state"] == "waiting", "waiting")
    with client.stream("GET", url) as response:
        told = events(response)
        seen = next(told).id
        stopping = threading.Thread(target=own.stop, args=(number,))
        stopping.start()
        try:
            for one in told:
                seen = one.id if one.id is not None else seen
        except httpx.HTTPError:
            pass  # it was killed
        stopping.join()
    own.start()
    client = own.client(token)
    _answer(client, workflow)
    last = {"Last-Event-ID": str(seen)}
    with client.stream("GET", url, headers=last) as response:
        found = until(response, "succeeded")
    assert _states(found) == {
        "ask": "succeeded", "last": "succeeded", "finally/tidy": "succeeded",
    }  # fmt: skip


def test_a_stream_ends_with_its_workflow_hidden(admin: httpx.Client) -> None:
    found = admin.get("/workflows/WF-1999-001/stream")
    assert (found.status_code, found.json()["code"]) == (404, "not-found")


def _memory(served: Any) -> float:
    """MiB that the server has now."""
    text = Path(f"/proc/{served.daemon.pid}/status").read_text()
    (line,) = (line for line in text.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def test_a_hundred_pages_follow_one_workflow(served: Any, admin: httpx.Client, run: Any) -> None:
    workflow = run("asks", "waiting")
    limits = httpx.Limits(max_connections=120, max_keepalive_connections=0)
    pages = httpx.Client(
        base_url=admin.base_url, headers=admin.headers, timeout=120.0, trust_env=False,
        limits=limits,
    )  # fmt: skip
    ready = threading.Barrier(101, timeout=120.0)
    found: list[dict[str, str]] = []
    failed: list[BaseException] = []

    def follow() -> None:
        try:
            with pages.stream("GET", f"/workflows/{workflow}/stream") as response:
                told = events(response)
                assert next(told).event == "hello"
                ready.wait()
                states: dict[str, str] = {}
                for one in told:
                    states |= _states([one])
                    if one.event == "steps" and one.data["workflow"]["state"] == "succeeded":
                        break
                found.append(states)
        except BaseException as error:
            failed.append(error)
            ready.abort()

    threads = [threading.Thread(target=follow) for _ in range(100)]
    for thread in threads:
        thread.start()
    ready.wait()
    before = _memory(served)
    _answer(admin, workflow)
    for thread in threads:
        thread.join(120.0)
    assert _memory(served) - before < 64
    pages.close()
    assert not failed
    wanted = {"ask": "succeeded", "last": "succeeded", "finally/tidy": "succeeded"}
    assert found == [wanted] * 100
