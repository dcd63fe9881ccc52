"""The webhook: signed as `orchestrate serve` checks it, told apart by keys, patient."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from vendors.hooks import SECRET, Hooks
from vendors.notices import notice
from vendors.serving import GARBAGE, HALF, HANG, LOSE, REFUSE, saying

from orchestrate.integrations.service import Limits, OptionsError, Refused, RetryLater, Service
from orchestrate.integrations.services import build
from orchestrate.triggers.webhooks import Delivery, identity, is_genuine

PATIENT = Limits(connect=30.0, total=60.0)
SHORT = Limits(connect=5.0, total=0.4)


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    server = Hooks()
    server.start()
    yield server
    server.stop()


def hook(server: Hooks, limits: Limits = PATIENT, **more: Any) -> Service:
    return build("webhook", {"url": f"{server.address}/hook", "secret": SECRET, **more}, limits)


def test_a_notice_arrives_signed_and_whole(hooks: Hooks) -> None:
    assert hook(hooks).deliver(notice("failure"), {}) == {}
    [request] = hooks.asked
    assert (request.method, request.path) == ("POST", "/hook")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["idempotency-key"] == "WF-2026-017/17/slack"
    [body] = hooks.seen.values()
    assert (body["event"], body["workflow"], body["state"]) == ("failure", "WF-2026-017", "failed")
    assert body["failed"]["path"] == "deploy/backend"
    assert body["metrics"]["slowest"][0]["duration"] == 92.4
    assert body["finished_at"].endswith("Z")


def test_a_trigger_of_another_project_takes_it(hooks: Hooks) -> None:
    hook(hooks).deliver(notice("success"), {})
    [request] = hooks.asked
    arrived = Delivery(dict(request.headers), {}, request.body)
    assert is_genuine("orchestrate", SECRET.encode(), arrived, time.time())
    assert not is_genuine("orchestrate", b"another", arrived, time.time())
    assert identity("orchestrate", arrived) == "WF-2026-017/30/slack"


def test_headers_go_along_and_no_secret_means_no_signature(hooks: Hooks) -> None:
    hooks.secret = None
    service = hook(hooks, secret=None, headers={"Authorization": "Bearer abcd", "X-Team": 7})
    service.deliver(notice("start"), {})
    [request] = hooks.asked
    assert request.headers["authorization"] == "Bearer abcd"
    assert request.headers["x-team"] == "7"
    assert "x-orchestrate-signature" not in request.headers


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        (saying(500, "out of order"), "the receiver answered 500 Internal Server Error: out of or"),
        (saying(503), "the receiver answered 503 Service Unavailable"),
        (REFUSE, "the receiver closed the connection before it had answered"),
        (LOSE, "the receiver closed the connection before it had answered"),
    ],
)
def test_what_may_pass_is_tried_again(hooks: Hooks, trouble: Any, why: str) -> None:
    hooks.troubles = [trouble]
    with pytest.raises(RetryLater, match=why) as caught:
        hook(hooks).deliver(notice(), {})
    assert caught.value.after is None


def test_the_receiver_says_when(hooks: Hooks) -> None:
    hooks.troubles = [saying(429, "slow down", {"Retry-After": "17"})]
    with pytest.raises(RetryLater, match="429") as caught:
        hook(hooks).deliver(notice(), {})
    assert caught.value.after == 17.0


def test_a_receiver_that_hangs_is_left(hooks: Hooks) -> None:
    hooks.troubles = [HANG]
    with pytest.raises(RetryLater, match="did not answer in time"):
        hook(hooks, SHORT).deliver(notice(), {})


def test_nobody_there(hooks: Hooks) -> None:
    address = hooks.address
    hooks.stop()
    with pytest.raises(RetryLater, match="the receiver cannot be reached"):
        build("webhook", {"url": address}, PATIENT).deliver(notice(), {})


@pytest.mark.parametrize(
    ("status", "headers"), [(301, {"Location": "https://elsewhere.example"}), (404, {}), (401, {})]
)
def test_what_cannot_pass_is_not_tried_again(
    hooks: Hooks, status: int, headers: dict[str, str]
) -> None:
    hooks.troubles = [saying(status, "no", headers)]
    with pytest.raises(Refused, match=str(status)):
        hook(hooks).deliver(notice(), {})
    assert len(hooks.asked) == 1  # a redirect is not followed


def test_any_answer_of_success_will_do(hooks: Hooks) -> None:
    hooks.troubles = [GARBAGE, saying(204), HALF]
    for _ in range(3):
        hook(hooks).deliver(notice(), {})


def test_an_answer_without_end_is_not_read(hooks: Hooks) -> None:
    hooks.troubles = [saying(500, "x" * 5_000_000)]
    with pytest.raises(RetryLater) as caught:
        hook(hooks).deliver(notice(), {})
    assert len(caught.value.why) < 300


@pytest.mark.parametrize("url", ["", "ftp://example.com", "https://", "example.com/hook"])
def test_an_address_that_is_none_is_said(url: str) -> None:
    with pytest.raises(OptionsError) as caught:
        build("webhook", {"url": url}, PATIENT)
    assert caught.value.hint
