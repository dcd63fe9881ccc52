"""What somebody with bad intentions tries."""

import http.client
import time
from typing import Any

import httpx
import pytest
from polling import eventually


@pytest.fixture(scope="module")
def viewer(served: Any) -> httpx.Client:
    return served.client(served.token("prying", "--scope", "view"))


def test_every_request_that_changes_something_takes_the_csrf_token(
    served: Any, admin: httpx.Client
) -> None:
    document = admin.get("/openapi.json").json()
    browser = served.client()
    token = served.token("browser", "--scope", "admin")
    assert browser.post("/session", json={"token": token}).status_code == 201
    tried = 0
    for path, methods in document["paths"].items():
        for method in methods.keys() - {"get", "head"}:
            if (method, path) == ("post", "/api/v1/session"):
                continue
            address = path.removeprefix("/api/v1").replace("{id}", "WF-2026-001")
            for wrong in ({}, {"X-CSRF-Token": "0" * 64}):
                found = browser.request(
                    method, address.replace("{name}", "quick"), json={}, headers=wrong
                )
                assert (found.status_code, found.json()["code"]) == (403, "csrf"), path
            tried += 1
    assert tried >= 30


def test_a_session_that_somebody_else_chose_is_not_taken_over(served: Any) -> None:
    chosen = "orc_aaaaaaaa_chosen-by-somebody-else"
    browser = served.client(Cookie=f"orchestrate={chosen}")
    token = served.token("victim", "--scope", "view")
    made = browser.post("/session", json={"token": token})
    assert made.status_code == 201
    assert chosen not in made.headers["set-cookie"]
    assert served.client(Cookie=f"orchestrate={chosen}").get("/workflows").status_code == 401
    again = served.client().post("/session", json={"token": token})
    assert again.headers["set-cookie"] != made.headers["set-cookie"]


def test_an_unknown_token_and_a_wrong_secret_are_told_the_same(own: Any) -> None:
    own.start()
    known = own.token("a", "--scope", "view")
    wrong = known[:-3] + ("aaa" if not known.endswith("aaa") else "bbb")
    answers = [own.client(one).get("/workflows") for one in (wrong, "orc_aaaaaaaa_bbbb", "x")]
    assert [one.status_code for one in answers] == [401] * 3
    assert len({one.text for one in answers}) == 1


def test_who_guesses_tokens_is_kept_out_for_a_while(own: Any) -> None:
    own.start()
    good = own.client(own.token("a", "--scope", "view"))
    guesses = own.client("orc_aaaaaaaa_bbbb")
    statuses = [guesses.get("/workflows").status_code for _ in range(30)]
    assert set(statuses) == {401, 429}
    kept_out = good.get("/workflows")
    assert (kept_out.status_code, kept_out.json()["code"]) == (429, "too-many-requests")
    assert int(kept_out.headers["retry-after"]) >= 1
    signing_in = own.client().post("/session", json={"token": "orc_aaaaaaaa_bbbb"})
    assert signing_in.status_code == 429


@pytest.mark.parametrize(
    "body",
    [b'"' + b'\\"' * 400_000, b'{"a":' * 150_000, b'{"n": 1e999}', b'{"n": ' + b"9" * 9000 + b"}"],
)
def test_a_body_that_is_made_to_be_slow_is_refused(admin: httpx.Client, body: bytes) -> None:
    found = admin.post("/workflows", content=body, headers={"Content-Type": "application/json"})
    assert found.status_code == 400
    assert found.json()["code"] in ("unreadable", "too-deep")
    assert admin.get("/session").status_code == 200


def test_a_pattern_that_is_made_to_be_slow_is_answered(own: Any) -> None:
    text = f"name: long\ndescription: {'a' * 5000}\nsteps: [{{shell: 'true'}}]\n"
    (own.root / "playbooks" / "long.yaml").write_text(text)
    own.start()
    client = own.client(own.token("a", "--scope", "view"))
    for pattern in ("*a" * 90 + "z", "*" * 198 + "~~"):
        assert client.get("/playbooks", params={"search": pattern}).json()["items"] == []
    found = client.get("/playbooks", params={"search": "l*n*g"}).json()["items"]
    assert found[0]["name"] == "long"


@pytest.mark.parametrize(
    "target",
    [
        "/api/v1/playbooks/..%2f..%2fetc%2fpasswd/source",
        "/api/v1/playbooks/%2e%2e/%2e%2e/etc/passwd/source",
        "/api/v1/playbooks/%2fetc%2fpasswd/source",
        "/api/v1/playbooks/..%5c..%5cetc%5cpasswd/source",
        "/api/v1/playbooks/quick%2f..%2f..%2forchestrate.toml/source",
        "/console/../../../../../etc/passwd",
        "/console/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/console/assets/..%2f..%2f..%2fsite.py",
        "/api/v1/workflows/..%2f..%2fetc/output?attempt=1",
    ],
)
def test_nothing_outside_is_read(served: Any, viewer: httpx.Client, target: str) -> None:
    host, _, port = served.address.rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=120)
    headers = {"Authorization": viewer.headers["Authorization"]}
    connection.request("GET", target, headers=headers)  # as it is: other clients would resolve it
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    assert answer.status in (400, 403, 404, 503) or b"<!doctype html>" in text.lower()
    assert b"root:" not in text
    assert b"requests_per_minute" not in text
    assert b"import asyncio" not in text


def test_a_link_that_leads_out_is_not_written_through(own: Any) -> None:
    outside = own.root.parent / f"{own.root.name}-outside.yaml"
    outside.write_text("name: linked\nsteps: [{shell: 'true'}]\n")
    (own.root / "playbooks" / "linked.yaml").symlink_to(outside)
    own.start()
    client = own.client(own.token("a", "--scope", "admin"))
    before = client.get("/playbooks/linked/source")
    saved = client.put(
        "/playbooks/linked/source", content=b"name: linked\nsteps: [{shell: 'false'}]\n",
        headers={"If-Match": before.headers.get("etag", '"x"')},
    )  # fmt: skip
    assert saved.status_code in (404, 409)
    made = client.post("/playbooks", json={"name": "linked", "force": True})
    taken = client.post(
        "/library/import", params={"force": "true"},
        content=b"name: linked\nsteps: [{shell: 'false'}]\n",
    )  # fmt: skip
    assert outside.read_text() == "name: linked\nsteps: [{shell: 'true'}]\n", (made, taken)


def test_what_is_asked_for_never_becomes_a_header(served: Any, viewer: httpx.Client) -> None:
    hostile = "x%0d%0aSet-Cookie:%20a=b"
    for path in (
        f"/workflows/{hostile}", f"/playbooks/{hostile}/export", f"/playbooks/{hostile}/source",
        f"/workflows?cursor={hostile}", f"/schedules/{hostile}",
    ):  # fmt: skip
        found = viewer.get(path)
        assert found.status_code in (400, 404, 422), path
        assert "set-cookie" not in found.headers


@pytest.mark.parametrize("cursor", ["x", "-1", "1e3", "WF-2026-1' OR 1=1", "²", "9" * 100])
def test_a_cursor_that_was_made_up_is_refused(admin: httpx.Client, cursor: str) -> None:
    for path in ("/workflows", "/audit"):
        found = admin.get(path, params={"cursor": cursor})
        assert found.status_code in (400, 422), found.text


def test_a_stream_ends_soon_after_its_token_was_revoked(own: Any) -> None:
    own.start()
    admin = own.client(own.token("a", "--scope", "admin"))
    listening = own.client(own.token("b", "--scope", "view"))
    with listening.stream("GET", "/stream") as response:
        lines = response.iter_lines()
        eventually(lambda: next(lines).startswith("event: hello"), "hello")
        assert admin.delete("/tokens/b").status_code == 204
        begun = time.monotonic()
        for _ in lines:  # comments, until it ends
            assert time.monotonic() - begun < 120
    assert listening.get("/session").status_code == 401
