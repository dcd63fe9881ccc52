"""What integrations need is looked for: options, variables, libraries."""

import sys

import pytest

from orchestrate.library.dependencies.telling import integrations
from orchestrate.playbook.compile import compile_playbook
from orchestrate.playbook.plan import Plan
from orchestrate.project.settings import parse_settings

PLAYBOOK = b"""\
integrations:
  - type: slack
    webhook: ${SLACK_WEBHOOK}
    events: [failure]
  - {type: jira, project: OPS}
  - {type: datadog, api_key: "${DATADOG_API_KEY}", environments: [production]}
steps:
  - command: /bin/true
"""


@pytest.fixture
def plan() -> Plan:
    return compile_playbook("deploy.yaml", PLAYBOOK, lambda _name: None)


def looked(plan: Plan, toml: str, environment: str, **env: str) -> list[tuple[str, str, str]]:
    settings = parse_settings("orchestrate.toml", toml.encode()).integrations
    found = list(integrations(plan, settings, environment, env))
    assert not any(each.required for each in found)
    assert all(each.kind == "integration" for each in found)
    return [(each.name, each.status, each.detail) for each in found]


NO_LOGIN = (
    "it has no `url` (JIRA_URL) and `token` (JIRA_TOKEN), "
    "nor has [integrations.jira] of orchestrate.toml"
)


def test_what_is_not_given_is_missing(plan: Plan) -> None:
    assert looked(plan, "", "staging") == [
        ("slack", "missing", "SLACK_WEBHOOK is not set"),
        ("jira", "missing", NO_LOGIN),
    ]


def test_what_is_given_anywhere_is_found(plan: Plan) -> None:
    toml = """
        [integrations.jira]
        url = "https://jira.example.com"
        token = "${TOKEN}"
        [integrations.webhook]
        url = "https://hooks.example.com"
        every_playbook = true
    """
    given = {"SLACK_WEBHOOK": "https://x", "TOKEN": "t", "DATADOG_API_KEY": "k"}
    assert looked(plan, toml, "production", **given) == [
        ("slack", "found", "slack: failure"),
        ("jira", "found", "jira: failure, recovery"),
        ("datadog", "found", "datadog: success, failure, recovery"),
        ("webhook", "found", "webhook: start, success, failure, pause, approval, recovery"),
    ]


def test_a_library_that_is_not_installed(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "slack_sdk", None)
    found = looked(plan, "", "staging", SLACK_WEBHOOK="https://x")
    assert ("slack", "missing", "its library slack_sdk is not installed") in found
