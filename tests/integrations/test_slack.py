"""Slack: webhooks, threads, what is told again, and what Slack says no with."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from vendors.notices import STEP, notice
from vendors.serving import GARBAGE, HALF, HANG, LOSE, REFUSE, Trouble, saying
from vendors.slack import Slack

from orchestrate.integrations.service import (
    Limits,
    OptionsError,
    Refused,
    RetryLater,
    Service,
)
from orchestrate.integrations.services import build

SHORT = Limits(connect=5.0, total=0.5)
PATIENT = Limits(connect=30.0, total=60.0)


@pytest.fixture
def slack() -> Iterator[Slack]:
    server = Slack()
    server.start()
    yield server
    server.stop()


def hook(server: Slack, limits: Limits = PATIENT, **options: Any) -> Service:
    return build("slack", {"webhook": server.webhook, **options}, limits)


def bot(server: Slack, limits: Limits = PATIENT, **options: Any) -> Service:
    given = {"token": server.token, "channel": "C0DEPLOY", "api_url": f"{server.address}/api/"}
    return build("slack", {**given, **options}, limits)


def shown(message: Any) -> str:
    return json.dumps(message["blocks"], ensure_ascii=False)


def test_a_webhook_gets_what_failed_where_and_what_to_type(slack: Slack) -> None:
    assert hook(slack).deliver(notice("failure"), {}) == {}
    [message] = slack.messages.values()
    assert message["blocks"][0]["text"]["text"] == ":x: *deploy-web-app failed in production*"
    assert message["text"].startswith(
        "deploy-web-app failed in production\nWorkflow: WF-2026-017\n"
    )
    for part in (
        "<https://ops.example.com/workflows/WF-2026-017|WF-2026-017>",
        "*Environment*\\nproduction",
        "*Started by*\\nanna",
        "*Took*\\n2 m 23 s",
        "*Steps*\\n4 succeeded, 1 failed, 2 skipped",
        "*Failed step* `deploy/backend (4 attempts, exit code 2)`",
        "```\\npulling image 1.4.2\\nerror: &lt;registry&gt; &amp; mirror are gone\\n",
        "`orchestrate logs WF-2026-017 --step deploy/backend`",
        "`orchestrate resume --workflow WF-2026-017`",
    ):
        assert part in shown(message)


@pytest.mark.parametrize(
    ("kind", "said", "typed"),
    [
        ("start", ":arrow_forward: *deploy-web-app started in production*", "--follow"),
        ("success", ":white_check_mark: *deploy-web-app succeeded in production*", None),
        ("recovery", ":white_check_mark: *deploy-web-app succeeded again in production*", None),
        ("pause", ":double_vertical_bar: *deploy-web-app is paused in production*", "resume"),
        ("approval", ":raised_hand: *deploy-web-app waits for approval in production*", "approve"),
    ],
)
def test_every_kind_of_notice(slack: Slack, kind: str, said: str, typed: str | None) -> None:
    hook(slack).deliver(notice(kind), {})
    [message] = slack.messages.values()
    assert message["blocks"][0]["text"]["text"] == said
    assert typed is None or typed in shown(message)
    assert "Release 1.4.2 to production?" in shown(message) or kind != "approval"


def test_nothing_that_a_step_prints_is_markup(slack: Slack) -> None:
    loud = STEP._replace(
        path="deploy[<!here>]/1", message="<@U123> `x` *bold*", output="``` <!channel> ```\n"
    )
    hook(slack).deliver(notice("failure", failed=loud, playbook="a<b>*c*", actor="<!everyone>"), {})
    [message] = slack.messages.values()
    assert "<!" not in shown(message)
    assert "<@" not in shown(message)
    assert "<!" not in message["text"]
    assert "```\\n''' &lt;!channel&gt; '''\\n```" in shown(message)


def test_the_longest_message_keeps_slacks_limits_and_the_last_lines(slack: Slack) -> None:
    lines = "".join(f"line {number} <&> {'x' * 80}\n" for number in range(300))
    long = STEP._replace(path="p" * 5000, message="<" * 9000, output=lines)
    hook(slack).deliver(
        notice(
            "failure",
            failed=long,
            playbook="n" * 4000,
            parameters={"all": "&" * 9000},
            labels=tuple("l" * 500 for _ in range(20)),
            version="v" * 5000,
            actor="a" * 5000,
        ),
        {},
    )
    [message] = slack.messages.values()
    assert "line 299" in shown(message)
    assert "line 0 " not in shown(message)
    assert len(message["text"]) <= 3000


def test_mentions_are_for_what_needs_a_person(slack: Slack) -> None:
    service = hook(slack, mention=["@here", "U0ANNA1", "S0SRE"])
    for kind in ("start", "failure", "success"):
        service.deliver(notice(kind), {})
    service.deliver(notice("failure", state="cancelled"), {})
    heads = [each["blocks"][0]["text"]["text"] for each in slack.messages.values()]
    assert (
        heads[1] == ":x: <!here> <@U0ANNA1> <!subteam^S0SRE> *deploy-web-app failed in production*"
    )
    assert not any("<!here>" in head for head in (heads[0], heads[2], heads[3]))
    assert heads[3] == ":no_entry_sign: *deploy-web-app was cancelled in production*"


def test_what_a_person_has_to_decide_is_urgent(slack: Slack) -> None:
    parked = notice("pause", state="needs_attention", reason="deploy: nobody knows how it ended")
    hook(slack, mention="here").deliver(parked, {})
    [message] = slack.messages.values()
    head = message["blocks"][0]["text"]["text"]
    assert head == ":warning: <!here> *deploy-web-app needs attention in production*"
    assert "deploy: nobody knows how it ended" in shown(message)
    assert "`orchestrate status --workflow WF-2026-017`" in shown(message)


def test_a_bot_keeps_one_thread_for_each_workflow(slack: Slack) -> None:
    service = bot(slack)
    memory = service.deliver(notice("start"), {})
    assert service.scope(notice("start")) == "WF-2026-017"
    memory = service.deliver(notice("failure"), memory)
    service.deliver(notice("success", sequence=40, key="WF-2026-017/40/slack"), memory)
    first, failure, success = slack.messages.values()
    ts = next(iter(slack.messages))
    assert first["channel"] == "C0DEPLOY"
    assert (failure["thread_ts"], failure["reply_broadcast"]) == (ts, True)
    assert (success["thread_ts"], success["reply_broadcast"]) == (ts, False)
    # The first message says how it stands now, without what the thread tells.
    assert "deploy-web-app succeeded in production" in first["blocks"][0]["text"]["text"]
    assert first["text"].startswith("deploy-web-app succeeded in production\n")


def test_a_failure_that_came_first_stays_as_it_was_told(slack: Slack) -> None:
    memory = bot(slack).deliver(notice("failure"), {})
    bot(slack).deliver(notice("success", key="WF-2026-017/40/slack"), memory)
    first, second = slack.messages.values()
    assert "deploy-web-app failed" in shown(first)
    assert "thread_ts" in second


def test_an_update_that_fails_is_tried_again_without_a_second_message(slack: Slack) -> None:
    memory = bot(slack).deliver(notice("start"), {})
    slack.troubles = [None, saying(500)]
    with pytest.raises(RetryLater) as later:
        bot(slack).deliver(notice("failure"), memory)
    assert later.value.memory is not None
    bot(slack).deliver(notice("failure"), later.value.memory)
    assert len(slack.messages) == 2
    assert "failed" in shown(next(iter(slack.messages.values())))


def test_a_first_message_that_was_deleted_does_not_hold_up_the_thread(slack: Slack) -> None:
    memory = bot(slack).deliver(notice("start"), {})
    slack.messages.clear()
    memory = bot(slack).deliver(notice("failure"), memory)
    [message] = slack.messages.values()
    assert "thread_ts" not in message
    assert memory["ts"] == next(iter(slack.messages))


def test_a_message_whose_answer_was_lost_is_found_again(slack: Slack) -> None:
    slack.scopes.add("channels:history")
    slack.troubles = [LOSE]
    with pytest.raises(RetryLater):
        bot(slack).deliver(notice("start"), {})
    late = notice("start", at=time.time() - 30)
    memory = bot(slack).deliver(late, {})
    assert len(slack.messages) == 1
    slack.troubles = [LOSE]
    with pytest.raises(RetryLater):
        bot(slack).deliver(notice("failure"), memory)
    bot(slack).deliver(notice("failure", at=time.time() - 30), memory)
    assert len(slack.messages) == 2


def test_a_bot_that_may_not_read_tells_it_twice_rather_than_not_at_all(slack: Slack) -> None:
    slack.troubles = [LOSE]
    with pytest.raises(RetryLater):
        bot(slack).deliver(notice("start"), {})
    bot(slack).deliver(notice("start", at=time.time() - 30), {})
    assert len(slack.messages) == 2


@pytest.mark.parametrize(
    ("trouble", "after", "why"),
    [
        (saying(429, "rate_limited", {"Retry-After": "7"}), 7.0, "asks for patience"),
        (saying(429, {"error": "ratelimited"}, {"Retry-After": "30"}), 30.0, "patience"),
        (saying(429, "rate_limited", {"Retry-After": "999999"}), 3600.0, "patience"),
        (saying(500, "rollup_error"), None, "Slack has trouble ("),
        (saying(503, "<html>down</html>"), None, "Slack has trouble (503)"),
        (GARBAGE, None, "not Slack"),
        (REFUSE, None, "closed the connection"),
        (HALF, None, "closed the connection"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("make", [hook, bot])
def test_what_passes_is_tried_later(
    slack: Slack, make: Any, trouble: Trouble, after: float | None, why: str
) -> None:
    slack.troubles = [trouble]
    with pytest.raises(RetryLater) as later:
        make(slack).deliver(notice(), {})
    assert later.value.after == after
    assert why in later.value.why
    assert len(slack.asked) == 1
    assert slack.hook not in later.value.why
    assert slack.token not in later.value.why


@pytest.mark.parametrize("make", [hook, bot])
def test_a_slack_that_hangs_is_left_in_time(slack: Slack, make: Any) -> None:
    slack.troubles = [HANG]
    began = time.monotonic()
    with pytest.raises(RetryLater, match="Slack did not answer in time"):
        make(slack, SHORT).deliver(notice(), {})
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("make", [hook, bot])
def test_an_answer_without_end_is_not_read(slack: Slack, make: Any) -> None:
    slack.troubles = [saying(200, "x" * 5_000_000)]
    with pytest.raises(RetryLater, match="not Slack"):
        make(slack).deliver(notice(), {})


@pytest.mark.parametrize("make", [hook, bot])
def test_a_redirect_is_not_followed(slack: Slack, make: Any) -> None:
    slack.troubles = [saying(302, "", {"Location": f"{slack.address}/elsewhere"})]
    with pytest.raises((RetryLater, Refused)):
        make(slack).deliver(notice(), {})
    assert len(slack.asked) == 1


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("invalid_auth", "Bot User OAuth Token"),
        ("token_revoked", "install the app again"),
        ("channel_not_found", "/invite"),
        ("not_in_channel", "chat:write.public"),
        ("is_archived", "name another one"),
        ("missing_scope", "lacks the scope chat:write"),
    ],
)
def test_what_will_never_be_taken_is_refused_with_what_to_do(
    slack: Slack, code: str, hint: str
) -> None:
    slack.troubles = [saying(200, {"ok": False, "error": code, "needed": "chat:write"})]
    with pytest.raises(Refused, match=hint):
        bot(slack).deliver(notice(), {})


def test_the_same_as_the_service_itself_says_it(slack: Slack) -> None:
    for options, hint in (
        ({"token": "xoxb-wrong"}, "invalid_auth"),
        ({"channel": "C0OTHER"}, "not_in_channel"),
        ({"channel": "#nowhere"}, "channel_not_found"),
    ):
        with pytest.raises(Refused, match=hint):
            bot(slack, **options).deliver(notice(), {})
    slack.scopes.clear()
    with pytest.raises(Refused, match="lacks the scope chat:write"):
        bot(slack).deliver(notice(), {})
    slack.hook = "/services/T000/B000/another"
    gone = build("slack", {"webhook": f"{slack.address}/services/T000/B000/old"}, PATIENT)
    with pytest.raises(Refused, match=r"no_service.*make a new one"):
        gone.deliver(notice(), {})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "neither `webhook` nor `token`"),
        ({"webhook": "https://hooks.slack.com/x", "token": "xoxb-1"}, "both `webhook` and"),
        ({"token": "xoxb-1"}, "no `channel`"),
        ({"webhook": "hooks.slack.com/secret"}, "`webhook` of the slack integration"),
        ({"webhook": "https://hooks.slack.com/x", "mention": "@anna"}, "`mention: @anna`"),
        ({"webhook": 5}, "`webhook` of the slack integration"),
    ],
)
def test_options_that_cannot_work(options: Any, message: str) -> None:
    with pytest.raises(OptionsError) as wrong:
        build("slack", options, PATIENT)
    assert message in wrong.value.message
    assert wrong.value.hint
    assert "secret" not in wrong.value.message + wrong.value.hint
