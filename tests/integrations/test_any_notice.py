"""Whatever a notice says: each system takes it, and nothing in it is that system's markup."""

import json
import re
from typing import Any

from datadog_api_client.v1.model.event_create_request import EventCreateRequest
from hypothesis import given, settings
from hypothesis import strategies as st
from vendors.jira import wrong_fields
from vendors.notices import QUESTION, STEP, notice
from vendors.slack import wrong_message

from orchestrate.integrations import datadog, jira_text, slack_message
from orchestrate.integrations.message import Notice

KINDS = ("start", "success", "failure", "pause", "approval", "recovery")
LOUD = st.text(st.sampled_from("ab <>&`*_~|[]{}\\!\n\r\t\"'%é😀\x00\u2028@#:/"), max_size=4000)
SAID = st.one_of(LOUD, st.text(max_size=200))
VALUES = st.one_of(SAID, st.integers(), st.lists(st.integers(), max_size=3))
LINKS = st.sampled_from([None, "https://x.example.com/a|b>c d"])


@st.composite
def notices(draw: Any) -> Notice:
    kind, playbook, message = draw(st.sampled_from(KINDS)), draw(SAID), draw(SAID)
    made = notice(
        kind,
        playbook=playbook,
        environment=playbook[:20],
        actor=message,
        reason=draw(SAID),
        link=draw(LINKS),
        parameters=draw(st.dictionaries(st.text(max_size=5), VALUES, max_size=3)),
    )
    if kind == "failure":
        failed = STEP._replace(path=draw(SAID), message=message, output=draw(SAID))
        made = made._replace(failed=failed)
    if kind == "approval":
        asked = QUESTION._replace(message=message, approvers=(draw(SAID),))
        made = made._replace(approval=asked)
    return made


@settings(max_examples=60, deadline=None)
@given(notices())
def test_slack(told: Notice) -> None:
    message = {"text": slack_message.text(told), "blocks": slack_message.blocks(told, ["<!here>"])}
    assert wrong_message(message) == ""
    assert wrong_message({"text": "x", "blocks": slack_message.summary(told)}) == ""
    for marked in re.findall("<[^>]*>?", json.dumps(message)):
        assert marked in ("<!here>", "<https://x.example.com/a%7Cb&gt;c%20d|WF-2026-017>")


@settings(max_examples=60, deadline=None)
@given(notices())
def test_jira(told: Notice) -> None:
    fields = {
        "summary": jira_text.summary(told),
        "description": jira_text.description(told),
        "labels": [jira_text.label(told)],
    }
    assert wrong_fields(fields) == {}
    for text in (fields["description"], jira_text.again(told, 3), jira_text.passed(told)):
        assert len(str(text)) <= jira_text.TEXT
        assert str(text).count("{noformat}") % 2 == 0


@settings(max_examples=60, deadline=None)
@given(notices())
def test_datadog(told: Notice) -> None:
    event = datadog.event(told, datadog.base_tags(told))
    # The model of Datadog's description refuses what does not fit.
    assert EventCreateRequest(**event).title == event["title"]
    assert "%%%" not in event["text"]
