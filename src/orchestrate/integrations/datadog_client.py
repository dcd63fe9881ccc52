"""Datadog's client, within limits: no redirects, no tries of its own, answers read up to a size and
a moment. And what Datadog says no with.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from datadog_api_client import ApiClient, Configuration
from datadog_api_client.exceptions import ApiException, OpenApiException
from datadog_api_client.v1.api.events_api import EventsApi
from datadog_api_client.v1.api.metrics_api import MetricsApi as DistributionsApi
from datadog_api_client.v1.model.distribution_points_payload import DistributionPointsPayload
from datadog_api_client.v1.model.event_create_request import EventCreateRequest
from datadog_api_client.v2.api.metrics_api import MetricsApi
from datadog_api_client.v2.model.metric_payload import MetricPayload
from urllib3.exceptions import HTTPError, SSLError
from urllib3.util import Retry, Timeout

from orchestrate.integrations.answers import bounded
from orchestrate.integrations.reading import Deadline, retry_after, unanswered
from orchestrate.integrations.service import Limits, Refused, RetryLater

_ACCEPTED = 202
_SAID = 300
_HINTS = {
    401: "it does not know the key: look at `api_key`",
    403: "it does not know the key: look at `api_key`, and at `site`: keys belong to one site",
    404: "there is no such intake: look at `site` and `url`",
    413: "it is too much at once",
}


class Talk:
    """One delivery's requests. Each raises RetryLater or Refused."""

    def __init__(self, address: str, key: str, limits: Limits) -> None:
        configuration: Any = Configuration(host=address, api_key={"apiKeyAuth": key})
        configuration.proxy = _proxy(address)
        self._client = ApiClient(configuration)
        rest: Any = self._client.rest_client
        self._pool = rest.pool_manager = _Limited(rest.pool_manager, Deadline(limits))

    def series(self, series: list[Any]) -> None:
        """Send counts."""
        self._ask(MetricsApi(self._client).submit_metrics, MetricPayload(series=series))

    def distributions(self, series: list[Any]) -> None:
        """Send values of distributions."""
        api = DistributionsApi(self._client)
        self._ask(api.submit_distribution_points, DistributionPointsPayload(series=series))

    def event(self, event: Mapping[str, Any]) -> None:
        """Send an event."""
        self._ask(EventsApi(self._client).create_event, EventCreateRequest(**event))

    def _ask(self, call: Callable[..., Any], body: Any) -> None:
        try:
            call(body=body)
        except ApiException as error:
            raise _refusal(error) from None
        except (HTTPError, OSError, ValueError, OpenApiException) as error:
            # Relays take it as the service does, but say so in their own words, or in none.
            if self._pool.status != _ACCEPTED:
                raise unanswered("Datadog", error) from None


class _Limited:
    """A pool of connections whose answers are read within limits."""

    def __init__(self, pool: Any, deadline: Deadline) -> None:
        self._pool = pool
        self._deadline = deadline
        self.status = 0
        """Of the last answer; 0 while there is none."""

    def request(self, method: str, url: str, **options: Any) -> Any:
        """What the client asks a pool for."""
        self.status = 0
        connect, read = self._deadline.timeouts()
        options |= {
            "preload_content": False,
            "timeout": Timeout(connect=connect, read=read),
            "retries": Retry(total=False, redirect=False),
        }
        try:
            answer = bounded(self._pool.request(method, url, **options), self._deadline)
        except SSLError as error:
            # The client would say only that something failed.
            raise unanswered("Datadog", error) from None
        answer.read(cache_content=True)
        self.status = answer.status
        return answer

    def clear(self) -> None:
        """Close what is open."""
        self._pool.clear()


def _refusal(error: Any) -> RetryLater | Refused:
    status: int = error.status or 0
    headers: Mapping[str, str] = error.headers or {}
    if status == 429:
        after = retry_after(headers, "X-RateLimit-Reset")
        return RetryLater(after, "Datadog asks for patience: too many requests")
    if status in (0, 408) or status >= 500:
        return RetryLater(retry_after(headers), f"Datadog has trouble ({status or 'no answer'})")
    if 300 <= status < 400:
        return RetryLater(None, "Datadog leads elsewhere: look at `site` and `url`")
    about = [part for part in (_HINTS.get(status, ""), _said(error.body)) if part]
    return Refused(f"Datadog refuses ({status}): {'; '.join(about)}")


def _said(body: Any) -> str:
    """The errors that an answer lists; nothing of pages that others put in its place."""
    errors: Any = body.get("errors") if hasattr(body, "get") else None
    return "; ".join(map(str, errors or ()))[:_SAID]


def _proxy(address: str) -> str | None:
    """The proxy that the environment names for it; the client would not look for one."""
    parts = urlsplit(address)
    if proxy_bypass(parts.hostname or ""):
        return None
    return getproxies().get(parts.scheme)
