"""A webhook: the notice as JSON, signed as `orchestrate serve` checks what arrives.

So one project can start playbooks of another: the receiver has a `webhook` trigger with the same
secret. `Idempotency-Key` tells a delivery that is made again from a new one, and is signed too.
"""

import http.client
import json
import time
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from orchestrate.integrations.message import Metrics, Notice
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
from orchestrate.playbook.plan import Json
from orchestrate.triggers.webhooks import signature
from orchestrate.workflow.moments import rfc3339

_REPEAT = (408, 421, 423, 425, 429)
"""Answers below 500 after which another attempt makes sense."""
_SHOWN = 200


def make(given: Mapping[str, Json], limits: Limits) -> Service:
    """Options: `url`; `secret` and `headers`, which may be left out."""
    options = Options("webhook", given)
    url = options.needed("url", "Write `url:` with the address that takes the deliveries.")
    headers = given.get("headers") or {}
    if not isinstance(headers, Mapping):
        raise OptionsError(
            "`headers` of the webhook integration are no mapping",
            hint="Write a name and a value for each.",
        )
    parts = urlsplit(options.address("url", url))
    try:
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        named = False
    if not named:
        raise OptionsError(
            "the `url` of the webhook integration is no address",
            hint="Write it as in https://example.com/hook.",
        )
    texts = {name: str(value) for name, value in headers.items()}
    return _Webhook(parts, options.text("secret"), texts, limits)


class _Webhook:
    """One address."""

    def __init__(
        self, url: SplitResult, secret: str | None, headers: Mapping[str, str], limits: Limits
    ) -> None:
        self._url = url
        self._secret = secret
        self._headers = headers
        self._limits = limits

    def scope(self, notice: Notice) -> str:
        """Nothing is remembered, so it does not matter."""
        return notice.workflow

    def deliver(self, notice: Notice, memory: Memory) -> Memory:
        """Post it. Anything but 2xx is a failure; redirects are not followed."""
        body = json.dumps(content(notice), ensure_ascii=True).encode()
        deadline = Deadline(self._limits)
        connection = self._connection(deadline)
        try:
            connection.connect()
            connection.sock.settimeout(deadline.left())
            target = (self._url.path or "/") + (f"?{self._url.query}" if self._url.query else "")
            connection.request("POST", target, body, self._headers_of(notice, body))
            response = connection.getresponse()
            answer = deadline.read(response.read1)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise unanswered("the receiver", error) from None
        finally:
            connection.close()
        self._judge(response, answer)
        return memory

    def _connection(self, deadline: Deadline) -> http.client.HTTPConnection:
        secure = self._url.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        return kind(self._url.hostname or "", self._url.port, timeout=deadline.timeouts()[0])

    def _headers_of(self, notice: Notice, body: bytes) -> dict[str, str]:
        headers = {
            "User-Agent": "orchestrate",
            **self._headers,
            "Content-Type": "application/json",
            "Idempotency-Key": identity(notice),
        }
        if self._secret is not None:
            stamp = str(int(time.time()))
            headers["X-Orchestrate-Timestamp"] = stamp
            headers["X-Orchestrate-Signature"] = signature(
                self._secret.encode(), stamp, identity(notice), body
            )
        return headers

    @staticmethod
    def _judge(response: http.client.HTTPResponse, answer: bytes) -> None:
        status = response.status
        if 200 <= status < 300:
            return
        said = " ".join(answer.decode("utf-8", "replace").split())[:_SHOWN]
        shown = "".join(c for c in said if c.isprintable())
        why = f"the receiver answered {status} {response.reason}" + (f": {shown}" if shown else "")
        if 300 <= status < 400:
            raise Refused(f"{why}; redirects are not followed, so write the final address")
        if status >= 500 or status in _REPEAT:
            raise RetryLater(retry_after(dict(response.getheaders())), why)
        raise Refused(why)


def identity(notice: Notice) -> str:
    """The idempotency key as a header: without the dots that a signature has no room for."""
    return notice.key.replace(".", "_")


def content(notice: Notice) -> dict[str, Json]:
    """The notice as JSON: times are RFC 3339, durations seconds."""
    given: dict[str, Json] = notice._asdict()
    for name in ("at", "started_at", "finished_at"):
        given[name] = rfc3339(getattr(notice, name))
    given["event"] = given.pop("kind")
    given["labels"] = list(notice.labels)
    given["failed"] = None if notice.failed is None else notice.failed._asdict()
    asked = notice.approval
    given["approval"] = None if asked is None else {
        **asked._asdict(), "approvers": list(asked.approvers), "deadline": rfc3339(asked.deadline)
    }  # fmt: skip
    given["metrics"] = _metrics(notice.metrics)
    return given


def _metrics(metrics: Metrics) -> dict[str, Json]:
    slowest: list[Json] = [step._asdict() for step in metrics.slowest]
    return {**metrics._asdict(), "steps": dict(metrics.steps), "slowest": slowest}
