"""Slack's clients, within limits: no redirects (they would carry the token on), no tries of their
own (the queue tries again), and answers read up to a size and a moment.

Imported when something is sent, and not before: the library takes a tenth of a second.
"""

import logging
from http.client import IncompleteRead
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from slack_sdk.web.client import WebClient
from slack_sdk.webhook.client import WebhookClient
from slack_sdk.webhook.webhook_response import WebhookResponse

from orchestrate.integrations.reading import Deadline


def webhook(url: str, deadline: Deadline, logger: logging.Logger) -> WebhookClient:
    """A client of an incoming webhook."""
    return _Webhook(url, deadline, logger)


def bot(token: str, api: str, deadline: Deadline, logger: logging.Logger) -> WebClient:
    """A client of the Web API."""
    return _Web(token, api, deadline, logger)


class _Webhook(WebhookClient):
    def __init__(self, url: str, deadline: Deadline, logger: logging.Logger) -> None:
        super().__init__(url, logger=logger, retry_handlers=[])
        self._deadline = deadline

    def _perform_http_request_internal(self, url: str, req: Request) -> WebhookResponse:
        status, headers, body = _ask(self._deadline, req)
        return WebhookResponse(url=url, status_code=status, body=body, headers=headers)


class _Web(WebClient):
    def __init__(self, token: str, api: str, deadline: Deadline, logger: logging.Logger) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType]
            token, base_url=api, logger=logger, retry_handlers=[]
        )
        self._deadline = deadline

    def _perform_urllib_http_request_internal(
        self,
        url: str,  # noqa: ARG002 - the request holds it
        req: Request,
    ) -> dict[str, Any]:
        status, headers, body = _ask(self._deadline, req)
        return {"status": status, "headers": headers, "body": body}


class _Stay(HTTPRedirectHandler):
    """A redirect comes back as what it is, an answer that is no success."""

    def redirect_request(
        self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> None: ...


def _ask(deadline: Deadline, request: Request) -> tuple[int, Any, str]:
    """Status, headers and body of what comes back. Proxies are those of the environment."""
    try:
        answer: Any = build_opener(_Stay()).open(request, timeout=deadline.left())
    except HTTPError as refusal:
        # The library would read all of it.
        answer = refusal
    with answer:
        body = deadline.read(answer.read1)
        if answer.length and len(body) < deadline.room:
            raise IncompleteRead(body, answer.length)
        charset = answer.headers.get_content_charset() or "utf-8"
        return answer.status, answer.headers, body.decode(charset, "replace")
