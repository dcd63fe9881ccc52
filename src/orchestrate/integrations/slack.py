"""Slack: an incoming webhook, or a bot whose messages about one workflow are one thread.

The first message of a workflow stands in the channel, later ones answer it; what it said of the
state is brought up to date. Slack has no idempotency keys: each message carries its notice's key as
metadata, and before a notice is told late (so perhaps again) the bot looks for it, if it may read.
"""

import logging
import time
from collections.abc import Mapping
from http.client import HTTPException
from importlib import import_module
from typing import Any, cast

from orchestrate.integrations import slack_message
from orchestrate.integrations.message import Notice
from orchestrate.integrations.options import Options
from orchestrate.integrations.reading import Deadline, retry_after, unanswered
from orchestrate.integrations.service import (
    Limits,
    Memory,
    OptionsError,
    Refused,
    RetryLater,
    Service,
)
from orchestrate.integrations.slack_refusals import refusal
from orchestrate.playbook.plan import Json

API = "https://slack.com/api"
LATE = 15.0
"""Seconds after which a notice may have been told by an attempt whose end nobody saw."""
_OUTDATED = ("start", "pause", "approval")
"""First messages of these kinds are brought up to date; what failed stays as it was told."""
_NAMED = ("here", "channel", "everyone")
_EVENT_TYPE = "orchestrate_notice"
_NOTHING: Mapping[str, Any] = {}
_ON_THE_WAY = (OSError, HTTPException, ValueError)
"""What goes wrong between here and there, and in the reading of an answer."""


def make(given: Mapping[str, Json], limits: Limits) -> Service:
    """Options: `webhook`, or `token` and `channel`; `mention`, `api_url`."""
    options = Options("slack", given)
    hook, token, channel = (options.text(name) for name in ("webhook", "token", "channel"))
    mentions = [_mention(each) for each in options.texts("mention")]
    if (hook is None) == (token is None):
        raise OptionsError(
            "the slack integration has both `webhook` and `token`"
            if hook is not None
            else "the slack integration says neither `webhook` nor `token`",
            hint="Give it the `webhook` of an incoming webhook, or the `token` of a bot and a "
            "`channel`.",
        )
    _find_library()
    if hook is not None:
        return _Hook(options.address("webhook", hook), mentions, limits)
    if channel is None:
        raise OptionsError(
            "the slack integration has a `token`, but no `channel`",
            hint="Name the channel, such as `channel: deploys`, or better its id (`C0123456789`).",
        )
    # Older versions of the library append a method's name to this as it stands.
    api = options.address("api_url", options.text("api_url") or API) + "/"
    return _Bot(str(token), channel, api, mentions, limits)


class _Hook:
    """An incoming webhook. It answers `ok`, so no message can be found again."""

    def __init__(self, url: str, mentions: list[str], limits: Limits) -> None:
        self._url = url
        self._mentions = mentions
        self._limits = limits

    def scope(self, notice: Notice) -> str:
        return notice.workflow

    def deliver(self, notice: Notice, memory: Memory) -> Memory:
        client: Any = import_module("orchestrate.integrations.slack_clients").webhook(
            self._url, Deadline(self._limits), _silent()
        )
        try:
            answer = client.send_dict(_message(notice, self._mentions))
        except _ON_THE_WAY as error:
            raise unanswered("Slack", error) from None
        if answer.status_code == 200 and answer.body.strip() == "ok":
            return memory
        raise refusal(
            answer.body.strip(), answer.status_code, retry_after(dict(answer.headers.items()))
        )


class _Bot:
    """A bot's token. Remembered: `channel` and `ts` of the first message and its `kind`, the `ts`
    of the `last` one, and the key of the notice that was `told` last.
    """

    def __init__(
        self, token: str, channel: str, api: str, mentions: list[str], limits: Limits
    ) -> None:
        self._token = token
        self._channel = channel
        self._api = api
        self._mentions = mentions
        self._limits = limits

    def scope(self, notice: Notice) -> str:
        return notice.workflow

    def deliver(self, notice: Notice, memory: Memory) -> Memory:
        client: Any = import_module("orchestrate.integrations.slack_clients").bot(
            self._token, self._api, Deadline(self._limits), _silent()
        )
        if memory.get("told") != notice.key:
            memory = self._tell(client, notice, memory)
        if memory.get("ts") == memory.get("last") or memory.get("kind") not in _OUTDATED:
            return memory
        try:
            self._bring_up_to_date(client, notice, memory)
        except RetryLater as later:
            raise RetryLater(later.after, later.why, memory) from None
        except Refused:
            # It was deleted, or may no longer be edited: the thread has told it all.
            return {**memory, "kind": "fixed"}
        return memory

    def _tell(self, client: Any, notice: Notice, memory: Memory) -> Memory:
        message = _message(notice, self._mentions)
        thread = memory.get("ts")
        if time.time() - notice.at > LATE:
            earlier = self._find(client, notice, memory)
            if earlier is not None:
                return earlier
        if thread is not None:
            try:
                answer = _call(
                    client.chat_postMessage,
                    channel=memory["channel"],
                    thread_ts=thread,
                    reply_broadcast=slack_message.is_urgent(notice),
                    **message,
                )
            except Refused as refused:
                if "thread" not in refused.why and "reply" not in refused.why:
                    raise
            else:
                return {**memory, "told": notice.key, "last": answer["ts"]}
        answer = _call(client.chat_postMessage, channel=self._channel, **message)
        return _first(notice, str(answer["channel"]), str(answer["ts"]))

    def _find(self, client: Any, notice: Notice, memory: Memory) -> Memory | None:
        """What to remember if the notice was told already."""
        thread, channel = memory.get("ts"), memory.get("channel", self._channel)
        about = {"channel": channel, "include_all_metadata": True, "limit": 100}
        about["oldest"] = f"{notice.at - 60:.6f}"
        try:
            answer = (
                _call(client.conversations_history, **about)
                if thread is None
                else _call(client.conversations_replies, ts=thread, **about)
            )
        except Refused:
            # It may not read: that the message comes twice is better than that it does not come.
            return None
        for each in answer.get("messages") or ():
            metadata: Any = each.get("metadata") or _NOTHING
            if (metadata.get("event_payload") or _NOTHING).get("key") == notice.key:
                if thread is None:
                    return _first(notice, str(channel), str(each["ts"]))
                return {**memory, "told": notice.key, "last": each["ts"]}
        return None

    def _bring_up_to_date(self, client: Any, notice: Notice, memory: Memory) -> None:
        _call(
            client.chat_update,
            channel=memory["channel"],
            ts=memory["ts"],
            text=slack_message.text(notice),
            blocks=slack_message.summary(notice),
        )


def _first(notice: Notice, channel: str, ts: str) -> Memory:
    return {"channel": channel, "ts": ts, "last": ts, "kind": notice.kind, "told": notice.key}


def _message(notice: Notice, mentions: list[str]) -> dict[str, Any]:
    return {
        "text": slack_message.text(notice),
        "blocks": slack_message.blocks(notice, mentions),
        "unfurl_links": False,
        "unfurl_media": False,
        "metadata": {"event_type": _EVENT_TYPE, "event_payload": {"key": notice.key}},
    }


def _call(method: Any, **arguments: Any) -> Any:
    """The answer of a method of the Web API. Raises RetryLater or Refused."""
    errors: Any = import_module("slack_sdk.errors")
    try:
        return method(**arguments).data
    except errors.SlackApiError as error:
        answer = error.response
        data: object = answer.data
        said = cast("Mapping[str, Any]", data) if isinstance(data, dict) else _NOTHING
        after = retry_after(dict(answer.headers.items()))
        raise refusal(
            str(said.get("error", "")), answer.status_code, after, str(said.get("needed", ""))
        ) from None
    except _ON_THE_WAY as error:
        raise unanswered("Slack", error) from None


def _mention(name: str) -> str:
    """How Slack writes it: `here`, or the id of a person or group."""
    bare = name.removeprefix("@")
    if bare in _NAMED:
        return f"<!{bare}>"
    if bare[:1] in ("U", "W") and bare.isalnum() and bare.isupper():
        return f"<@{bare}>"
    if bare[:1] == "S" and bare.isalnum() and bare.isupper():
        return f"<!subteam^{bare}>"
    raise OptionsError(
        f"`mention: {name}` of the slack integration is nobody whom Slack would find",
        hint="Write here, channel or everyone, or an id: U… of a person, S… of a group. Slack "
        "shows it in the profile under “Copy member ID”.",
    )


def _find_library() -> None:
    try:
        import_module("slack_sdk")
    except ImportError:
        raise OptionsError(
            "the slack integration needs the library slack-sdk, which is not installed",
            hint="Install it: `pip install 'aither-orchestrate[slack]'`.",
        ) from None


def _silent() -> logging.Logger:
    """A logger that keeps what the library says to itself: it would name addresses."""
    logger = logging.getLogger("orchestrate.integrations.slack")
    logger.setLevel(logging.CRITICAL + 1)
    return logger
