"""The OpenAPI document beside real answers of every request that it names."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from polling import eventually

from orchestrate.web import bodies
from orchestrate.web.document import ANSWERS

SCENARIO = "- scenario: it runs\n  expect: {state: succeeded}\n"
SLIP = "name: slip\nsteps:\n  - {name: one, comand: /bin/true}\n"
NOT_ASKED = {
    "POST /workers/{name}/drain": "tests/cluster asks a cluster",
    "GET /workers": "on one machine the list is empty; tests/cluster has workers",
}


class Asking:
    """Asks a server, and compares each answer with the document."""

    def __init__(self, client: httpx.Client, root: Path) -> None:
        self.client = client
        self.root = root
        self.document = client.get("/openapi.json").json()
        self.asked: set[str] = set()

    def __call__(self, key: str, body: Any = None, status: int = 200, **fields: Any) -> Any:
        method, _, template = key.partition(" ")
        path = template
        for name in ("id", "name", "kind"):
            path = path.replace(f"{{{name}}}", str(fields.pop(name, "")))
        content = body if isinstance(body, bytes) else None
        found = self.client.request(
            method, path, params=fields, content=content,
            json=None if content is not None else body,
        )  # fmt: skip
        assert found.status_code == status, f"{key}: {found.text}"
        operation = self.document["paths"][f"/api/v1{template}"][method.lower()]
        described = operation["responses"][str(status)].get("content", {})
        schema = described.get("application/json", {}).get("schema")
        self.asked.add(key)
        if schema is None:
            assert status == 204 or ANSWERS[key].kind != "application/json", key
            return found
        whole = {**schema, "components": self.document["components"]}
        problems = [
            error.message for error in Draft202012Validator(whole).iter_errors(found.json())
        ]
        assert not problems, f"{key}: {problems}: {found.text[:500]}"
        return found.json()


@pytest.fixture
def asking(own: Any) -> Asking:
    (own.root / "playbooks" / "tests").mkdir()
    (own.root / "playbooks" / "tests" / "quick.yaml").write_text(SCENARIO)
    (own.root / "playbooks" / "slip.yaml").write_text(SLIP)
    (own.root / "playbooks" / "locked.yaml").write_text(
        "name: locked\nlocks: [door]\nsteps: [{name: ask, type: approval, message: go on?}]\n"
    )
    (own.root / "playbooks" / "stays.yaml").write_text(
        "name: stays\nsteps:\n"
        "  - {name: stay, shell: 'until test -e go; do sleep 0.1; done'}\n"
        "  - {name: leave, shell: 'true'}\n"
    )
    told = "integrations: [{type: webhook, url: 'http://127.0.0.1:9/'}]\n"
    file = own.root / "playbooks" / "quick.yaml"
    file.write_text(file.read_text() + told)
    own("audit", "key", "audit.key")
    with (own.root / "orchestrate.toml").open("a") as settings:
        settings.write('[audit]\nkey = "audit.key"\n')
    own.start()
    return Asking(own.client(own.token("a", "--scope", "admin")), own.root)


def reach(client: httpx.Client, workflow: str, state: str) -> None:
    eventually(
        lambda: client.get(f"/workflows/{workflow}").json()["state"] == state, f"{workflow} {state}"
    )


def test_answers_have_names_of_their_own_and_every_request_one(admin: httpx.Client) -> None:
    document = admin.get("/openapi.json").json()
    named = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in document["paths"].items()
        for method in methods
    }
    assert named == set(ANSWERS)
    assert set(document["components"]["schemas"]).issuperset({"Standing", "Run", "Entry"})
    asked_for = {name for name in vars(bodies) if name[0].isupper()}
    shapes = {
        name for name, what in document["components"]["schemas"].items()
        if what.get("additionalProperties") is True
    }  # fmt: skip
    assert not shapes & asked_for
    for methods in document["paths"].values():
        for operation in methods.values():
            kinds = operation["responses"]["default"]["content"]
            assert list(kinds) == ["application/problem+json"]


def test_real_answers_are_as_the_document_says(asking: Asking) -> None:
    ask = asking
    workflow = ask("POST /workflows", {"playbook": "asks"}, 201)["id"]
    reach(ask.client, workflow, "waiting")
    _look_at_workflows(ask, workflow)
    _do_to_workflows(ask, workflow)
    _look_at_playbooks(ask)
    _change_playbooks(ask)
    _schedules(ask)
    _project(ask)
    _sessions(ask)
    streams = {key for key, shape in ANSWERS.items() if shape.kind == "text/event-stream"}
    assert ask.asked | set(NOT_ASKED) | streams == set(ANSWERS)


def _look_at_workflows(ask: Asking, workflow: str) -> None:
    ask("GET /workflows")
    ask("GET /approvals")
    for key in (
        "GET /workflows/{id}", "GET /workflows/{id}/steps", "GET /workflows/{id}/events",
        "GET /workflows/{id}/graph", "GET /workflows/{id}/gantt", "GET /workflows/{id}/analysis",
        "GET /workflows/{id}/picture",
        "GET /workflows/{id}/trace", "GET /workflows/{id}/report", "GET /workflows/{id}/logs",
    ):  # fmt: skip
        ask(key, id=workflow)
    step = ask("GET /workflows/{id}/step", id=workflow, path="one")
    attempt = step["attempts_made"][0]["attempt"]
    ask("GET /workflows/{id}/output", id=workflow, attempt=attempt)
    ask("GET /flaky")


def _do_to_workflows(ask: Asking, workflow: str) -> None:
    stays = ask("POST /workflows", {"playbook": "stays"}, 201)["id"]
    reach(ask.client, stays, "running")
    ask("POST /workflows/{id}/pause", {"checkpoint": True}, 202, id=stays)
    (ask.root / "go").touch()
    reach(ask.client, stays, "paused")
    ask("GET /workflows/{id}", id=stays)
    ask("POST /workflows/{id}/resume", {}, 202, id=stays)
    answer = {"path": "ask", "decision": "approve", "inputs": {"window": "day"}}
    ask("POST /workflows/{id}/approvals", answer, 202, id=workflow)
    reach(ask.client, workflow, "succeeded")
    again = ask("POST /workflows/{id}/rerun", {}, 201, id=workflow)["id"]
    reach(ask.client, again, "waiting")
    ask("GET /workflows/{id}/comparison", id=again, **{"with": workflow})
    ask("POST /workflows/{id}/complete", {"force": True, "reason": "done"}, 202, id=again)
    failing = ask("POST /workflows", {"playbook": "fails"}, 201)["id"]
    reach(ask.client, failing, "failed")
    ask("POST /workflows/{id}/resume-plan", {}, id=failing)
    third = ask("POST /workflows", {"playbook": "asks"}, 201)["id"]
    ask("POST /workflows/{id}/cancel", {}, 202, id=third)
    reach(ask.client, third, "cancelled")
    ask("GET /workflows/{id}", id=third)


def _look_at_playbooks(ask: Asking) -> None:
    ask("GET /playbooks")
    ask("GET /playbooks", search="quick")
    ask("GET /findings")
    ask("GET /scenarios")
    ask("POST /scenarios/play", {"coverage": True})
    for key in (
        "GET /playbooks/{name}", "GET /playbooks/{name}/graph", "GET /playbooks/{name}/form",
        "GET /playbooks/{name}/picture",
        "GET /playbooks/{name}/findings", "GET /playbooks/{name}/export",
    ):  # fmt: skip
        ask(key, name="asks")
    ask("GET /playbooks/{name}", name="slip")
    for key in (
        "POST /playbooks/{name}/dry-run", "POST /playbooks/{name}/simulation",
        "POST /playbooks/{name}/failures", "POST /playbooks/{name}/dependencies",
    ):  # fmt: skip
        ask(key, {}, name="asks")
    ask("POST /playbooks/{name}/repairs", {}, name="slip")
    text = {"text": "name: x\nparameters: [{name: n}]\nsteps: [{shell: 'echo ${n}'}]\n"}
    for key in ("POST /check", "POST /check/simulation", "POST /check/failures"):
        ask(key, text)
    ask("POST /check", {"text": "steps: ["})
    for kind in ("playbook", "environment", "scenario", "settings"):
        ask("GET /schemas/{kind}", kind=kind)
    ask("GET /commands")


def _change_playbooks(ask: Asking) -> None:
    made = ask("GET /playbooks/{name}", name="quick")["versions"][0]["digest"]
    source = ask("GET /playbooks/{name}/source", name="quick")
    ask.client.headers["If-Match"] = source.headers["etag"]
    ask("PUT /playbooks/{name}/source", source.content, name="quick")
    del ask.client.headers["If-Match"]
    ask("GET /playbooks/{name}/diff", name="quick", a=made)
    ask("POST /playbooks", {"name": "fresh"}, 201)
    shipped = next(one for one in ask("GET /playbooks")["items"] if one["origin"] == "shipped")
    ask("POST /playbooks/{name}/copy", {}, 201, name=shipped["name"])
    ask("POST /library/import", b"name: taken\nsteps: [{shell: 'true'}]\n", 201)


def _schedules(ask: Asking) -> None:
    ask("POST /schedules", {"playbook": "quick", "cron": "@hourly", "enabled": True}, 201)
    ask("GET /schedules")
    ask("GET /calendar")
    ask("POST /slots", {"cron": "@daily"})
    ask("GET /schedules/{name}", name="quick")
    ask("GET /schedules/{name}/slots", name="quick")
    ask("PATCH /schedules/{name}", {"enabled": False}, name="quick")
    ask("POST /schedules/{name}/run", {}, 201, name="quick")
    ask("DELETE /schedules/{name}", status=204, name="quick")


def _project(ask: Asking) -> None:
    for key in (
        "GET /project", "GET /capacity", "GET /locks", "GET /integrations", "GET /audit",
        "GET /metrics", "GET /doctor", "GET /audit/export", "POST /state/backup",
        "POST /deliveries/retry",
    ):  # fmt: skip
        ask(key, {"key": "all"} if "retry" in key else None)
    assert ask("POST /audit/verification", {})["sound"]
    ask("POST /audit/checkpoints", {}, 201)
    ask("GET /audit/checkpoints")
    listed = ask("GET /deliveries", all="true")["items"]
    ask("POST /deliveries/drop", {"key": listed[0]["key"]})
    ask("PUT /hold", {"reason": "look"})
    ask("GET /hold")
    ask("DELETE /hold")
    ask("POST /events", {"source": "a", "type": "b"}, 202)
    ask("GET /events/unmatched")
    ask("POST /events/retry")
    ask("POST /prune", {"older_than": 100})
    held = ask("POST /workflows", {"playbook": "locked"}, 201)["id"]
    reach(ask.client, held, "waiting")
    ask("GET /locks")
    ask("POST /locks/release", {"name": "door", "reason": "look"})


def _sessions(ask: Asking) -> None:
    ask("GET /session")
    ask("GET /tokens")
    token = ask.client.headers.pop("Authorization").partition(" ")[2]
    session = ask("POST /session", {"token": token}, 201)
    ask.client.headers["X-CSRF-Token"] = session["csrf"]
    ask("DELETE /session", status=204)
    ask.client.headers["Authorization"] = f"Bearer {token}"
    ask("DELETE /tokens/{name}", status=204, name="a")
