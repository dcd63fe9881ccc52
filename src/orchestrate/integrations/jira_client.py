"""Jira's client, within limits: no redirects, no tries of its own, answers read up to a size and a
moment. And what Jira says no with.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from jira import JIRA
from jira.exceptions import JIRAError
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import RequestException, TooManyRedirects
from urllib3.exceptions import HTTPError

from orchestrate.integrations.answers import bounded
from orchestrate.integrations.reading import Deadline, retry_after, unanswered
from orchestrate.integrations.service import Limits, Refused, RetryLater

ANSWER = 1 << 20
"""Bytes of an answer that are read: transitions list all values that their fields may have."""
_SAID = 300
_HINTS = {
    401: "it does not accept the login: look at `user` and `token` (Cloud: the address of the "
    "account and an API token; Data Center: a personal access token alone)",
    403: "the account lacks a permission: it needs Browse Projects, Create Issues, Add Comments "
    "and, to resolve, Transition Issues",
    404: "what it was asked for is not there, or the account may not see it: look at `url` and "
    "`project`",
}


class Login(NamedTuple):
    """`user` None: the token is a personal access token."""

    url: str
    user: str | None
    token: str


class Missing(Exception):  # noqa: N818 - an answer
    """There is no such issue, or not for us."""


def connect(login: Login, limits: Limits) -> Any:
    """A client for one delivery."""
    deadline = Deadline(limits._replace(answer=ANSWER))
    basic = None if login.user is None else (login.user, login.token)
    client: Any = JIRA(
        server=login.url,
        basic_auth=basic,
        token_auth=login.token if basic is None else None,
        get_server_info=False,
        logging=False,
        max_retries=0,
        timeout=limits.total,
    )
    client._session.max_redirects = 0
    for scheme in ("https://", "http://"):
        client._session.mount(scheme, _Limited(deadline))
    return client


class _Limited(HTTPAdapter):
    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def send(self, request: PreparedRequest, *_: Any, **options: Any) -> Response:
        options.update(stream=True, timeout=self._deadline.timeouts())
        answer = super().send(request, **options)
        answer.raw = bounded(answer.raw, self._deadline)
        return answer


def ask(call: Callable[..., Any], *values: Any, **options: Any) -> Any:
    """What a method of the client gives. Raises Missing, RetryLater or Refused."""
    try:
        return call(*values, **options)
    except JIRAError as error:
        raise _refusal(error) from None
    except TooManyRedirects:
        raise RetryLater(None, "Jira leads elsewhere: look at `url`, and at its log-in") from None
    except (RequestException, HTTPError, OSError, ValueError) as error:
        raise unanswered("Jira", error) from None
    except (LookupError, TypeError, AttributeError):
        raise RetryLater(None, "what answers in Jira's place is not Jira") from None


def _refusal(error: JIRAError) -> Exception:
    status = error.status_code or 0
    headers = {} if error.response is None else dict(error.response.headers)
    if status == 429:
        return RetryLater(
            retry_after(headers, "Retry-After"), "Jira asks for patience: too many requests"
        )
    if status == 0 or status >= 500:
        return RetryLater(retry_after(headers), f"Jira has trouble ({status or 'no answer'})")
    said = " ".join((error.text or "").split())
    # Gateways and log-ins answer with pages, which nobody wants to read in a list.
    said = "" if "<" in said else said[:_SAID]
    if status == 404:
        return Missing(said)
    about = _HINTS.get(status, "")
    return Refused(f"Jira refuses ({status}): " + "; ".join(part for part in (about, said) if part))


def missing(error: Missing) -> Refused:
    """For those who cannot do without it."""
    said = f"; {error}" if str(error) else ""
    return Refused(f"Jira refuses (404): {_HINTS[404]}{said}")
