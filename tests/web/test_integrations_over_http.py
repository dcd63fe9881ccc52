"""Who is told of workflows, and what became of that."""

from collections.abc import Iterator
from typing import Any

import pytest
from polling import eventually
from vendors.hooks import SECRET, Hooks

from orchestrate.errors import Place
from orchestrate.playbook.integrations import Integration
from orchestrate.playbook.plan import SecretRef, Text
from orchestrate.web.telling import target_of

SETTINGS = """
[integrations.slack]
webhook = "https://hooks.slack.com/services/T0/B0/very-secret"
every_playbook = true
events = ["failure"]
environments = ["production"]
"""
TOLD = """name: told
integrations:
  - {type: webhook, name: ours, url: "HOOK", secret: "${HOOK_SECRET}", events: [start, success]}
  - {type: datadog, api_key: "${DATADOG_KEY}"}
steps: [{name: one, shell: "true"}]
"""


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    made = Hooks()
    made.start()
    yield made
    made.stop()


def test_integrations_are_listed_with_what_became_of_them(own: Any, hooks: Hooks) -> None:
    own.env["HOOK_SECRET"] = SECRET
    with (own.root / "orchestrate.toml").open("a") as settings:
        settings.write(SETTINGS)
    text = TOLD.replace("HOOK", f"{hooks.address}/hook?key=hidden", 1)
    (own.root / "playbooks" / "told.yaml").write_text(text)
    (own.root / "playbooks" / "broken.yaml").write_text("steps: 1\n")
    own.start()
    client = own.client(own.token("a", "--scope", "admin"))
    assert client.post("/workflows", json={"playbook": "told"}).status_code == 201

    def look() -> Any:
        found = client.get("/integrations").json()
        return found if found["items"][1]["counts"]["delivered"] == 2 else None

    found = eventually(look, "two deliveries")
    slack, ours, datadog = found["items"]
    assert found["invalid"] == ["broken"]
    assert slack == {
        "name": "slack", "kind": "slack", "playbook": None,
        "target": "https://hooks.slack.com/***", "events": ["failure"],
        "environments": ["production"], "off": "",
        "counts": {"delivered": 0, "waiting": 0, "failed": 0},
        "last_delivery": None, "last_error": None, "failing": None,
    }  # fmt: skip
    assert ours.pop("last_delivery") is not None
    assert ours == {
        "name": "ours", "kind": "webhook", "playbook": "told",
        "target": f"{hooks.address}/hook?***", "events": ["start", "success"],
        "environments": None, "off": "", "counts": {"delivered": 2, "waiting": 0, "failed": 0},
        "last_error": None, "failing": None,
    }  # fmt: skip
    assert (datadog["target"], datadog["off"]) == ("datadoghq.com", "DATADOG_KEY is not set")
    limited = own.client(own.token("b", "--scope", "view", "--environment", "dev"))
    assert limited.get("/integrations").status_code == 403


def test_what_fails_says_why(own: Any, hooks: Hooks) -> None:
    address = hooks.address
    hooks.stop()
    text = TOLD.replace("HOOK", f"{address}/hook", 1).replace("${HOOK_SECRET}", "a-clear-secret")
    (own.root / "playbooks" / "told.yaml").write_text(text)
    own.start()
    client = own.client(own.token("a", "--scope", "admin"))
    workflow = client.post("/workflows", json={"playbook": "told"}).json()["id"]

    def look() -> Any:
        (ours, *_) = client.get("/integrations").json()["items"]
        return ours if ours["failing"] else None

    ours = eventually(look, "an attempt that failed")
    assert ours["failing"].startswith(f"{workflow}/")
    assert ours["last_error"]
    assert ours["counts"]["failed"] == 0
    assert client.post("/deliveries/drop", json={"key": ours["failing"]}).json() == {
        "dropped": ours["failing"]
    }
    assert client.post("/deliveries/retry", json={"key": "no/1/such"}).status_code == 404


def _target(kind: str, settings: dict[str, Any] | None = None, **own: Any) -> str:
    given = Integration(kind, kind, Place("a", 1, 1), (), None, own, ())
    return target_of(given, settings or {})


@pytest.mark.parametrize(
    ("shown", "kind", "options"),
    [
        ("#ops", "slack", {"channel": "#ops", "token": "xoxb-1"}),
        ("${secrets.hook}", "slack", {"webhook": SecretRef("hook")}),
        ("https://h.example/***", "slack",
         {"webhook": Text(("https://u:p@h.example/", SecretRef("x")))}),
        ("mailto://***", "notify", {"url": "mailto://ada:secret@example.com"}),
        ("", "notify", {"url": "nonsense-with-secret"}),
        ("https://***@a.example/x?***", "webhook", {"url": "https://u:p@a.example/x?k=v"}),
        ("https://j.example OPS", "jira", {"url": "https://j.example", "project": "OPS"}),
        ("${JIRA_URL} OPS", "jira", {"project": "OPS"}),
        ("datadoghq.eu", "datadog", {"site": "datadoghq.eu"}),
    ],
)  # fmt: skip
def test_where_it_sends_is_shown_without_credentials(
    shown: str, kind: str, options: dict[str, Any]
) -> None:
    assert _target(kind, **options) == shown


def test_what_the_project_adds_is_shown_like_the_rest() -> None:
    assert _target("slack", {"webhook": "https://h.example/secret"}) == "https://h.example/***"
    assert _target("slack", {"webhook": "${HOOK}"}) == "${HOOK}"
    assert _target("datadog", {"api_key": "secret"}) == "datadoghq.com"
