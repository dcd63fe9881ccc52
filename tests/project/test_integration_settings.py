"""`[integrations]`: read, typed, and what is wrong with it."""

import jsonschema
import pytest

from orchestrate.project.fields import SettingsError
from orchestrate.project.integrations import Integrations, ServiceSettings
from orchestrate.project.schema import settings_schema
from orchestrate.project.settings import DEFAULTS, parse_settings

WHOLE = """
[integrations]
link = "https://ops.example.com/workflows/{id}"
give_up_after = "12h"

[integrations.slack]
webhook = "${SLACK_WEBHOOK}"
mention = ["here"]
every_playbook = true
events = ["failure", "recovery"]
environments = ["production"]

[integrations.webhook]
url = "https://example.com/hook"
headers = {Authorization = "Bearer ${TOKEN}"}
"""


def test_everything_is_read_and_typed() -> None:
    found = parse_settings("orchestrate.toml", WHOLE.encode()).integrations
    assert (found.link, found.give_up_after) == ("https://ops.example.com/workflows/{id}", 43_200.0)
    assert found.services == {
        "slack": ServiceSettings(
            {"webhook": "${SLACK_WEBHOOK}", "mention": ["here"]},
            True,
            ("failure", "recovery"),
            ("production",),
        ),
        "webhook": ServiceSettings(
            {"url": "https://example.com/hook", "headers": {"Authorization": "Bearer ${TOKEN}"}}
        ),
    }
    assert found.of("jira") == ServiceSettings({})


def test_without_the_table_there_are_none() -> None:
    assert DEFAULTS.integrations == Integrations(None, 259_200.0, {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[integrations.slak]\n", "orchestrate.toml:1:2: unknown key `integrations.slak`"),
        (
            "[integrations.slack]\nproject = 'x'\n",
            "orchestrate.toml:2:1: unknown key `integrations.slack.project`",
        ),
        (
            "[integrations.jira]\nevents = ['failed']\n",
            "orchestrate.toml:2:1: there is no event `failed`",
        ),
        (
            "[integrations]\nlink = 'https://x'\n",
            "orchestrate.toml:2:1: integrations.link does not say where the workflow's id goes",
        ),
        (
            "[integrations.webhook]\nheaders = {n = 1}\n",
            "orchestrate.toml:2:1: integrations.webhook.headers.n must be text",
        ),
        (
            "[integrations.datadog]\ntags = 'a'\n",
            'orchestrate.toml:2:1: integrations.datadog.tags must be a list of texts, not "a"',
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, expected: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings("orchestrate.toml", text.encode())
    [problem] = caught.value.problems
    assert f"{problem.place}: {problem.message}".startswith(expected)


def test_editors_know_every_key() -> None:
    import tomllib

    jsonschema.validate(tomllib.loads(WHOLE), settings_schema())
    wrong = {"integrations": {"slack": {"events": ["failed"]}}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, settings_schema())
