"""What open workflows wait for, in the list and live; how far rate limits are used up."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from polling import eventually
from web.streams import events

PLAYBOOKS = {
    "asks": "steps:\n  - {name: gate, type: approval, message: go on?}\n",
    "beside": (
        "steps:\n  - name: spread\n    type: parallel\n    branches:\n"
        "      - name: left\n        steps:\n"
        "          - {name: gate, type: approval, message: left?}\n"
        "      - name: right\n        steps:\n"
        "          - {name: night, type: wait, duration: 3600}\n"
    ),
    "takes": (
        "locks: [door]\n"
        "steps:\n  - {name: stay, resources: {cpu: 2},\n"
        "     shell: 'until test -e go; do sleep 0.1; done'}\n"
    ),
    "wants": "steps:\n  - {name: a, locks: [door], shell: 'true'}\n",
    "turns": (
        "parameters: [{name: until, required: true}]\n"
        "steps:\n  - {name: stay, locks: [gate],\n"
        "     shell: 'until test -e ${until}; do sleep 0.1; done'}\n"
    ),
    "keeps": (
        "steps:\n  - {name: stay, locks: [hatch],\n"
        "     shell: 'until test -e unnamed; do sleep 0.1; done'}\n"
    ),
    "passes": (
        "concurrency: {group: passing}\nsteps:\n  - {name: a, locks: [hatch], shell: 'true'}\n"
    ),
    "needs": "steps:\n  - {name: a, resources: {cpu: 1}, shell: 'true'}\n",
    "hears": "steps:\n  - {name: news, type: wait, event: built}\n",
    "calls": (
        "steps:\n  - {name: one, command: echo x}\n  - {name: two, command: echo x}\n"
        "  - {name: three, command: echo x}\n"
    ),
}
SETTINGS = """
[serve]
requests_per_minute = 100000
[capacity]
cpu = 2
[rate_limits]
"echo" = "2/hour"
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, serve: Callable[[Path], Any]) -> Any:
    root = tmp_path_factory.mktemp("waits")
    made = serve(root)
    (root / "orchestrate.toml").write_text(SETTINGS)
    for name, text in PLAYBOOKS.items():
        (root / f"playbooks/{name}.yaml").write_text(f"name: {name}\n{text}")
    made.start()
    return made


@pytest.fixture(scope="module")
def client(site: Any) -> httpx.Client:
    return site.client(site.token("a", "--scope", "admin"))


def begin(client: httpx.Client, playbook: str, **parameters: str) -> str:
    body = {"playbook": playbook, "parameters": parameters}
    made = client.post("/workflows", json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def listed(client: httpx.Client, workflow: str) -> list[dict[str, Any]]:
    """What it waits for, once it waits: in the list and in its own answer alike."""

    def look() -> Any:
        items = client.get("/workflows").json()["items"]
        (one,) = [item for item in items if item["id"] == workflow]
        alone = client.get(f"/workflows/{workflow}").json()["waits_for"]
        return one["waits_for"] if one["waits_for"] == alone else None  # or it went on meanwhile

    return eventually(look, f"{workflow} waits")


def test_the_list_says_for_whom_and_what_each_waits(client: httpx.Client) -> None:
    takes = begin(client, "takes")
    eventually(lambda: client.get("/locks").json()["capacity"][0]["used"] == 2, "the capacity")
    (lock,) = listed(client, begin(client, "wants"))
    assert (lock["kind"], lock["path"], lock["lock"]) == ("lock", "a", "door")
    assert (lock["workflow"], lock["step"]) == (takes, "")
    (cpu,) = listed(client, begin(client, "needs"))
    assert (cpu["kind"], cpu["resource"], cpu["workflow"]) == ("capacity", "cpu", takes)
    (news,) = listed(client, begin(client, "hears"))
    assert (news["kind"], news["path"], news["event"]) == ("event", "news", "built")
    beside = begin(client, "beside")
    eventually(lambda: len(listed(client, beside)) == 2, "both branches")
    both = listed(client, beside)
    asked, night = sorted(both, key=lambda one: one["kind"])
    assert (asked["kind"], asked["message"]) == ("approval", "left?")
    assert (night["kind"], night["path"]) == ("timer", "spread/right/night")
    assert night["until"] > night["since"]
    items = client.get("/workflows").json()["items"]
    assert {one["waits_for"] == [] for one in items if one["id"] == takes} == {True}


def test_who_may_see_less_is_told_less(site: Any, client: httpx.Client) -> None:
    workflow = begin(client, "asks")
    listed(client, workflow)
    few = site.client(site.token("few", "--scope", "view", "--playbook", "asks"))
    items = few.get("/workflows").json()["items"]
    assert {one["playbook"] for one in items} == {"asks"}
    assert items[0]["waits_for"][0]["message"] == "go on?"


def test_who_has_a_lock_stays_unnamed_for_whom_it_is_beyond(
    site: Any, client: httpx.Client
) -> None:
    holder = begin(client, "keeps")

    def held() -> bool:
        locks = client.get("/locks").json()["locks"]
        return any(one["name"] == "hatch" and one["held_by"] for one in locks)

    eventually(held, "the lock")
    asks = begin(client, "passes")
    (told,) = listed(client, asks)
    assert (told["workflow"], told["step"]) == (holder, "stay")
    few = site.client(site.token("fewer", "--scope", "run", "--playbook", "passes"))
    (untold,) = listed(few, asks)
    assert untold == {**told, "workflow": None, "step": None, "since": None}
    queued = begin(few, "passes")
    item = eventually(
        lambda: next((o for o in few.get("/workflows").json()["items"] if o["reason"]), None),
        f"{queued} queues behind {asks}",
    )
    assert asks in item["reason"]
    answers = [
        few.get("/workflows"),
        few.get(f"/workflows/{asks}"),
        few.get(f"/workflows/{asks}/steps"),
        few.get(f"/workflows/{asks}/step", params={"path": "a"}),
        few.get(f"/workflows/{asks}/events"),
        few.post(f"/workflows/{asks}/pause", json={}),
    ]
    assert {answer.status_code for answer in answers} == {200, 202}
    assert [answer.url.path for answer in answers if holder in answer.text] == []
    with few.stream("GET", f"/workflows/{asks}/stream", params={"after": 0}) as response:
        news = next(one for one in events(response) if one.event == "steps")
    assert news.data["workflow"]["id"] == asks
    assert holder not in str(news.data)
    (site.root / "unnamed").touch()


def test_who_waits_is_told_when_somebody_else_gets_the_lock(
    site: Any, client: httpx.Client
) -> None:
    first = begin(client, "turns", until="first")

    def taken() -> bool:
        locks = client.get("/locks").json()["locks"]
        return any(one["name"] == "gate" and one["held_by"] for one in locks)

    eventually(taken, "the lock")
    second = begin(client, "turns", until="second")
    assert listed(client, second)[0]["workflow"] == first
    third = begin(client, "turns", until="second")
    assert listed(client, third)[0]["workflow"] == first
    with client.stream("GET", f"/workflows/{third}/stream") as response:
        told = iter(events(response))
        assert next(told).event == "hello"
        (site.root / "first").touch()
        for one in told:  # nothing is recorded of it in the journal of the third
            waits = one.data["workflow"]["waits_for"]
            if [(who["workflow"], who.get("waits")) for who in waits] == [(second, None)]:
                break
    (step,) = one.data["steps"]
    assert [who["workflow"] for who in step["waits_for"]] == [second]
    (site.root / "second").touch()


def test_rate_limits_say_what_is_left_and_who_waits(client: httpx.Client) -> None:
    (full,) = client.get("/capacity").json()["rates"]
    assert (full["name"], full["most"], full["period"], full["left"]) == ("echo", 2, 3600.0, 2)
    (rate,) = listed(client, begin(client, "calls"))
    assert (rate["kind"], rate["path"], rate["limit"]) == ("rate", "three", "echo")
    (used,) = client.get("/capacity").json()["rates"]
    assert (used["left"], used["waiting"]) == (0, 1)
    assert used["next_at"] > rate["until"]
    assert client.get("/capacity").json()["warnings"] == []


def changes(client: httpx.Client, do: Callable[[], Any], wanted: set[str]) -> None:
    """Wait on the stream until it told of all that is wanted."""
    with client.stream("GET", "/stream") as response:
        told = iter(events(response))
        assert next(told).event == "hello"
        thread = threading.Thread(target=do)
        thread.start()
        found: set[str] = set()
        for one in told:
            if one.event == "changed":
                found.add(one.data["what"])
            if wanted <= found:
                break
        thread.join()


def test_the_stream_tells_that_something_else_is_different(site: Any, client: httpx.Client) -> None:
    def act() -> Iterator[object]:
        yield site("pause", "--all", "--reason", "stock-taking")
        yield site("resume", "--all")
        yield site("schedule", "--playbook", "asks", "--cron", "0 4 * * *", "--name", "early")
        yield site.token("other", "--scope", "view")
        source = client.get("/playbooks/asks/source")
        headers = {"If-Match": source.headers["etag"]}
        yield client.put("/playbooks/asks/source", content=source.content, headers=headers)
        yield begin(client, "asks")
        yield begin(client, "wants")

    wanted = {"hold", "schedules", "tokens", "playbooks", "approvals", "locks", "capacity"}
    changes(client, lambda: list(act()), wanted)
