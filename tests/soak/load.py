"""What keeps a site busy: workflows from command line, API and webhooks; people; consoles."""

import json
import random
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

import httpx
from soak.playbooks import HOOK_PATH, SHARES
from soak.site import SECRET, Client, Site

from orchestrate.triggers.webhooks import signature

_OPEN = "('queued', 'running', 'paused', 'waiting', 'needs_attention')"
LANES = 8
_ID = re.compile(r"WF-\d+-\d+")


class Tokens(NamedTuple):
    """One for each kind of person."""

    program: str
    person: str
    console: str


def open_workflows(site: Site) -> int:
    """How many are not over."""
    rows = site.query(f"SELECT count(*) FROM workflows WHERE state IN {_OPEN}")
    return int(rows[0][0])


class Starting:
    """Keeps so many workflows going, by all the ways in which one is started."""

    def __init__(
        self, site: Site, client: Client, wanted: int, pace: float, seed: str, over: threading.Event
    ) -> None:
        self._site = site
        self._client = client
        self._wanted = wanted
        self._pace = pace
        self._random = random.Random(seed)
        self._seed = seed
        self._over = over
        self._number = 0

    def go(self) -> None:
        """Until it is over."""
        ways: list[Callable[[], None]] = [self._detached, self._over_http, self._by_webhook]
        while not self._over.is_set():
            if open_workflows(self._site) >= self._wanted:
                self._over.wait(0.3)
                continue
            self._random.choices(ways, [30, 45, 25])[0]()
            self._over.wait(0.1)

    def _wish(self) -> tuple[str, dict[str, Any]]:
        playbook = self._random.choices([*SHARES], [*SHARES.values()])[0]
        pace = round(self._pace * self._random.uniform(0.5, 1.5), 2)
        return playbook, {"pace": pace, "lane": self._random.randrange(LANES)}

    def _detached(self) -> None:
        """In a process of its own."""
        playbook, values = self._wish()
        given = ",".join(f"{key}={value}" for key, value in values.items())
        done = self._site.call(
            "run", "--playbook", playbook, "--parameters", given, "--detach", "--yes", "--json"
        )
        if (
            "[hand-over]" in done.stderr
        ):  # it was struck before it had begun; the daemon takes it up
            self._site.ledger.begin(_ID.findall(done.stderr)[0], "detached, struck at once")
            self._site.ledger.count("struck when they were handed over")
            return
        if done.returncode:
            self._site.ledger.fault(f"run --detach ended with {done.returncode}: {done.stderr}")
            return
        self._site.ledger.begin(json.loads(done.stdout)["id"], "detached")

    def _over_http(self) -> None:
        playbook, values = self._wish()
        self._number += 1
        answer = self._client.ask(
            "POST", "/workflows", json={"playbook": playbook, "parameters": values},
            headers={"Idempotency-Key": f"{self._seed}/{self._number}"},
        )  # fmt: skip
        self._accepted(answer, (200, 201), "id", "API")

    def _by_webhook(self) -> None:
        self._number += 1
        key = f"{self._seed}/{self._number}"
        body = json.dumps({"pace": self._wish()[1]["pace"]}).encode()
        moment = str(int(time.time()))
        answer = self._client.send(
            "POST", lambda: f"http://{self._site.address}{HOOK_PATH}", content=body,
            headers={
                "Content-Type": "application/json", "Idempotency-Key": key,
                "X-Orchestrate-Timestamp": moment,
                "X-Orchestrate-Signature": signature(SECRET.encode(), moment, key, body),
            },
        )  # fmt: skip
        self._accepted(answer, (200, 202), "workflow", "webhook")

    def _accepted(
        self, answer: httpx.Response | None, right: tuple[int, ...], field: str, how: str
    ) -> None:
        if answer is None:
            return
        if answer.status_code not in right:
            self._site.ledger.fault(f"{how}: {answer.status_code} {answer.text}")
            return
        self._site.ledger.begin(answer.json()[field], how)


class People:
    """Answers what is asked, decides what nobody knows, and pauses something now and then."""

    def __init__(self, site: Site, client: Client, seed: str, gone: threading.Event) -> None:
        self._site = site
        self._client = client
        self._random = random.Random(seed)
        self._gone = gone

    def go(self) -> None:
        """Until everything is over."""
        while not self._gone.is_set():
            self._approve()
            self._decide()
            if self._random.random() < 0.1:
                self._pause()
            self._gone.wait(1.0)

    def _approve(self) -> None:
        answer = self._client.ask("GET", "/approvals")
        if answer is None or answer.status_code != 200:
            return
        for asked in answer.json()["items"]:
            given = {"path": asked["path"], "decision": "approve", "inputs": {"window": "night"}}
            self._act(f"/workflows/{asked['workflow']}/approvals", given, "approvals")

    def _decide(self) -> None:
        answer = self._client.ask("GET", "/workflows", params={"state": "needs_attention"})
        if answer is None or answer.status_code != 200:
            return
        for row in answer.json()["items"]:
            self._act(f"/workflows/{row['id']}/resume", {"unknown": "rerun"}, "decisions")

    def _pause(self) -> None:
        answer = self._client.ask("GET", "/workflows", params={"state": "running", "limit": 50})
        if answer is None or answer.status_code != 200 or not answer.json()["items"]:
            return
        workflow = self._random.choice(answer.json()["items"])["id"]
        self._act(f"/workflows/{workflow}/pause", {"timeout": 3}, "pauses")

    def _act(self, path: str, body: dict[str, Any], what: str) -> None:
        """Others may have been there first, or it may be over: 409. It may be gone: 404."""
        answer = self._client.ask("POST", path, json=body)
        if answer is None:
            return
        if answer.status_code in (200, 202):
            self._site.ledger.count(what)
        elif answer.status_code not in (404, 409):
            self._site.ledger.fault(f"{path}: {answer.status_code} {answer.text}")


class Console:
    """What an open console asks: the list live, then one workflow after another in full."""

    def __init__(
        self, site: Site, client: Client, token: str, seed: str, gone: threading.Event
    ) -> None:
        self._site = site
        self._client = client
        self._token = token
        self._random = random.Random(seed)
        self._gone = gone

    def go(self) -> None:
        """Until everything is over."""
        while not self._gone.is_set():
            listed = self._read("/workflows", limit=50)
            for page in ("/capacity", "/locks", "/schedules", "/hold", "/metrics"):
                self._read(page)
            rows = listed["items"] if listed else []
            if not rows:
                self._gone.wait(0.5)
                continue
            self._look_at(self._random.choice(rows)["id"])

    def _look_at(self, workflow: str) -> None:
        """Its page, with a stream open beside it, as long as somebody would look."""
        closed = threading.Event()
        path = f"/workflows/{workflow}/stream"
        stream = threading.Thread(target=self.listen, args=(path, closed), name="stream")
        stream.start()
        root = f"/workflows/{workflow}"
        for _ in range(4):
            self._read(root)
            steps = self._read(f"{root}/steps")
            for part in ("/graph", "/gantt", "/events", "/logs"):
                self._read(root + part)
            for step in (steps or {"items": []})["items"][:3]:
                self._log_of(root, step["path"])
            if self._gone.wait(1.0):
                break
        closed.set()
        stream.join(180)
        if stream.is_alive():
            self._site.ledger.fault(f"a stream of {workflow} does not end")

    def _log_of(self, root: str, path: str) -> None:
        step = self._read(f"{root}/step", path=path)
        for made in (step or {}).get("attempts_made", [])[-1:]:
            self._client.ask(
                "GET", f"{root}/output", params={"attempt": made["attempt"]},
                headers={"Range": "bytes=-65536"},
            )  # fmt: skip

    def _read(self, page: str, **params: Any) -> Any:
        """What there is; None if it is gone (pruned) or everything is over."""
        if self._gone.wait(0.05):
            return None
        answer = self._client.ask("GET", page, params=params)
        if answer is None or answer.status_code == 404:
            return None
        if answer.status_code != 200:
            self._site.ledger.fault(f"GET {page}: {answer.status_code} {answer.text}")
            return None
        return answer.json()

    def listen(self, path: str, closed: threading.Event) -> None:
        """One stream, opened anew when the daemon was."""
        timeout = httpx.Timeout(10.0, read=20.0)  # every 15 seconds there is a comment
        headers = {"Authorization": f"Bearer {self._token}"}
        with httpx.Client(headers=headers, timeout=timeout, trust_env=False) as http:
            while not (closed.is_set() or self._gone.is_set()):
                with suppress(httpx.TransportError, httpx.InvalidURL):
                    self._follow(http, path, closed)
                closed.wait(0.3)

    def _follow(self, http: httpx.Client, path: str, closed: threading.Event) -> None:
        with http.stream("GET", self._client.url(path)) as answer:
            if answer.status_code >= 500 and answer.status_code != 503:
                self._site.ledger.fault(f"GET {path}: {answer.status_code}")
            if answer.status_code != 200:
                return
            for line in answer.iter_lines():
                if line.startswith("event:"):
                    self._site.ledger.count("live updates")
                if closed.is_set() or self._gone.is_set():
                    return
