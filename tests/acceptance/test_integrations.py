"""The manual's block of integrations, word for word: each system is told of real workflows."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from polling import eventually
from tests.acceptance.conftest import Project
from this_year import YEAR
from vendors.datadog import Datadog
from vendors.jira import Jira
from vendors.serving import REFUSE, saying
from vendors.slack import Slack

SPEC = """\
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
STEPS = """\
secrets:
  - {name: password, source: environment, variable: DB_PASSWORD}
parameters:
  - {name: works, type: boolean, default: false}
steps:
  - name: prepare
    command: /bin/true
  - name: copy
    env: {PASSWORD: "${secrets.password}"}
    shell: echo "logging in with $PASSWORD & <go>"; ${works}
"""
PASSWORD = "canary-in-the-coal-mine"


class Vendors(NamedTuple):
    slack: Slack
    jira: Jira
    datadog: Datadog

    def heads(self) -> list[str]:
        return [each["blocks"][0]["text"]["text"] for each in self.slack.messages.values()]

    def titles(self) -> list[str]:
        return [each["title"] for each in self.datadog.events]


@pytest.fixture
def vendors(project: Project) -> Iterator[Vendors]:
    made = Vendors(Slack(), Jira(), Datadog())
    for server in made:
        server.start()
    project.env |= {
        "SLACK_WEBHOOK": made.slack.webhook,
        "DATADOG_API_KEY": made.datadog.key,
        "JIRA_URL": made.jira.address,
        "JIRA_USER": made.jira.user,
        "JIRA_TOKEN": made.jira.token,
        "DB_PASSWORD": PASSWORD,
    }
    project.write("orchestrate.toml", f'[integrations.datadog]\nurl = "{made.datadog.address}"\n')
    project.playbook("nightly", SPEC + STEPS)
    yield made
    for server in made:
        server.stop()


def test_a_job_that_fails_twice_and_then_works(project: Project, vendors: Vendors) -> None:
    for _ in range(2):
        assert project("run", "--playbook", "nightly").code == 1
    project.ok("run", "--playbook", "nightly", "--parameters", "works=true")
    # What is told is kept before a run ends: once nothing waits, all have been told everything.
    eventually(lambda: "nothing waits" in project("deliveries").out, "the queue's end")
    assert vendors.heads() == [
        ":arrow_forward: *nightly started in dev*",
        ":x: *nightly failed in dev*",
        ":arrow_forward: *nightly started in dev*",
        ":x: *nightly failed in dev*",
        ":arrow_forward: *nightly started in dev*",
        ":white_check_mark: *nightly succeeded again in dev*",
    ]
    issues = vendors.jira.issues
    assert issues["OPS-1"]["fields"]["status"]["name"] == "Done"
    assert list(issues) == ["OPS-1"]
    assert issues["OPS-1"]["fields"]["summary"] == "nightly failed in dev: copy"
    assert [each["body"].splitlines()[0] for each in issues["OPS-1"]["comments"]] == [
        "*It happened again (failure 2): nightly failed in dev*",
        "*nightly works again*",
    ]
    ended = "orchestrate.workflow.finished"
    assert sum(each["metric"] == ended for each in vendors.datadog.series) == 3
    assert vendors.titles() == ["nightly failed in dev"] * 2 + ["nightly succeeded again in dev"]
    second = f"WF-{YEAR}-002"
    _, message = [each for each in vendors.slack.messages.values() if second in each["text"]]
    assert "logging in with *** & <go>" in message["text"].replace("&amp;", "&").replace(
        "&lt;", "<"
    ).replace("&gt;", ">")
    nothing_leaked(project, vendors)


def nothing_leaked(project: Project, vendors: Vendors) -> None:
    """No password in anything that was sent; no credential in anything that was stored."""
    for server in vendors:
        for asked in server.asked:
            assert PASSWORD not in f"{asked.path} {asked.query} {asked.headers}"
            assert PASSWORD.encode() not in asked.body
    stored = [
        file.read_bytes() for file in (project.root / ".orchestrate").rglob("*") if file.is_file()
    ]
    assert len(stored) > 3
    hidden = [PASSWORD, vendors.slack.hook, vendors.datadog.key, vendors.jira.token]
    assert not [word for word in hidden for data in stored if word.encode() in data]


def test_systems_in_trouble_are_told_later_once_and_in_order(
    project: Project, vendors: Vendors
) -> None:
    vendors.slack.troubles = [saying(429, "rate_limited", {"Retry-After": "1"})]
    vendors.jira.troubles = [REFUSE]
    vendors.datadog.troubles = [None, saying(503)]
    assert project("run", "--playbook", "nightly").code == 1
    eventually(lambda: "nothing waits" in project("deliveries").out, "the queue's end")
    assert vendors.datadog.series
    assert vendors.heads() == [
        ":arrow_forward: *nightly started in dev*",
        ":x: *nightly failed in dev*",
    ]
    assert list(vendors.jira.issues) == ["OPS-1"]
    assert vendors.titles() == ["nightly failed in dev"]


def test_who_refuses_is_listed_with_what_to_do(project: Project, vendors: Vendors) -> None:
    vendors.datadog.key = "another-key"
    project.env["JIRA_TOKEN"] = "expired"
    assert project("run", "--playbook", "nightly").code == 1
    told = eventually(
        lambda: [out for out in [project("deliveries").out] if out.count("refuses") == 2], "both"
    )[0]
    assert "Datadog refuses (403): it does not know the key" in told
    assert "Jira refuses (401): it does not accept the login" in told
    assert "dd-test-key" not in told
