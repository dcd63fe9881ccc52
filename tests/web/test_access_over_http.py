import json

import httpx
import pytest
from polling import eventually

VIEW = [
    "/workflows", "/approvals", "/playbooks", "/playbooks/quick", "/playbooks/quick/source",
    "/playbooks/quick/graph", "/playbooks/quick/form", "/playbooks/quick/findings", "/schedules",
    "/calendar", "/project", "/capacity", "/locks", "/deliveries", "/metrics", "/commands",
    "/schemas/playbook", "/events/unmatched", "/session",
]  # fmt: skip
NEEDS = [
    ("run", "POST", "/workflows", {"playbook": "quick"}),
    ("run", "POST", "/playbooks/quick/dry-run", {}),
    ("run", "POST", "/events", {"source": "a", "type": "b"}),
    ("run", "POST", "/events/retry", None),
    ("admin", "GET", "/audit", None),
    ("admin", "GET", "/tokens", None),
    ("admin", "DELETE", "/tokens/nobody", None),
    ("admin", "POST", "/schedules", {"playbook": "quick", "cron": "@daily"}),
    ("admin", "POST", "/check", {"text": "steps: []"}),
    ("admin", "PUT", "/hold", {"reason": "no"}),
    ("admin", "DELETE", "/hold", None),
    ("admin", "POST", "/locks/release", {"name": "x", "reason": "y"}),
    ("admin", "POST", "/deliveries/retry", {"key": "all"}),
    ("admin", "POST", "/deliveries/drop", {"key": "x"}),
]


@pytest.fixture(scope="module")
def viewer(served) -> httpx.Client:
    return served.client(served.token("viewer", "--scope", "view"))


@pytest.fixture(scope="module")
def runner(served) -> httpx.Client:
    return served.client(served.token("runner", "--scope", "run"))


def test_nobody_gets_in_without_a_token(served) -> None:
    for headers in ({}, {"Authorization": "Bearer orc_a_b"}, {"Authorization": "Basic YTpi"}):
        found = served.client(**headers).get("/workflows")
        assert (found.status_code, found.json()["code"]) == (401, "unauthorized")
        assert found.headers["www-authenticate"] == "Bearer"


def test_a_token_in_a_url_is_refused(served, viewer: httpx.Client) -> None:
    token = f"orc_abcdefg2_{'Zz0-_' * 8}abc"
    for found in (viewer.get("/workflows", params={"token": token}), viewer.get(f"/{token}")):
        assert (found.status_code, found.json()["code"]) == (400, "token-in-url")


def test_names_may_begin_as_tokens_do(viewer: httpx.Client) -> None:
    assert viewer.get("/workflows", params={"label": "orc_team=a_b"}).status_code == 200
    assert viewer.get("/playbooks/orc_move_house").status_code == 404


@pytest.mark.parametrize("path", VIEW)
def test_whoever_has_a_token_may_look(viewer: httpx.Client, path: str) -> None:
    assert viewer.get(path).status_code == 200


@pytest.mark.parametrize(("scope", "method", "path", "body"), NEEDS)
def test_a_missing_scope_is_named_and_nothing_changed(
    viewer: httpx.Client, runner: httpx.Client, scope: str, method: str, path: str,
    body: object,
) -> None:  # fmt: skip
    for client in [viewer, *([runner] if scope == "admin" else [])]:
        found = client.request(method, path, json=body)
        assert (found.status_code, found.json()["code"]) == (403, "forbidden"), found.text
        assert found.json()["detail"] == f"this takes the scope `{scope}`"
    before = len(viewer.get("/workflows").json()["items"])
    assert len(viewer.get("/workflows").json()["items"]) == before


def test_what_is_done_to_a_workflow_takes_its_scope(
    admin: httpx.Client, viewer: httpx.Client, runner: httpx.Client
) -> None:
    workflow = admin.post("/workflows", json={"playbook": "asks"}).json()["id"]
    url = f"/workflows/{workflow}"
    eventually(lambda: admin.get(url).json()["state"] == "waiting", "waiting")
    answer = {"path": "ask", "decision": "approve", "inputs": {"window": "day"}}
    for client, verb, body in (
        (viewer, "pause", {}), (viewer, "resume", {}), (viewer, "resume-plan", {}),
        (viewer, "cancel", {}), (viewer, "rerun", {}), (runner, "approvals", answer),
        (runner, "complete", {"force": True}),
    ):  # fmt: skip
        assert client.post(f"{url}/{verb}", json=body).status_code == 403
    assert admin.get(url).json()["state"] == "waiting"
    assert runner.post(f"{url}/cancel", json={}).status_code == 202


def test_limits_hide_what_lies_outside(served, admin: httpx.Client) -> None:
    words = ("--scope", "run", "--environment", "dev", "--playbook", "qui*")
    limited = served.client(served.token("limited", *words))
    other = admin.post("/workflows", json={"playbook": "loops"}).json()["id"]
    mine = limited.post("/workflows", json={"playbook": "quick"}).json()["id"]
    listed = {one["id"] for one in limited.get("/workflows").json()["items"]}
    assert mine in listed
    assert other not in listed
    for path in (f"/workflows/{other}", f"/workflows/{other}/steps", "/playbooks/loops/source",
                 f"/workflows/{other}/stream", "/commands?environment=production",
                 "/locks", "/capacity", "/metrics"):  # fmt: skip
        found = limited.get(path)
        assert (found.status_code, found.json()["code"]) == (403, "forbidden"), path
        assert "limited to" in found.json()["hint"]
    assert [one["name"] for one in limited.get("/playbooks").json()["items"]] == ["quick"]
    assert limited.post("/workflows", json={"playbook": "loops"}).status_code == 403
    there = {"playbook": "quick", "environment": "production", "yes": True}
    assert limited.post("/workflows", json=there).status_code == 403
    as_parameter = {"playbook": "quick", "parameters": {"environment": "production"}, "yes": True}
    assert limited.post("/workflows", json=as_parameter).status_code in (403, 422)


def test_limits_hold_for_schedules_that_others_made(served, admin: httpx.Client) -> None:
    words = ("--scope", "admin", "--environment", "staging")
    limited = served.client(served.token("stage", *words))
    call = {"playbook": "quick", "cron": "@daily", "yes": True}
    for name, place in (("theirs", "production"), ("anywhere", None)):
        made = admin.post("/schedules", json={**call, "name": name, "environment": place})
        assert made.status_code == 201, made.text
        mine = {**call, "name": name, "environment": "staging", "replace": True}
        for found in (
            limited.post("/schedules", json=mine), limited.get(f"/schedules/{name}"),
            limited.patch(f"/schedules/{name}", json={"enabled": True}),
            limited.delete(f"/schedules/{name}"),
        ):  # fmt: skip
            assert (found.status_code, found.json()["code"]) == (403, "forbidden")
        assert admin.get(f"/schedules/{name}").json()["environment"] == place
    assert limited.get("/schedules").json()["items"] == []
    mine = {**call, "name": "ours", "environment": "staging"}
    assert limited.post("/schedules", json=mine).status_code == 201
    again = {**mine, "cron": "@hourly", "replace": True}
    assert limited.post("/schedules", json=again).json()["cron"] == "@hourly"
    assert [one["name"] for one in limited.get("/schedules").json()["items"]] == ["ours"]
    for name in ("theirs", "anywhere", "ours"):
        assert admin.delete(f"/schedules/{name}").status_code == 204


def test_nothing_is_run_again_that_took_another_name_meanwhile(own) -> None:
    own.start()
    admin = own.client(own.token("a", "--scope", "admin"))
    limited = own.client(own.token("b", "--scope", "run", "--playbook", "quick"))
    workflow = admin.post("/workflows", json={"playbook": "quick"}).json()["id"]
    file = own.root / "playbooks" / "quick.yaml"
    file.write_text(file.read_text().replace("name: quick", "name: other"))
    found = limited.post(f"/workflows/{workflow}/rerun", json={})
    assert (found.status_code, found.json()["code"]) == (403, "forbidden")
    assert [one["id"] for one in admin.get("/workflows").json()["items"]] == [workflow]


def test_a_revoked_token_is_out_at_once(served, admin: httpx.Client) -> None:
    client = served.client(served.token("short", "--scope", "view"))
    assert client.get("/session").json()["actor"] == "short"
    assert admin.delete("/tokens/short").status_code == 204
    assert client.get("/session").status_code == 401


def test_a_browser_signs_in_with_a_code_and_writes_take_its_csrf_token(served) -> None:
    url = json.loads(served("token", "link", "--json"))["url"]
    code = url.partition("#code=")[2]
    assert url.startswith(f"http://{served.address}/console/#code=orc_")
    client = served.client()
    signed = client.post("/session", json={"code": code})
    assert signed.status_code == 201
    cookie = signed.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie
    assert served.client().post("/session", json={"code": code}).status_code == 401
    assert client.get("/session").json()["csrf"] == signed.json()["csrf"]
    call = {"playbook": "quick"}
    for headers in ({}, {"X-CSRF-Token": "wrong"}):
        refused = client.post("/workflows", json=call, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
    csrf = {"X-CSRF-Token": signed.json()["csrf"]}
    assert client.post("/workflows", json=call, headers=csrf).status_code == 201
    assert client.delete("/session", headers=csrf).status_code == 204
    assert client.get("/workflows").status_code == 401


def test_a_session_ends_with_its_token(served, admin: httpx.Client) -> None:
    token = served.token("person", "--scope", "view")
    client = served.client()
    assert client.post("/session", json={"token": token}).status_code == 201
    assert client.get("/workflows").status_code == 200
    admin.delete("/tokens/person")
    assert client.get("/workflows").status_code == 401


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Host": "evil.example"}, 421, "unknown-host"),
        ({"Host": "evil.example:8765"}, 421, "unknown-host"),
        ({"Origin": "http://evil.example"}, 403, "foreign-origin"),
        ({"Origin": "null"}, 403, "foreign-origin"),
        ({"X-Forwarded-For": "192.0.2.1"}, 403, "not-secure"),
    ],
)
def test_other_sites_and_names_are_refused(
    viewer: httpx.Client, headers: dict[str, str], status: int, code: str
) -> None:
    found = viewer.get("/workflows", headers=headers)
    assert (found.status_code, found.json()["code"]) == (status, code)


def test_every_answer_protects_browsers(served, viewer: httpx.Client) -> None:
    for found in (viewer.get("/workflows"), served.client().get("/workflows"),
                  viewer.get("/nowhere"), viewer.get("/openapi.json")):  # fmt: skip
        policy = found.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; frame-ancestors 'none'")
        assert found.headers["x-content-type-options"] == "nosniff"
        assert found.headers["x-frame-options"] == "DENY"
        assert found.headers["referrer-policy"] == "no-referrer"
        assert "server" not in found.headers
        assert not [name for name in found.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "unreadable"),
        (b'{"playbook": NaN}', 400, "unreadable"),
        (b'{"playbook": "\\ud800"}', 400, "unreadable"),
        (b'{"playbook": "a\\u0000"}', 400, "unreadable"),
        (b'{"parameters": {"n": "\\ufffe"}}', 400, "unreadable"),
        (b"[" * 100_000, 400, "too-deep"),
        (b'{"a":' * 70 + b"1" + b"}" * 70, 400, "too-deep"),
        (b" " * ((1 << 20) + 1), 413, "too-large"),
    ],
)
def test_bodies_are_limited(admin: httpx.Client, body: bytes, status: int, code: str) -> None:
    headers = {"Content-Type": "application/json"}
    found = admin.post("/workflows", content=body, headers=headers)
    assert (found.status_code, found.json()["code"]) == (status, code)


def test_who_asks_too_often_waits(own) -> None:
    (own.root / "orchestrate.toml").write_text("[serve]\nrequests_per_minute = 5\n")
    own.start()
    client = own.client(own.token("busy", "--scope", "view"))
    found = [client.get("/session") for _ in range(8)]
    late = [one for one in found if one.status_code == 429]
    assert late
    assert int(late[0].headers["retry-after"]) >= 1
    assert late[0].json()["code"] == "too-many-requests"


def test_an_open_address_without_tls_offers_no_api(own) -> None:
    own.start("0.0.0.0:0")
    own.address = own.address.replace("0.0.0.0", "127.0.0.1")
    found = own.client(own.token("a", "--scope", "view")).get("/workflows")
    assert (found.status_code, found.json()["code"]) == (403, "not-secure")
    assert "tls_certificate" in found.json()["hint"]
    assert httpx.get(f"http://{own.address}/healthz", trust_env=False).status_code == 200
