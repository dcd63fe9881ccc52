"""What is told goes through the proxy that the environment names, but for its exceptions."""

from typing import Any

import pytest
from vendors.datadog import Datadog
from vendors.jira import Jira
from vendors.notices import notice
from vendors.serving import Vendor
from vendors.slack import Slack

from orchestrate.integrations.service import Limits, RetryLater
from orchestrate.integrations.services import build

ELSEWHERE = "http://vendor.invalid"
BOT = {"token": "xoxb-test-token", "channel": "C0DEPLOY"}
LOGIN = {"user": "bot@example.com", "token": "jira-test-token"}
SERVICES = [
    ("slack", Slack, {"webhook": f"{ELSEWHERE}/services/T000/B000/hook-secret"}),
    ("slack", Slack, {**BOT, "api_url": f"{ELSEWHERE}/api"}),
    ("jira", Jira, {"project": "OPS", "url": ELSEWHERE, **LOGIN}),
    ("datadog", Datadog, {"api_key": "dd-test-key", "url": ELSEWHERE}),
]


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(("kind", "vendor", "options"), SERVICES)
def test_a_proxy_is_used(
    monkeypatch: pytest.MonkeyPatch, kind: str, vendor: type[Vendor], options: dict[str, Any]
) -> None:
    # The vendor's server in the proxy's place: it sees the whole address, and answers.
    server = vendor()
    monkeypatch.setenv("HTTP_PROXY", server.start())
    build(kind, options, Limits(total=60)).deliver(notice(), {})
    server.stop()
    assert {asked.headers["host"] for asked in server.asked} == {"vendor.invalid"}


@pytest.mark.parametrize(("kind", "vendor", "options"), SERVICES)
def test_exceptions_are_reached_directly(
    monkeypatch: pytest.MonkeyPatch, kind: str, vendor: type[Vendor], options: dict[str, Any]
) -> None:
    server = vendor()
    monkeypatch.setenv("HTTP_PROXY", server.start())
    monkeypatch.setenv("NO_PROXY", "vendor.invalid")
    with pytest.raises(RetryLater, match=r"unknown to the network|cannot be reached"):
        build(kind, options, Limits(total=10)).deliver(notice(), {})
    server.stop()
    assert server.asked == []
