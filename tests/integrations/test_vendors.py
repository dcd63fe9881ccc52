"""The local servers in the vendors' places refuse what the vendors would refuse."""

import base64
import json
import time
from typing import Any

import pytest
from vendors.datadog import Datadog
from vendors.jira import Jira
from vendors.serving import Request
from vendors.slack import Slack

NOW = int(time.time())
TEXT = {"type": "mrkdwn", "text": "x"}
SECTION = {"type": "section", "text": TEXT}
LONG = {"type": "section", "text": {**TEXT, "text": "x" * 3001}}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("v2/series", {"series": [{"metric": "x", "points": [{"timestamp": NOW}]}]}, 202),
        ("v2/series", {"series": [{"metric": "x", "points": [{"timestamp": "now"}]}]}, 400),
        ("v2/series", {"series": [{"metric": "x", "points": [], "kind": "count"}]}, 400),
        ("v2/series", {"series": [{"metric": "x", "points": [], "type": 7}]}, 400),
        ("v2/series", {"series": [{"points": []}]}, 400),
        ("v1/distribution_points", {"series": [{"metric": "x", "points": [[NOW, [2.0]]]}]}, 202),
        ("v1/distribution_points", {"series": [{"metric": "x", "points": [[NOW, 2.0]]}]}, 400),
        ("v1/distribution_points", {"series": [{"metric": "x", "points": [[NOW]]}]}, 400),
        ("v1/events", {"title": "x", "text": "y" * 4000}, 202),
        ("v1/events", {"title": "x", "text": "y" * 4001}, 400),
        ("v1/events", {"title": "x", "text": "y", "alert_type": "bad"}, 400),
        ("v1/events", {"title": "x", "text": "y", "aggregation_key": "k" * 101}, 400),
        ("v1/events", {"title": "x"}, 400),
    ],
)
def test_datadog(path: str, body: Any, status: int) -> None:
    server = Datadog()
    headers = {"dd-api-key": server.key}
    asked = Request("POST", f"/api/{path}", {}, headers, json.dumps(body).encode())
    assert server.answer(asked).status == status


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ({"text": "a", "blocks": [SECTION]}, "ok"),
        ({}, "no_text"),
        ({"text": "a", "blocks": [SECTION] * 51}, "invalid_blocks"),
        ({"text": "a", "blocks": [{"type": "section"}]}, "invalid_blocks"),
        ({"text": "a", "blocks": [{"type": "sections"}]}, "invalid_blocks"),
        ({"text": "a", "blocks": [{**SECTION, "fields": [TEXT] * 11}]}, "invalid_blocks"),
        ({"text": "a", "blocks": [LONG]}, "invalid_blocks"),
        ({"text": "a" * 40_001}, "msg_too_long"),
    ],
)  # fmt: skip
def test_slack(message: Any, answer: str) -> None:
    server = Slack()
    headers = {"content-type": "application/json;charset=utf-8"}
    asked = Request("POST", server.hook, {}, headers, json.dumps(message).encode())
    assert server.answer(asked).body == answer


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 201),
        ({"summary": "a\nb"}, 400),
        ({"summary": "a" * 256}, 400),
        ({"labels": ["two words"]}, 400),
        ({"description": "d" * 32_768}, 400),
        ({"severity": "high"}, 400),
        ({"project": {"key": "NOPE"}}, 400),
    ],
)
def test_jira(changes: dict[str, Any], status: int) -> None:
    server = Jira()
    login = base64.b64encode(f"{server.user}:{server.token}".encode()).decode()
    fields = {"project": {"key": "OPS"}, "issuetype": {"name": "Task"}, "summary": "s", **changes}
    body = json.dumps({"fields": fields}).encode()
    asked = Request("POST", "/rest/api/2/issue", {}, {"authorization": f"Basic {login}"}, body)
    assert server.answer(asked).status == status


@pytest.mark.parametrize(
    ("jql", "status"),
    [
        ('project = "OPS" AND labels = "a-b" ORDER BY created DESC', 200),
        ('project = "OPS" AND labels = "say \\"x\\""', 200),
        ('project = "OPS" AND labels = a-b', 400),
        ('project = "OPS" labels = "a"', 400),
        ('project = "NOPE"', 400),
    ],
)
def test_jql(jql: str, status: int) -> None:
    server = Jira(cloud=False)
    headers = {"authorization": f"Bearer {server.token}"}
    asked = Request("GET", "/rest/api/2/search", {"jql": [jql]}, headers, b"")
    assert server.answer(asked).status == status
