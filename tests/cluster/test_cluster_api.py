"""The API of a project on a cluster: what it does on one machine it does there."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cluster.conftest import Server
from cluster.test_cluster_schedules import Site
from polling import eventually

ASKS = """
parameters: [{name: n, type: integer, default: 2}]
steps:
  - {name: one, shell: "echo ${n} of many; printf %100000s x"}
  - {name: ask, type: approval, message: go on?}
  - {name: last, shell: "test -e $SITE/mended"}
"""
HELD = """
locks: [door]
steps:
  - {name: stay, shell: "until test -e $SITE/go; do sleep 0.1; done"}
  - {name: leave, shell: "true"}
"""


class ServedCluster:
    """A worker, a daemon, and a client of its API."""

    def __init__(self, site: Site) -> None:
        self.site = site
        site.playbook("asks", ASKS)
        site.playbook("held", HELD)
        site.worker()
        self.daemon = self._serve()
        said = eventually(lambda: self._said("listening"), "the daemon")
        token = site.json("token", "create", "--name", "ada", "--scope", "admin")["token"]
        self.client = httpx.Client(
            base_url=f"http://{said['address']}/api/v1", timeout=120.0, trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
            headers={"Authorization": f"Bearer {token}"},
        )  # fmt: skip

    def _serve(self) -> subprocess.Popen[bytes]:
        with (self.site.root / "daemon").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "orchestrate", "serve", "--listen", "127.0.0.1:0",
                 "--log-format", "json"],
                cwd=self.site.root, env=self.site.env, stderr=log, stdin=subprocess.DEVNULL,
            )  # fmt: skip

    def _said(self, what: str) -> Any:
        text = (self.site.root / "daemon").read_text()
        for line in text[: text.rfind("\n") + 1].splitlines():
            if line.startswith("{") and json.loads(line)["what"] == what:
                return json.loads(line)
        return None

    def get(self, path: str, /, **query: Any) -> Any:
        found = self.client.get(path, params=query)
        assert found.status_code == 200, found.text
        return found.json()

    def ask(self, method: str, path: str, body: Any = None, *, status: int = 202) -> Any:
        found = self.client.request(method, path, json=body)
        assert found.status_code == status, found.text
        return found.json() if found.content else None

    def reach(self, workflow: str, state: str) -> Any:
        def look() -> Any:
            found = self.get(f"/workflows/{workflow}")
            return found if found["state"] == state else None

        return eventually(look, f"{workflow} {state}", every=0.2)

    def close(self) -> None:
        self.client.close()
        if self.daemon.poll() is None:
            self.daemon.send_signal(signal.SIGTERM)
            try:
                self.daemon.wait(120)
            finally:
                self.daemon.kill()


@pytest.fixture(scope="module")
def served(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedCluster]:
    site = Site(server, tmp_path_factory.mktemp("api"))
    made = ServedCluster(site)
    yield made
    made.close()
    site.close()


def test_a_workflow_is_started_answered_resumed_and_read(served: ServedCluster) -> None:
    made = served.client.post(
        "/workflows", json={"playbook": "asks", "parameters": {"n": "7"}},
        headers={"Idempotency-Key": "build-1"},
    )  # fmt: skip
    assert made.status_code == 201, made.text
    workflow = made.json()["id"]
    again = served.client.post(
        "/workflows", json={"playbook": "asks", "parameters": {"n": "7"}},
        headers={"Idempotency-Key": "build-1"},
    )  # fmt: skip
    assert (again.status_code, again.json()["id"]) == (200, workflow)
    assert made.json()["actor"] == "ada"

    waiting = served.reach(workflow, "waiting")
    assert waiting["counts"] == {"succeeded": 1, "waiting": 1}
    (asked,) = served.get("/approvals")["items"]
    assert (asked["workflow"], asked["path"]) == (workflow, "ask")
    answer = {"path": "ask", "decision": "approve", "comment": "fine"}
    served.ask("POST", f"/workflows/{workflow}/approvals", answer)
    served.reach(workflow, "failed")

    step = served.get(f"/workflows/{workflow}/step", path="one")
    attempt = step["attempts_made"][0]["attempt"]
    assert step["attempts_made"][0]["bytes"] == 100010
    url = f"/workflows/{workflow}/output"
    head = served.client.get(url, params={"attempt": attempt}, headers={"Range": "bytes=0-8"})
    assert (head.status_code, head.text) == (206, "7 of many")
    assert head.headers["content-range"] == "bytes 0-8/100010"
    tail = served.client.get(url, params={"attempt": attempt}, headers={"Range": "bytes=-2"})
    assert tail.text == " x"
    assert [one["path"] for one in served.get(f"/workflows/{workflow}/steps")["items"]] == [
        "one", "ask", "last",
    ]  # fmt: skip
    assert served.get(f"/workflows/{workflow}/analysis")["id"] == workflow
    assert served.get(f"/workflows/{workflow}/gantt")["rows"]

    (served.site.root / "mended").touch()
    plan = served.ask("POST", f"/workflows/{workflow}/resume-plan", {}, status=200)
    assert [(line["path"], line["action"]) for line in plan["lines"]][-1] == ("last", "run")
    served.ask("POST", f"/workflows/{workflow}/resume", {})
    served.reach(workflow, "succeeded")
    served.ask("POST", f"/workflows/{workflow}/resume", {}, status=409)
    rerun = served.ask("POST", f"/workflows/{workflow}/rerun", {}, status=201)["id"]
    served.reach(rerun, "waiting")
    served.ask("POST", f"/workflows/{rerun}/cancel", {"reason": "enough"})
    assert served.reach(rerun, "cancelled")["reason"] == "cancelled by ada: enough"


def test_streams_tell_of_workflows(served: ServedCluster) -> None:
    with served.client.stream("GET", "/stream") as listed:
        lines = listed.iter_lines()
        assert "event: hello" in (next(lines), next(lines), next(lines))
        workflow = served.ask("POST", "/workflows", {"playbook": "asks"}, status=201)["id"]
        assert any(workflow in line for line in lines)
    url = f"/workflows/{workflow}/stream"
    with served.client.stream("GET", url, params={"after": 0}) as told:
        states = set[str]()
        for line in told.iter_lines():
            if line.startswith("data: ") and "steps" in (data := json.loads(line[6:])):
                states.add(data["workflow"]["state"])
                if states >= {"waiting"}:
                    break
    served.ask("POST", f"/workflows/{workflow}/cancel", {})
    served.reach(workflow, "cancelled")


def test_the_project_is_shown_and_steered(served: ServedCluster) -> None:
    assert served.get("/project")["engine"] == "cluster"
    workflow = served.ask("POST", "/workflows", {"playbook": "held"}, status=201)["id"]
    (lock,) = eventually(lambda: served.get("/locks")["locks"], "a lock", every=0.2)
    assert (lock["name"], lock["held_by"][0]["workflow"]) == ("door", workflow)
    paused = served.ask("POST", f"/workflows/{workflow}/pause", {"reason": "look"})
    assert paused["id"] == workflow
    (served.site.root / "go").touch()
    served.reach(workflow, "paused")
    served.ask("POST", f"/workflows/{workflow}/resume", {})
    served.reach(workflow, "succeeded")

    served.ask("PUT", "/hold", {"reason": "fair"}, status=200)
    refused = served.ask("POST", "/workflows", {"playbook": "held", "wait": False}, status=409)
    assert "fair" in refused["detail"]
    served.ask("DELETE", "/hold", status=200)
    made = {"playbook": "asks", "cron": "@daily", "time_zone": "UTC"}
    assert served.ask("POST", "/schedules", made, status=201)["name"] == "asks"
    assert [one["name"] for one in served.get("/schedules")["items"]] == ["asks"]
    served.ask("DELETE", "/schedules/asks", status=204)
    event = {"source": "m", "type": "nothing", "id": "8"}
    assert served.ask("POST", "/events", event)["accepted"]
    for path in (
        "/capacity", "/deliveries", "/metrics", "/integrations", "/playbooks", "/playbooks/asks",
        "/events/unmatched", "/tokens", "/calendar", "/commands", "/session",
    ):  # fmt: skip
        served.get(path)
    audit = served.get("/audit")["items"]
    assert {one["action"] for one in audit} >= {"workflow_created", "token_created"}
    assert [one["at"] for one in audit] == sorted((one["at"] for one in audit), reverse=True)
    of_one = served.get("/audit", workflow=workflow)["items"]
    assert {one["workflow"] for one in of_one} == {workflow}
    exported = served.client.get("/audit/export", params={"workflow": workflow}).text.splitlines()
    assert json.loads(exported[0])["action"] == "workflow_created"
    console = httpx.get(str(served.client.base_url).replace("/api/v1/", "/console/"))
    assert console.status_code in (200, 503)


def test_a_cluster_that_is_away_is_told_as_that(server: Server, tmp_path: Path) -> None:
    site = Site(server, tmp_path)
    made = ServedCluster(site)
    try:
        settings = site.root / "orchestrate.toml"
        settings.write_text(settings.read_text().replace(site.address.target, "127.0.0.1:9"))
        made.daemon.send_signal(signal.SIGHUP)
        found = eventually(
            lambda: (answer := made.client.get("/workflows")).status_code == 503 and answer,
            "the new address", every=0.2,
        )  # fmt: skip
        assert (found.json()["code"], found.headers["retry-after"]) == ("cluster", "5")
    finally:
        made.close()
        site.close()
