"""What starts playbooks by itself: a real daemon, real HTTP, real events."""

import http.client
import json
import signal
import socket
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pytest
from daemon.conftest import Site
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polling import eventually

from orchestrate.triggers.webhooks import signature

SECRET = "open, sesame"
TOKEN = "token-of-events"
AS_SPECIFIED = """
triggers:
  - type: schedule
    cron: "0 2 * * *"
  - type: event
    source: monitoring
    event: "critical-alert"
  - type: webhook
    url: "https://api.company.com/deploy-hook"
steps:
  - shell: echo ran >> effects
"""
PUSH = """
parameters: [{name: ref, default: none}, {name: n, type: integer, default: 0}]
triggers:
  - name: push
    type: webhook
    url: /push
    filter: ${headers["x-kind"] | default("")} != "ping"
    parameters: {ref: "${body.ref}", n: "${query.n}"}
    rate: 1000/second
    max_body: 2KiB
  - {name: slow, type: webhook, url: /slow, rate: 2/hour}
steps:
  - shell: echo "${ref} ${n}" >> effects
"""


class Answer(NamedTuple):
    status: int
    body: Any
    headers: Mapping[str, str]


class Served:
    """A daemon that listens."""

    def __init__(self, site: Site, **more: str) -> None:
        self.site = site
        self.daemon = site.serve(
            "--listen", "127.0.0.1:0", ORCHESTRATE_WEBHOOK_SECRET=SECRET,
            ORCHESTRATE_EVENTS_TOKEN=TOKEN, **more,
        )  # fmt: skip
        said = eventually(lambda: site.said(self.daemon, "listening"), "an address")
        self.port = int(said[0]["address"].rpartition(":")[2])

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            found = connection.getresponse()
            text = found.read()
            return Answer(found.status, json.loads(text) if text else None, dict(found.headers))
        finally:
            connection.close()

    def deliver(
        self, path: str, body: bytes, key: str = "", stamp: float | None = None, **headers: str
    ) -> Answer:
        moment = str(int(time.time() if stamp is None else stamp))
        signed = signature(SECRET.encode(), moment, key, body)
        keyed = {"Idempotency_Key": key} if key else {}
        return self.ask(
            "POST", path, body, Content_Type="application/json", X_Orchestrate_Timestamp=moment,
            X_Orchestrate_Signature=signed, **keyed, **headers,
        )  # fmt: skip

    def event(self, **event: object) -> Answer:
        return self.ask(
            "POST", "/events", json.dumps({"specversion": "1.0", **event}).encode(),
            Content_Type="application/cloudevents+json", Authorization=f"Bearer {TOKEN}",
        )  # fmt: skip


def test_the_block_as_it_is_specified_fires_three_times(site: Site) -> None:
    site.playbook("deploy", AS_SPECIFIED)
    served = Served(site)
    eventually(lambda: site.said(served.daemon, "schedule declared"))
    assert [
        (s["name"], s["declared_in"], s["enabled"]) for s in site.json("schedule", "--list")
    ] == [("deploy/1", "deploy", True)]

    assert served.event(id="1", source="monitoring", type="critical-alert").status == 202
    assert served.deliver("/deploy-hook", b"{}").status == 202
    site.advance(86_400)

    eventually(lambda: site.states() == ["succeeded"] * 3, "three workflows")
    assert site.lines() == ["ran"] * 3
    actors = {found["actor"] for found in site.json("status", "--all")}
    assert actors == {"schedule deploy/1", "trigger deploy/2", "trigger deploy/3"}
    created = site.json("audit", "--action", "workflow_created")
    origin = {entry["actor"]: entry["from"] for entry in created}
    assert origin["schedule deploy/1"]["schedule"] == "deploy/1"
    assert origin["schedule deploy/1"]["slot"].endswith("T02:00")
    assert (origin["trigger deploy/2"]["source"], origin["trigger deploy/2"]["event"]) == (
        "monitoring", "1",
    )  # fmt: skip
    assert origin["trigger deploy/3"]["address"] == "127.0.0.1"
    assert origin["trigger deploy/3"]["delivery"]
    assert {entry["actor"] for entry in site.json("audit", "--action", "event_emitted")} == {
        "events token"
    }


def test_values_come_from_body_query_and_headers(site: Site) -> None:
    site.playbook("push", PUSH)
    served = Served(site)
    answer = served.deliver("/push?n=7", b'{"ref": "v1"}')
    assert answer.status == 202
    eventually(lambda: site.lines() == ["v1 7"], "the effect")
    kept = served.deliver("/push?n=7", b'{"ref": "v2"}', X_Kind="ping")
    assert (kept.status, kept.body["workflow"]) == (200, None)
    # What cannot be started: a parameter that is missing in the body, one of the wrong type.
    assert served.deliver("/push?n=7", b'{"no": 1}').status == 422
    wrong = served.deliver("/push?n=seven", b'{"ref": "v2"}')
    assert wrong.status == 422
    assert "seven" in wrong.body["error"]
    assert served.deliver("/push", b'{"ref": ').status == 400
    assert served.deliver("/push", b" " * 2049).status == 413
    assert site.lines() == ["v1 7"]


NOWHERE = (("GET", "/push"), ("GET", "/"), ("GET", "/docs"), ("POST", "/PUSH"), ("PUT", "/push"))


def shown(answer: Answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "date"}


def test_strangers_learn_nothing(site: Site) -> None:
    site.playbook("push", PUSH)
    served = Served(site)
    body = b'{"ref": "v1"}'
    unknown = served.ask("POST", "/nothing", body)
    assert (unknown.status, unknown.body) == (404, {"error": "not found"})
    refused = [served.ask(method, path) for method, path in NOWHERE]
    refused += [
        served.ask("POST", "/push", body),
        served.deliver("/push", body, stamp=time.time() - 400),
        served.ask("POST", "/push", body, X_Orchestrate_Signature="sha256=" + "0" * 64),
        served.deliver("/push", b" " * 4096, stamp=1.0),  # beyond what it takes
        served.deliver("/nothing", body),
        served.deliver("/nothing", b" " * 4096),
    ]
    for found in refused:
        assert (found.status, found.body) == (404, unknown.body)
        assert shown(found) == shown(unknown)
    (said,) = site.said(served.daemon, "delivery refused")
    assert said["trigger"] == "push/push"
    assert served.ask("POST", "/events", b"{}").status == 401
    assert served.ask("POST", "/events", b"{}", Authorization="Bearer ").status == 401
    assert served.ask("GET", "/healthz").status == 200
    assert served.ask("GET", "/readyz").status == 200
    assert site.json("status", "--all") == []


def test_the_same_delivery_fifty_times_at_once_is_one_workflow(site: Site) -> None:
    site.playbook("push", PUSH)
    served = Served(site)
    begin = threading.Barrier(50)

    def one(number: int) -> Answer:
        begin.wait(120)
        return served.deliver("/push?n=1", b'{"ref": "v1"}', key="delivery-1")

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(one, range(50)))
    assert {answer.status for answer in answers} == {202}
    assert len({answer.body["workflow"] for answer in answers}) == 1
    eventually(lambda: site.states() == ["succeeded"], "one workflow")
    assert site.lines() == ["v1 1"]


def test_deliveries_are_limited(site: Site) -> None:
    site.playbook("push", PUSH)
    served = Served(site)
    found = [served.deliver("/slow", b"{}", key=f"k{n}") for n in range(3)]
    assert [answer.status for answer in found] == [202, 202, 429]
    assert 1600 < int(found[2].headers["retry-after"]) <= 1801


def test_of_two_webhooks_with_one_path_one_is_served_and_the_log_names_both(site: Site) -> None:
    text = (
        "triggers: [{type: webhook, url: /hook, signature: none}]\nsteps: [{command: /bin/true}]\n"
    )
    site.playbook("first", text)
    site.playbook("second", text)
    daemon = site.ready()
    (said,) = eventually(lambda: site.said(daemon, "webhook not served"), "what is not served")
    assert (said["webhook"], said["place"]) == ("second/1", "playbooks/second.yaml:2:12")
    assert said["reason"] == "first/1 (playbooks/first.yaml:2:12) has its path /hook"


def test_a_webhook_without_secret_is_not_served_and_one_that_says_so_is(site: Site) -> None:
    site.playbook(
        "shut", "triggers: [{type: webhook, url: /shut}]\nsteps: [{command: /bin/true}]\n"
    )
    site.playbook(
        "open",
        "triggers: [{type: webhook, url: /open, signature: none}]\nsteps: [{command: /bin/true}]\n",
    )
    served = Served(site)
    assert served.ask("POST", "/open").status == 202
    assert served.ask("POST", "/shut").status == 404
    other = site.serve("--listen", "127.0.0.1:0")
    eventually(lambda: site.said(other, "standing by"))
    served.daemon.terminate()
    served.daemon.wait(120)
    (said,) = eventually(lambda: site.said(other, "webhook not served"), "what is not served")
    assert said["webhook"] == "shut/1"
    said = eventually(lambda: site.said(other, "listening"), "an address")
    served.port = int(said[0]["address"].rpartition(":")[2])
    assert served.ask("POST", "/shut").status == 404


def test_events_wait_for_a_daemon_and_those_that_match_nothing_are_listed(site: Site) -> None:
    alerts = "triggers: [{type: event, event: alert, parameters: {host: '${event.data.host}'}}]\n"
    steps = "parameters: [{name: host, default: x}]\nsteps: [{shell: 'echo ${host} >> effects'}]\n"
    site.playbook("one", alerts + steps)
    site.playbook("two", alerts + steps)
    emit = ("emit", "--source", "monitoring", "--id", "7")
    first = site(*emit, "--event", "alert", "--data", "host=web1")
    assert first.returncode == 0
    assert "No daemon runs" in first.stderr
    assert "was there already" in site.ok(*emit, "--event", "alert", "--data", "host=web2")
    daemon = site.ready()
    eventually(lambda: site.lines() == ["web1", "web1"], "both playbooks")

    site.ok("emit", "--source", "a", "--event", "noise", "--data", '{"x": [1]}', "--id", "8")
    (lost,) = eventually(lambda: site.json("emit", "--list-unmatched"), "what matched nothing")
    assert lost["event"]["data"] == {"x": [1]}
    assert lost["reason"] == "no trigger waits for it"
    site.playbook("three", alerts.replace("alert", "noise").split(", param")[0] + "}]\n" + steps)
    daemon.send_signal(signal.SIGHUP)
    eventually(lambda: len(site.said(daemon, "reloading")) == 1)
    site.ok("emit", "--retry-unmatched")
    eventually(lambda: site.lines() == ["web1", "web1", "x"], "the third playbook")
    assert site.json("emit", "--list-unmatched") == []


@pytest.mark.parametrize("point", ["serve.created", "event.started"])
def test_an_event_is_not_lost_or_doubled_by_a_crash(site: Site, point: str) -> None:
    site.playbook("deploy", AS_SPECIFIED)
    daemon = site.ready(ORCHESTRATE_CRASH_AT=point)
    site.ok("emit", "--source", "monitoring", "--event", "critical-alert")
    assert daemon.wait(120) == -signal.SIGKILL
    site.ready()
    eventually(lambda: site.states() == ["succeeded"], "the workflow")
    assert site.lines() == ["ran"]


def test_a_schedule_that_is_no_longer_declared_is_gone_and_a_disabled_one_stays_so(
    site: Site,
) -> None:
    site.playbook("deploy", AS_SPECIFIED)
    daemon = site.ready()
    site.ok("schedule", "deploy/1", "--disable")
    site.playbook("deploy", AS_SPECIFIED.replace("0 2", "0 3"))
    daemon.send_signal(signal.SIGHUP)
    eventually(lambda: [s["cron"] for s in site.json("schedule", "--list")] == ["0 3 * * *"])
    assert [s["enabled"] for s in site.json("schedule", "--list")] == [False]
    site.playbook("deploy", "steps: [{comand: x}]\ntriggers: []\n")
    daemon.send_signal(signal.SIGHUP)
    eventually(lambda: site.said(daemon, "triggers not read"))
    site.ok("schedule", "deploy/1", "--enable")
    assert len(site.json("schedule", "--list")) == 1, "a broken file takes nothing away"
    site.playbook("deploy", "steps: [{command: /bin/true}]\n")
    daemon.send_signal(signal.SIGHUP)
    eventually(lambda: site.json("schedule", "--list") == [], "no schedule")


def test_a_client_that_sends_slowly_holds_nobody_up(site: Site) -> None:
    site.playbook("push", PUSH)
    served = Served(site)
    with socket.create_connection(("127.0.0.1", served.port)) as slow:
        slow.sendall(b"POST /push HTTP/1.1\r\nHost: x\r\nX-")
        assert served.ask("GET", "/healthz").status == 200
        slow.settimeout(60)
        begun = time.monotonic()
        assert slow.recv(100) == b"", "closed without an answer"
        assert time.monotonic() - begun < 50


def test_no_request_gets_an_error_of_ours(site: Site) -> None:
    site.playbook("push", PUSH.replace("url: /push", "url: /push\n    signature: none"))
    served = Served(site)
    names = st.sampled_from(
        ["content-type", "x-kind", "ce-specversion", "ce-id", "ce-type", "ce-source",
         "idempotency-key", "content-encoding", "expect", "x-github-delivery"]
    )  # fmt: skip
    words = st.sampled_from(
        ["application/json", "1.0", "text/plain", "application/cloudevents+json"]
    )
    text = words | st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"]), max_size=30)
    bodies = st.binary(max_size=300) | st.sampled_from(
        [b'{"ref": "\\ud800"}', b'{"ref": {"a": []}}', b'{"ref": "\\u0000"}', b"[" * 1000, b"null"]
    )

    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.sampled_from(
            ["/push?n=1", "/push?n=%ff&&=", "/events", "/healthz", "/%00", "//", "/push/"]
        ),
        st.dictionaries(names, text, max_size=4),
        bodies,
    )
    def try_it(path: str, headers: dict[str, str], body: bytes) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=120)
        try:
            encoded = {name: value.encode("latin-1") for name, value in headers.items()}
            if path == "/events":
                encoded["authorization"] = f"Bearer {TOKEN}".encode()
            connection.request("POST", path, body, encoded)
            assert connection.getresponse().status in (200, 202, 400, 404, 413, 422)
        finally:
            connection.close()

    try_it()
    log = (site.root / "log-0").read_text()
    assert "Traceback" not in log
    assert served.daemon.poll() is None


def test_validate_says_what_nobody_would_sign(site: Site) -> None:
    site.playbook("deploy", AS_SPECIFIED)
    said = site("validate", "--playbook", "deploy")
    assert said.returncode == 0
    assert "warning[webhook-without-secret]" in said.stdout + said.stderr
    signed = site("validate", "--playbook", "deploy", ORCHESTRATE_WEBHOOK_SECRET=SECRET)
    assert "webhook-without-secret" not in signed.stdout + signed.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--source", "a"), "an event needs --source and --event"),
        (("--source", "a", "--event", "b", "--data", "nope"), "neither JSON nor key=value"),
        (("--source", "a", "--event", "b", "--data", '{"a": NaN}'), "NaN is no number"),
        (("--source", "file:x", "--event", "b"), "a source does not begin with `file:`"),
        (("--source", "a\nb", "--event", "b"), "--source is no short text"),
        (("--list-unmatched", "--retry-unmatched"), "several things at once"),
    ],
)
def test_an_event_that_is_none_is_refused(site: Site, words: tuple[str, ...], message: str) -> None:
    refused = site("emit", *words)
    assert refused.returncode == 2
    assert message in refused.stderr
    assert "  = " in refused.stderr


def test_steps_do_not_get_what_signs_deliveries(site: Site) -> None:
    site.playbook(
        "hook",
        """
secrets: [{name: hook, source: environment, variable: HOOK_SECRET}]
triggers:
  - {type: webhook, url: /a, secret: "${secrets.hook}"}
  - {type: webhook, url: /b, secret: "${OTHER_SECRET}"}
  - {type: event, event: go}
steps: [{shell: 'env | grep -c -e SECRET -e TOKEN >> effects; true'}]
""",
    )
    valid = site("validate", "--playbook", "hook", HOOK_SECRET="sesame")
    assert "unused-secret" not in valid.stdout + valid.stderr
    served = Served(site, HOOK_SECRET="sesame-1", OTHER_SECRET="sesame-2")
    assert served.deliver("/a", b"{}").status == 404, "a webhook has a secret of its own"
    assert served.event(id="1", source="s", type="go").status == 202
    eventually(lambda: site.lines(), "the step")
    assert site.lines() == ["0"]
