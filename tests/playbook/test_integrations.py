"""`integrations:` in the language: keys, events, secrets, what options may speak of."""

from typing import Any

import pytest

from orchestrate.playbook.codec import dump_plan, load_plan
from orchestrate.playbook.compile import Compilation, check_playbook
from orchestrate.playbook.document.typed import INTEGRATION
from orchestrate.playbook.integrations import CREDENTIALS, DEFAULT_EVENTS, EVENTS
from orchestrate.playbook.plan import Plan, Secret, SecretRef, Text
from orchestrate.project.integrations import OPTIONS

SPEC = """
integrations:
  - type: slack
    webhook: ${SLACK_WEBHOOK}
    events: ["start", "failure", "success"]
  - type: jira
    project: "OPS"
    create_issue_on_failure: true
  - type: datadog
    api_key: ${DATADOG_API_KEY}
    track_metrics: true
"""

HIDDEN = """
parameters: [{name: key, secret: true}]
integrations: [{type: datadog, api_key: "${key}"}]
"""


def checked(text: str) -> Compilation:
    whole = f"name: nightly\nsteps:\n  - command: /bin/true\n{text}"
    return check_playbook("nightly.yaml", whole.encode(), lambda _: None)


def plan_of(text: str) -> Plan:
    found = checked(text)
    assert found.plan is not None, [found.diagnostics.render(f) for f in found.diagnostics.found]
    return found.plan


def rules(text: str) -> list[tuple[str, str]]:
    return [(each.rule, each.message) for each in checked(text).diagnostics.found]


def test_the_block_of_the_specification() -> None:
    slack, jira, datadog = plan_of(SPEC).integrations
    assert (slack.name, slack.events) == ("slack", ("start", "failure", "success"))
    assert slack.options == {"webhook": SecretRef("SLACK_WEBHOOK")}
    [secret] = slack.secrets
    assert secret[:3] == ("SLACK_WEBHOOK", "environment", {"variable": "SLACK_WEBHOOK"})
    assert (jira.events, jira.options) == (
        ("failure", "recovery"),
        {"project": "OPS", "create_issue_on_failure": True},
    )
    assert datadog.options == {"api_key": SecretRef("DATADOG_API_KEY"), "track_metrics": True}
    assert datadog.events == ("success", "failure", "recovery")


def test_plans_with_integrations_survive_the_way_to_json() -> None:
    plan = plan_of(SPEC)
    assert load_plan(dump_plan(plan)).integrations == plan.integrations


def test_options_speak_of_what_a_workflow_is_made_with_and_of_secrets() -> None:
    text = """
parameters:
  - {name: team, default: web}
secrets:
  - {name: hook, source: vault, path: secret/data/hook, field: url}
integrations:
  - name: team
    type: slack
    token: ${secrets.hook}
    channel: "deploys-${team}-${environment}"
  - type: webhook
    url: https://example.com/hook
    headers: {Authorization: "Bearer ${API_KEY}"}
"""
    slack, webhook = plan_of(text).integrations
    assert [secret.source for secret in slack.secrets] == ["vault"]
    headers: Any = webhook.options["headers"]
    assert headers["Authorization"] == Text(("Bearer ", SecretRef("API_KEY")))
    assert isinstance(webhook.secrets[0], Secret)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "integrations:\n  - {type: slak}\n",
            ("unknown-value", "`type` cannot be `slak`"),
        ),
        (
            "integrations:\n  - {type: slack, events: [start, fail]}\n",
            ("unknown-value", "`fail` is no event that an integration can be told of"),
        ),
        (
            "integrations:\n  - {type: slack, project: OPS}\n",
            (
                "misplaced-key",
                "`project` belongs to integrations of `type: jira`; this is `type: slack`",
            ),
        ),
        (
            "integrations:\n  - {type: slack}\n  - {type: slack}\n",
            ("name-collision", "another integration is named `slack`"),
        ),
        (
            "integrations:\n  - {type: slack, channel: '${run.id}'}\n",
            ("undefined-name", "`run.id` is not known to an integration"),
        ),
        (
            "integrations:\n  - {type: slack, channel: '${chanel}'}\n",
            ("undefined-name", "`chanel` is not defined here"),
        ),
        (
            HIDDEN,
            (
                "secret-in-expression",
                "the secret parameter `key` is not known where deliveries are made",
            ),
        ),
        (
            "integrations:\n  - {type: slack, mention: [here, '@anna']}\n",
            ("unknown-value", "`mention` names `@anna`, whom Slack would not find"),
        ),
        (
            "integrations:\n  - {type: datadog, site: app.datadoghq.eu}\n",
            ("unknown-value", "`site` is `app.datadoghq.eu`, which is no site of Datadog"),
        ),
        ("integrations: []\n", ("empty-value", "`integrations` is empty")),
    ],
)
def test_what_is_wrong_is_said(text: str, found: tuple[str, str]) -> None:
    assert found in rules(text)


def test_who_counts_workflows_is_told_of_every_end_whatever_is_asked_for() -> None:
    text = "integrations:\n  - {type: datadog, api_key: k, events: [start, failure]}\n"
    [datadog] = plan_of(text).integrations
    assert datadog.events == ("start", "failure", "success", "recovery")
    assert datadog.options["events"] == ("start", "failure")
    [plain] = plan_of("integrations:\n  - {type: datadog, api_key: k}\n").integrations
    assert plain.events == ("success", "failure", "recovery")
    assert "events" not in plain.options


def test_a_secret_that_only_an_integration_reads_is_not_unused() -> None:
    text = (
        "secrets:\n  - {name: hook, source: environment, variable: HOOK}\n"
        "integrations:\n  - {type: slack, webhook: '${secrets.hook}'}\n"
    )
    assert checked(text).diagnostics.found == []


def test_every_table_knows_the_same_types_and_options() -> None:
    assert set(INTEGRATION.types) == set(DEFAULT_EVENTS) == set(CREDENTIALS) == set(OPTIONS)
    for kind, options in OPTIONS.items():
        assert set(options) == set(INTEGRATION.types[kind].keys)
        assert set(CREDENTIALS[kind]) <= set(options)
        assert set(DEFAULT_EVENTS[kind]) <= set(EVENTS)
