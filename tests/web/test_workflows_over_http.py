from collections.abc import Callable
from typing import Any

import httpx
import pytest
from polling import eventually

Run = Callable[..., str]


def _reach(client: httpx.Client, workflow: str, state: str) -> None:
    eventually(lambda: client.get(f"/workflows/{workflow}").json()["state"] == state, state, 60)


def test_a_workflow_is_started_watched_and_told(admin: httpx.Client, run: Run) -> None:
    workflow = run("quick", "succeeded")
    found = admin.get(f"/workflows/{workflow}").json()
    assert (found["playbook"], found["actor"], found["counts"]) == (
        "quick", "admin", {"succeeded": 2},
    )  # fmt: skip
    listed = admin.get("/workflows", params={"playbook": "quick", "limit": 1}).json()
    assert listed["items"][0]["playbook"] == "quick"
    steps = admin.get(f"/workflows/{workflow}/steps").json()
    assert [(s["path"], s["state"], s["children"]) for s in steps["items"]] == [
        ("one", "succeeded", 0), ("two", "succeeded", 0),
    ]  # fmt: skip
    graph = admin.get(f"/workflows/{workflow}/graph").json()
    assert [f["follows"] for f in graph["groups"][0]["figures"]] == [[], [0]]
    chart = admin.get(f"/workflows/{workflow}/gantt").json()
    assert [row["path"] for row in chart["rows"]] == ["one", "two"]
    assert [bar["wait"] for bar in chart["waits"]] in ([], ["queue"])
    assert admin.get(f"/workflows/{workflow}/analysis").json()["id"] == workflow


def test_lists_come_in_pages(admin: httpx.Client, run: Run) -> None:
    made = [run("quick", "succeeded") for _ in range(3)]
    found: list[str] = []
    cursor = None
    while True:
        given = {"limit": 2, "playbook": "quick", **({"cursor": cursor} if cursor else {})}
        page = admin.get("/workflows", params=given).json()
        found += [one["id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert found[:3] == made[::-1]
    assert len(found) == len(set(found))


def test_the_tree_has_what_is_planned_and_iterations_when_they_are_reached(
    admin: httpx.Client, run: Run
) -> None:
    workflow = run("loops", "succeeded", items=["x", "y"])
    tops = admin.get(f"/workflows/{workflow}/steps").json()["items"]
    assert [(s["path"], s["children"], s["counts"]) for s in tops] == [
        ("each", 2, {"succeeded": 2}), ("after", 0, {}),
    ]  # fmt: skip
    given = {"parent": "each", "limit": 1}
    graph = admin.get(f"/workflows/{workflow}/graph").json()
    loop = graph["groups"][0]["figures"][0]
    assert (loop["iterations"], loop["counts"]) == (2, {"succeeded": 2})
    first = admin.get(f"/workflows/{workflow}/steps", params=given).json()
    assert [(s["path"], s["kind"]) for s in first["items"]] == [("each[x]", "iteration")]
    rest = admin.get(
        f"/workflows/{workflow}/steps", params={**given, "cursor": first["next"]}
    ).json()
    assert ([s["path"] for s in rest["items"]], rest["next"]) == (["each[y]"], None)
    inner = admin.get(f"/workflows/{workflow}/steps", params={"parent": "each[y]"}).json()
    assert [s["path"] for s in inner["items"]] == ["each[y]/say"]
    missing = admin.get(f"/workflows/{workflow}/steps", params={"parent": "nobody"})
    assert missing.status_code == 404


def test_what_was_not_reached_is_planned(admin: httpx.Client, run: Run) -> None:
    workflow = run("asks", "waiting")
    tops = admin.get(f"/workflows/{workflow}/steps").json()["items"]
    assert [(s["path"], s["state"], s["planned"]) for s in tops] == [
        ("one", "succeeded", False), ("ask", "waiting", False), ("last", None, True),
        ("finally", None, False),
    ]  # fmt: skip
    tidy = admin.get(f"/workflows/{workflow}/steps", params={"parent": "finally"}).json()["items"]
    assert [(s["path"], s["role"]) for s in tidy] == [("finally/tidy", "finally")]
    admin.post(f"/workflows/{workflow}/cancel", json={})
    _reach(admin, workflow, "cancelled")


def test_an_approval_is_answered_with_typed_inputs_and_audited(
    admin: httpx.Client, run: Run
) -> None:
    workflow = run("asks", "waiting")
    asked = [one for one in admin.get("/approvals").json()["items"] if one["workflow"] == workflow]
    assert [one["message"] for one in asked] == ["go on?"]
    answer = {"path": "ask", "decision": "approve", "inputs": {"window": "noon"}}
    wrong = admin.post(f"/workflows/{workflow}/approvals", json=answer)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "usage")
    answer["inputs"] = {"window": "night"}
    given = admin.post(f"/workflows/{workflow}/approvals", json=answer)
    assert given.status_code == 202, given.text
    _reach(admin, workflow, "succeeded")
    again = admin.post(f"/workflows/{workflow}/approvals", json=answer)
    assert again.status_code == 409
    entries = admin.get("/audit", params={"workflow": workflow}).json()["items"]
    approved = next(one for one in entries if one["action"] == "approval_given")
    assert (approved["actor"], approved["from"]["address"]) == ("admin", "127.0.0.1")


def test_pause_resume_and_cancel(admin: httpx.Client, run: Run) -> None:
    workflow = run("asks", "waiting")
    paused = admin.post(f"/workflows/{workflow}/pause", json={"reason": "lunch"})
    assert paused.status_code in (202, 409)  # nobody may run what only waits
    plan = admin.post(f"/workflows/{workflow}/resume-plan", json={}).json()
    assert ("one", "reuse") in [(line["path"], line["action"]) for line in plan["lines"]]
    cancelled = admin.post(f"/workflows/{workflow}/cancel", json={"reason": "enough"})
    assert cancelled.status_code == 202, cancelled.text
    _reach(admin, workflow, "cancelled")
    step = admin.get(f"/workflows/{workflow}/step", params={"path": "finally/tidy"}).json()
    assert step["state"] == "succeeded"
    over = admin.post(f"/workflows/{workflow}/cancel", json={})
    assert (over.status_code, over.json()["code"]) == (409, "conflict")


def test_a_failed_workflow_goes_on_from_its_step(
    admin: httpx.Client, run: Run, served: "object"
) -> None:
    workflow = run("fails", "failed")
    refused = admin.post(f"/workflows/{workflow}/resume", json={"from_step": "nobody"})
    assert refused.status_code in (404, 422), refused.text
    (served.root / "mended").touch()  # type: ignore[attr-defined]
    going = admin.post(f"/workflows/{workflow}/resume", json={"from_step": "bad"})
    assert going.status_code == 202, going.text
    _reach(admin, workflow, "succeeded")
    good = admin.get(f"/workflows/{workflow}/step", params={"path": "good"}).json()
    assert len(good["attempts_made"]) == 1
    (served.root / "mended").unlink()  # type: ignore[attr-defined]


def test_one_key_is_one_workflow(admin: httpx.Client) -> None:
    key = {"Idempotency-Key": "once"}
    call = {"playbook": "loops", "parameters": {"items": ["x"]}}
    first = admin.post("/workflows", json=call, headers=key)
    again = admin.post("/workflows", json=call, headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    other = admin.post("/workflows", json={"playbook": "quick"}, headers=key)
    assert other.status_code == 409


def test_what_a_key_was_answered_with_outlives_the_playbook(
    served: Any, admin: httpx.Client
) -> None:
    file = served.root / "playbooks" / "passing.yaml"
    text = (
        "name: passing\nparameters:\n  - {name: n, type: integer, default: 1}\n"
        "steps:\n  - {name: one, shell: 'echo ${n}'}\n"
    )
    file.write_text(text)
    key = {"Idempotency-Key": "passing-1"}
    call = {"playbook": "passing"}
    first = admin.post("/workflows", json=call, headers=key)
    assert first.status_code == 201, first.text
    workflow = first.json()["id"]
    again = {"Idempotency-Key": "passing-2"}
    rerun = admin.post(f"/workflows/{workflow}/rerun", json={"parameters": {"n": 2}}, headers=again)
    assert rerun.status_code == 201, rerun.text

    def repeated() -> list[tuple[int, str]]:
        ran = admin.post("/workflows", json=call, headers=key)
        reran = admin.post(
            f"/workflows/{workflow}/rerun", json={"parameters": {"n": 2}}, headers=again
        )
        return [
            (ran.status_code, ran.json().get("id")),
            (reran.status_code, reran.json().get("id")),
        ]

    there = [(200, workflow), (200, rerun.json()["id"])]
    file.write_text(text.replace("default: 1", "default: 7"))
    assert repeated() == there
    file.rename(file.with_stem("renamed"))
    file.with_stem("renamed").write_text(text.replace("name: passing", "name: renamed"))
    assert repeated() == there
    file.with_stem("renamed").unlink()
    assert repeated() == there
    for other in ({"playbook": "quick"}, {"playbook": "passing", "parameters": {"n": 3}}):
        refused = admin.post("/workflows", json=other, headers=key)
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    unknown = admin.post("/workflows", json=call, headers={"Idempotency-Key": "passing-3"})
    assert unknown.status_code == 404


def test_a_key_tells_nothing_of_what_its_owner_may_not_see(
    served: Any, admin: httpx.Client
) -> None:
    key = {"Idempotency-Key": "hidden"}
    call = {"playbook": "loops", "parameters": {"items": ["hush"]}}
    workflow = admin.post("/workflows", json=call, headers=key).json()["id"]
    token = served.token("quick-only", "--scope", "run", "--playbook", "quick")
    few = served.client(token)
    refused = few.post("/workflows", json={"playbook": "quick"}, headers=key)
    assert refused.status_code == 409
    assert workflow not in refused.text
    assert "hush" not in refused.text
    assert few.post("/workflows", json=call, headers=key).status_code == 403


def test_a_protected_environment_takes_a_yes(admin: httpx.Client) -> None:
    call = {"playbook": "quick", "environment": "production"}
    asked = admin.post("/workflows", json=call)
    assert (asked.status_code, asked.json()["hint"]) == (409, "Confirm it with `yes: true`.")
    assert admin.post("/workflows", json={**call, "yes": True}).status_code == 201


@pytest.mark.parametrize(
    ("call", "status", "code"),
    [
        ({"playbook": "nobody"}, 404, "not-found"),
        ({"playbook": "../../../etc/passwd.yaml"}, 404, "not-found"),
        ({"playbook": "/etc/passwd"}, 404, "not-found"),
        ({"playbook": "quick", "environment": "../x"}, 422, "usage"),
        ({"playbook": "quick", "parameters": {"who": 1}}, 422, "usage"),
        ({"playbook": "quick", "unknown": 1}, 422, "usage"),
        ({"playbook": "quick", "only": ["nobody"]}, 404, "not-found"),
        ({}, 422, "usage"),
    ],
)
def test_what_is_wrong_is_a_problem_with_a_hint(
    admin: httpx.Client, call: dict[str, object], status: int, code: str
) -> None:
    found = admin.post("/workflows", json=call)
    assert (found.status_code, found.json()["code"]) == (status, code)
    assert found.headers["content-type"] == "application/problem+json"
    assert found.json()["hint"]


def test_output_comes_by_ranges_and_the_end_of_a_large_log_at_once(
    admin: httpx.Client, run: Run, served: "object"
) -> None:
    workflow = run("quick", "succeeded")
    step = admin.get(f"/workflows/{workflow}/step", params={"path": "one"}).json()
    attempt = step["attempts_made"][0]["attempt"]
    url = f"/workflows/{workflow}/output?attempt={attempt}"
    assert admin.get(url).content == b"one\n"
    log = served.root / ".orchestrate" / "workflows" / workflow / f"{attempt}.log"  # type: ignore[attr-defined]
    size = 1 << 30
    with log.open("r+b") as file:  # a hole: it takes no room
        file.seek(size - 5)
        file.write(b"last\n")
    whole = admin.get(url)
    assert (whole.status_code, len(whole.content)) == (206, 64 << 10)
    assert whole.headers["content-range"] == f"bytes {size - (64 << 10)}-{size - 1}/{size}"
    assert whole.content.endswith(b"last\n")
    assert admin.get(url, headers={"Range": "bytes=-5"}).content == b"last\n"
    assert admin.get(url, headers={"Range": "bytes=0-3"}).content == b"one\n"
    most = admin.get(url, headers={"Range": "bytes=0-"})
    assert len(most.content) == 4 << 20
    assert admin.get(url, headers={"Range": f"bytes={size}-"}).status_code == 416
    assert admin.get(url, headers={"Range": "lines=1"}).status_code == 400
    assert admin.get(f"/workflows/{workflow}/output?attempt=1").status_code == 404


def test_markup_stays_text(admin: httpx.Client, run: Run) -> None:
    workflow = run("asks", "waiting")
    answer = {"path": "ask", "decision": "approve", "inputs": {"window": "day"}}
    admin.post(f"/workflows/{workflow}/approvals", json=answer)
    _reach(admin, workflow, "succeeded")
    step = admin.get(f"/workflows/{workflow}/step", params={"path": "last"})
    assert step.headers["content-type"] == "application/json"
    attempt = step.json()["attempts_made"][0]["attempt"]
    found = admin.get(f"/workflows/{workflow}/output?attempt={attempt}")
    assert found.headers["content-type"] == "text/plain; charset=utf-8"
    assert found.headers["x-content-type-options"] == "nosniff"
