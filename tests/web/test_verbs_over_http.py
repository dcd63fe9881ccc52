"""What the command line does beyond running workflows: each verb by a request."""

import io
import json
import os
import tarfile
import time
from typing import Any

import httpx
import pytest
from polling import eventually

SCENARIOS = "- scenario: it runs\n  expect: {state: succeeded}\n"


@pytest.fixture(scope="module")
def viewer(served: Any) -> httpx.Client:
    return served.client(served.token("looks", "--scope", "view"))


def _ok(found: httpx.Response, status: int = 200) -> Any:
    assert found.status_code == status, found.text
    return found.json()


def test_a_playbook_is_made_from_a_template(own: Any) -> None:
    own.start()
    client = own.client(own.token("a", "--scope", "admin"))
    made = _ok(client.post("/playbooks", json={"name": "nightly", "template": "blank"}), 201)
    assert made == {
        "name": "nightly", "added": [],
        "files": ["playbooks/nightly.yaml", "playbooks/tests/nightly.yaml"],
    }  # fmt: skip
    assert client.get("/playbooks/nightly").status_code == 200
    again = client.post("/playbooks", json={"name": "nightly"})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    wrong = client.post("/playbooks", json={"name": "../evil"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "usage")
    played = _ok(client.post("/scenarios/play", json={"playbooks": ["nightly"], "coverage": True}))
    assert (played["failed"], played["invalid"]) == (0, 0)
    assert played["passed"] == len(_ok(client.get("/scenarios"))["items"])
    assert played["coverage"]["playbooks"][0]["playbook"] == "playbooks/nightly.yaml"
    (saved, *_) = _ok(client.get("/audit", params={"action": "playbook_saved"}))["items"]
    assert (saved["actor"], saved["subject"]) == ("a", "playbooks/nightly.yaml")


def test_a_playbook_goes_from_place_to_place(own: Any) -> None:
    own.start()
    client = own.client(own.token("a", "--scope", "admin"))
    bundle = client.get("/playbooks/quick/export", params={"format": "tar.gz"})
    assert bundle.headers["content-disposition"] == 'attachment; filename="quick.tar.gz"'
    with tarfile.open(fileobj=io.BytesIO(bundle.content)) as archive:
        assert any(name.endswith("playbooks/quick.yaml") for name in archive.getnames())
    (own.root / "playbooks" / "quick.yaml").unlink()
    taken = _ok(client.post("/library/import", content=bundle.content), 201)
    assert taken["files"] == [{"path": "playbooks/quick.yaml", "action": "added"}]
    text = client.get("/playbooks/quick/export").text.replace("echo two", "echo three")
    refused = client.post("/library/import", content=text)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    _ok(client.post("/library/import", params={"force": "true"}, content=text), 201)
    assert "three" in client.get("/playbooks/quick/source").text
    done = _ok(client.get("/audit", params={"action": "playbook_saved"}))["items"]
    assert [("before" in one, "after" in one) for one in done] == [(True, True), (False, True)]
    assert done[0]["before"] == done[1]["after"]
    assert client.post("/library/import", content=b"\0\1").status_code == 422
    assert client.post("/library/import", content=b"").status_code == 422
    shipped = next(
        one["name"] for one in _ok(client.get("/playbooks"))["items"] if one["origin"] == "shipped"
    )
    copied = _ok(client.post(f"/playbooks/{shipped}/copy", json={}), 201)
    assert copied["files"][-1]["action"] == "added"
    assert client.post("/playbooks/quick/copy", json={}).status_code == 409
    assert json.loads(client.get("/playbooks/quick/export", params={"format": "json"}).text)


def test_two_versions_are_compared(own: Any) -> None:
    own.start()
    client = own.client(own.token("a", "--scope", "admin"))
    before = _ok(client.get("/playbooks/quick"))["versions"][0]["digest"]
    file = own.root / "playbooks" / "quick.yaml"
    made = client.post("/workflows", json={"playbook": "quick"})
    assert made.status_code == 201
    file.write_text(file.read_text().replace("echo two", "echo three"))
    found = _ok(client.get("/playbooks/quick/diff", params={"a": before[:8]}))
    assert found["name"] == "quick"
    assert any(line.startswith("+") and "three" in line for line in found["diff"])


def test_repairs_are_shown_and_nothing_is_written(own: Any) -> None:
    file = own.root / "playbooks" / "slip.yaml"
    text = "name: slip\nsteps:\n  - {name: one, comand: /bin/true}\n"
    file.write_text(text)
    own.start()
    client = own.client(own.token("a", "--scope", "view"))
    found = _ok(client.post("/playbooks/slip/repairs", json={}))
    assert found["valid"]
    assert not found["changes"]["written"]
    assert "+  - {name: one, command: /bin/true}\n" in found["changes"]["diff"]
    assert file.read_text() == text
    every = _ok(client.get("/findings"))["items"]
    assert {one["name"] for one in every if not one["valid"]} == {"slip"}


def test_what_a_playbook_needs_is_looked_for(served: Any, admin: httpx.Client) -> None:
    found = _ok(admin.post("/playbooks/quick/dependencies", json={}))
    assert isinstance(found["dependencies"], list)
    viewer = served.client(served.token("needs", "--scope", "view"))
    assert viewer.post("/playbooks/quick/dependencies", json={}).status_code == 403


def test_workflows_are_traced_compared_and_reported(admin: httpx.Client, run: Any) -> None:
    one, other = run("quick", "succeeded"), run("quick", "succeeded")
    spans = _ok(admin.get(f"/workflows/{one}/trace"))["items"]
    assert spans[0]["parent_id"] is None
    assert "resourceSpans" in _ok(admin.get(f"/workflows/{one}/trace?format=otlp"))
    assert "traceEvents" in _ok(admin.get(f"/workflows/{one}/trace?format=chrome"))
    assert "one" in admin.get(f"/workflows/{one}/trace?format=folded").text
    compared = _ok(admin.get(f"/workflows/{other}/comparison", params={"with": one}))
    assert (compared["before"]["id"], compared["after"]["id"]) == (one, other)
    report = admin.get(f"/workflows/{one}/report")
    assert report.headers["content-disposition"] == f'attachment; filename="{one}.html"'
    assert report.headers["content-security-policy"].startswith("default-src 'none'")
    lines = _ok(admin.get(f"/workflows/{one}/logs"))["items"]
    assert [(line["path"], line["text"]) for line in lines] == [
        ("one", "one\n"), ("two", "two\n"),
    ]  # fmt: skip
    last = _ok(admin.get(f"/workflows/{one}/logs", params={"tail": 1, "step": "two"}))
    assert [line["text"] for line in last["items"]] == ["two\n"]
    assert _ok(admin.get("/flaky", params={"playbook": "quick"}))["workflows"] >= 2
    assert _ok(admin.get(f"/workflows/{one}/analysis", params={"last": 1}))["id"] == one


def test_steps_are_drawn_as_files(admin: httpx.Client, run: Any) -> None:
    workflow = run("quick", "succeeded")
    drawn = admin.get(f"/workflows/{workflow}/picture")
    assert drawn.headers["content-type"] == "image/svg+xml; charset=utf-8"
    assert drawn.headers["content-disposition"] == f'attachment; filename="{workflow}.svg"'
    assert drawn.text.startswith("<svg")
    assert admin.get("/playbooks/quick/picture?format=mermaid").text.startswith("flowchart")
    assert "digraph" in admin.get("/playbooks/quick/picture?format=dot").text
    lines = admin.get(f"/workflows/{workflow}/picture?format=terminal").text.splitlines()
    assert lines[0] == f"{workflow} quick"
    assert admin.get("/playbooks/nothere/picture").status_code == 404


def test_a_project_is_kept_well(own: Any) -> None:
    own.start()
    client = own.client(own.token("a", "--scope", "admin"))
    made = client.post("/workflows", json={"playbook": "quick"}).json()["id"]
    found = _ok(client.get("/doctor"))["items"]
    assert "project" in {one["subject"] for one in found}
    assert _ok(client.get("/workers")) == {"items": [], "next": None}
    assert client.post("/workers/one/drain").status_code == 422
    state = own.root / ".orchestrate"
    left = state / "sending-left"  # by a server that was killed two days ago
    left.mkdir()
    (left / "old.tar.gz").touch()
    os.utime(left, (time.time() - 172_800,) * 2)
    backup = client.post("/state/backup")
    with tarfile.open(fileobj=io.BytesIO(backup.content)) as archive:
        assert any(name.endswith("orchestrate.db") for name in archive.getnames())
    eventually(lambda: not list(state.glob("sending-*")), "the end of what was sent")
    lines = client.get("/audit/export").text.splitlines()
    assert any(json.loads(line).get("workflow") == made for line in lines)
    assert client.get("/audit/export?format=cef").text.startswith("CEF:0|")
    assert _ok(client.post("/prune", json={"older_than": 30}))["workflows"] == []


def test_what_changes_or_reveals_takes_admin(viewer: httpx.Client) -> None:
    for method, path, body in (
        ("POST", "/playbooks", {"name": "x"}), ("POST", "/playbooks/quick/copy", {}),
        ("POST", "/library/import", None), ("GET", "/doctor", None),
        ("POST", "/prune", {"yes": True}), ("POST", "/state/backup", None),
        ("GET", "/audit/export", None), ("POST", "/workers/x/drain", None),
        ("GET", "/playbooks/quick/export?format=zip", None),
        ("POST", "/audit/verification", None), ("POST", "/audit/checkpoints", None),
        ("GET", "/audit/checkpoints", None),
    ):  # fmt: skip
        found = viewer.request(method, path, json=body)
        assert (found.status_code, found.json()["code"]) == (403, "forbidden"), path
