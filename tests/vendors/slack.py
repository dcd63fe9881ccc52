"""Slack, as far as its documentation describes what is asked of it: incoming webhooks, and of the
Web API chat.postMessage, chat.update, conversations.history and conversations.replies.

Every message is checked with the classes of slack_sdk.models, in which Slack publishes the limits
of its blocks, and against the limits that its reference names beyond these.
"""

from typing import Any
from urllib.parse import parse_qs

from slack_sdk.models.blocks import Block
from vendors.serving import Reply, Request, Vendor

BLOCKS = 50
TEXT = 40_000
FIELD = 2_000
CHANNELS = {"C0DEPLOY": "deploys", "C0OTHER": "other"}


class Slack(Vendor):
    """`messages`: what stands in its channels, by time stamp, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.token = "xoxb-test-token"
        self.hook = "/services/T000/B000/hook-secret"
        self.messages: dict[str, dict[str, Any]] = {}
        self.members = {"C0DEPLOY"}
        self.archived: set[str] = set()
        self.scopes = {"chat:write"}

    @property
    def webhook(self) -> str:
        return self.address + self.hook

    def answer(self, request: Request) -> Reply:
        if request.method != "POST":
            return Reply(405, "method_not_allowed")
        if request.path.startswith("/services/"):
            return self._webhook(request)
        match request.path:
            case "/api/chat.postMessage":
                return self._call(request, self._post)
            case "/api/chat.update":
                return self._call(request, self._update)
            case "/api/conversations.history" | "/api/conversations.replies":
                return self._read(request)
            case _:
                return _no("unknown_method")

    def _webhook(self, request: Request) -> Reply:
        if request.path != self.hook:
            return Reply(404, "no_service")
        if request.headers["content-type"] != "application/json;charset=utf-8":
            return Reply(400, "invalid_payload")
        message = request.data
        wrong = wrong_message(message)
        if wrong:
            return Reply(400, wrong)
        if "C0DEPLOY" in self.archived:
            return Reply(410, "channel_is_archived")
        self._keep("C0DEPLOY", message)
        return Reply(200, "ok")

    def _call(self, request: Request, method: Any) -> Reply:
        said = request.headers.get("authorization")
        if said is None:
            return _no("not_authed")
        if said != f"Bearer {self.token}":
            return _no("invalid_auth")
        if "chat:write" not in self.scopes:
            return _no("missing_scope", needed="chat:write", provided="incoming-webhook")
        message: Any = request.data
        wrong = wrong_message(message)
        return _no(wrong) if wrong else method(message)

    def _read(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return _no("invalid_auth")
        if "channels:history" not in self.scopes:
            return _no("missing_scope", needed="channels:history", provided="chat:write")
        asked = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        if asked["channel"] not in CHANNELS:
            return _no("channel_not_found")
        thread = asked.get("ts")
        found = [
            {"ts": ts, **message}
            for ts, message in self.messages.items()
            if message["channel"] == asked["channel"] and message.get("thread_ts") == thread
        ]
        return Reply(200, {"ok": True, "messages": found, "has_more": False})

    def _post(self, message: Any) -> Reply:
        channel = self._channel(message["channel"])
        if channel is None:
            return _no("channel_not_found")
        if channel not in self.members:
            return _no("not_in_channel")
        if channel in self.archived:
            return _no("is_archived")
        thread = message.get("thread_ts")
        if thread is not None and thread not in self.messages:
            return _no("thread_not_found")
        ts = self._keep(channel, message)
        return Reply(200, {"ok": True, "channel": channel, "ts": ts, "message": message})

    def _update(self, message: Any) -> Reply:
        # A name of a channel is not taken here, only its id.
        if message["channel"] not in CHANNELS:
            return _no("channel_not_found")
        kept = self.messages.get(message["ts"])
        if kept is None or kept["channel"] != message["channel"]:
            return _no("message_not_found")
        kept.update(text=message["text"], blocks=message.get("blocks"))
        return Reply(200, {"ok": True, "channel": kept["channel"], "ts": message["ts"]})

    def _channel(self, name: str) -> str | None:
        if name in CHANNELS:
            return name
        return next((key for key, each in CHANNELS.items() if each == name.removeprefix("#")), None)

    def _keep(self, channel: str, message: Any) -> str:
        ts = f"17637{len(self.messages):05}.000100"
        self.messages[ts] = {**message, "channel": channel}
        return ts


def _no(error: str, **more: str) -> Reply:
    return Reply(200, {"ok": False, "error": error, **more})


def wrong_message(message: Any) -> str:
    if not isinstance(message, dict):
        return "invalid_payload"
    text, blocks = message.get("text"), message.get("blocks", [])
    if not text and not blocks:
        return "no_text"
    if len(text or "") > TEXT:
        return "msg_too_long"
    if len(blocks) > BLOCKS:
        return "invalid_blocks"
    try:
        for block in Block.parse_all(blocks):
            block.validate_json()
    except Exception:
        return "invalid_blocks"
    fields = [field for block in blocks for field in block.get("fields", ())]
    parts = [part for block in blocks for part in block.get("elements", ()) if "text" in part]
    if any(len(each["text"]) > FIELD for each in [*fields, *parts]):
        return "invalid_blocks"
    return ""
