"""Options: what the playbook gives wins, secrets are put in last, and all of them are known."""

from collections.abc import Mapping

import pytest

from orchestrate.errors import Place
from orchestrate.integrations.resolving import Given, Unset, Values, resolve, target_url
from orchestrate.integrations.service import OptionsError
from orchestrate.playbook.compile import compile_playbook
from orchestrate.playbook.plan import Json, Plan, SecretRef, Template, Text
from orchestrate.project.integrations import Integrations, ServiceSettings
from orchestrate.project.telling import Chosen, choose, of_project

HERE = Place("p.yaml", 1, 1)


def given(
    kind: str, own: Mapping[str, Template], settings: Mapping[str, Json], **env: str
) -> Given:
    secrets = {"HOOK": "https://hooks.example/secret", "KEY": "key-4711"}
    return resolve(kind, own, settings, Values(lambda name: name, secrets.__getitem__, env))


def test_the_playbook_wins_over_the_project_and_that_over_the_environment() -> None:
    found = given(
        "jira",
        {"project": "OPS"},
        {"project": "ALL", "user": "bot", "token": "${TOKEN}"},
        JIRA_URL="https://jira.example",
        JIRA_USER="somebody",
        TOKEN="tok-1234",
    )
    assert found.options == {
        "project": "OPS",
        "user": "bot",
        "token": "tok-1234",
        "url": "https://jira.example",
    }
    assert found.hidden == ("tok-1234",)


def test_secrets_are_put_in_and_known() -> None:
    headers = {"Authorization": Text(("Bearer ", SecretRef("KEY")))}
    found = given("webhook", {"url": SecretRef("HOOK"), "headers": headers}, {})
    assert found.options["headers"] == {"Authorization": "Bearer key-4711"}
    assert set(found.hidden) == {
        "https://hooks.example/secret",
        "key-4711",
        "Bearer key-4711",
    }


def test_a_webhook_of_the_playbook_makes_the_projects_token_pointless() -> None:
    settings = {"token": "${BOT}", "channel": "ops", "mention": ["anna"]}
    assert given("slack", {"webhook": SecretRef("HOOK")}, settings).options == {
        "mention": ["anna"],
        "webhook": "https://hooks.example/secret",
    }


def test_variables_that_are_not_set_are_named() -> None:
    with pytest.raises(Unset) as caught:
        given("datadog", {}, {"api_key": "${DD_KEY}", "tags": ["team:${TEAM}", "$${as-it-is}"]})
    assert caught.value.names == ("DD_KEY", "TEAM")


def test_two_dollars_are_one() -> None:
    assert given("datadog", {}, {"site": "a$${B}"}).options == {"site": "a${B}"}


def test_a_target_is_one_of_the_project() -> None:
    targets: dict[str, dict[str, Json]] = {
        "mail": {"type": "url", "url": "mailto://ops@example.com"},
        "chat": {"type": "url", "url_variable": "CHAT_URL"},
        "log": {"type": "file", "path": "log"},
    }
    env = {"CHAT_URL": "slack://a/b/c"}
    assert target_url({"target": "mail"}, targets, env) == {"url": "mailto://ops@example.com"}
    assert target_url({"target": "chat"}, targets, env) == {"url": "slack://a/b/c"}
    with pytest.raises(Unset):
        target_url({"target": "chat"}, targets, {})
    for wrong in ("log", "nobody"):
        with pytest.raises(OptionsError, match=rf"no \[notify.{wrong}\] with an address"):
            target_url({"target": wrong}, targets, env)


def plan(text: str) -> Plan:
    whole = f"name: nightly\nsteps:\n  - command: /bin/true\nintegrations:\n{text}"
    return compile_playbook("nightly.yaml", whole.encode(), lambda _: None)


def chosen(text: str, environment: str = "dev", **env: str) -> Chosen:
    return choose(plan(text), Integrations(), environment, env)


def test_an_unset_variable_switches_an_integration_off() -> None:
    text = "  - {type: slack, webhook: '${SLACK_WEBHOOK}', events: [failure]}\n"
    assert chosen(text) == Chosen({}, {"slack": "SLACK_WEBHOOK is not set"})
    assert chosen(text, SLACK_WEBHOOK="https://x") == Chosen({"slack": ("failure",)}, {})


def test_what_neither_playbook_nor_project_say_switches_it_off() -> None:
    text = "  - {type: jira, project: OPS}\n"
    why = "it has no `url` (JIRA_URL) and `token` (JIRA_TOKEN), nor has [integrations.jira] of orchestrate.toml"  # noqa: E501
    assert chosen(text).untold == {"jira": why}
    assert chosen(text, JIRA_URL="https://j", JIRA_TOKEN="t").told == {
        "jira": ("failure", "recovery")
    }
    settings = Integrations(services={"jira": ServiceSettings({"url": "u", "token": "${T}"})})
    assert choose(plan(text), settings, "dev", {}).untold == {"jira": "T is not set"}


def test_where_variables_are_not_to_be_known_only_options_count() -> None:
    jira = plan("  - {type: jira, project: OPS}\n  - {type: slack, webhook: '${HOOK}'}\n")
    assert list(choose(jira, Integrations(), "dev", None).told) == ["jira", "slack"]
    mute = choose(plan("  - {type: webhook, name: mute}\n"), Integrations(), "dev", None)
    assert "it has no `url`" in mute.untold["mute"]


def test_some_are_told_in_some_environments_only() -> None:
    text = "  - {type: webhook, url: 'https://x', environments: [production], events: [start]}\n"
    assert chosen(text) == Chosen({}, {})
    assert chosen(text, "production").told == {"webhook": ("start",)}


def test_a_project_tells_of_every_playbook_that_does_not_say_otherwise() -> None:
    services = {
        "webhook": ServiceSettings({"url": "https://x"}, True, ("failure",)),
        "slack": ServiceSettings({"webhook": "https://s"}),
    }
    settings = Integrations(services=services)
    bare = plan("  - {type: datadog, api_key: k}\n")
    assert choose(bare, settings, "dev", {}).told == {
        "datadog": ("success", "failure", "recovery"),
        "webhook": ("failure",),
    }
    own = plan("  - {type: webhook, name: mine, url: 'https://y', events: [start]}\n")
    assert choose(own, settings, "dev", {}).told == {"mine": ("start",)}


def test_a_projects_datadog_counts_every_end_and_shows_what_is_asked_for() -> None:
    services = {"datadog": ServiceSettings({"api_key": "${KEY}"}, True, ("failure",))}
    settings = Integrations(services=services)
    bare = plan("  - {type: webhook, url: 'https://x', events: [start]}\n")
    found = of_project("datadog", bare, settings)
    assert found.events == ("failure", "success", "recovery")
    options = given("datadog", found.options, settings.of("datadog").options, KEY="k-4711").options
    assert options == {"api_key": "k-4711", "events": ["failure"]}
