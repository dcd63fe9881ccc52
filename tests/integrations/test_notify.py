"""notify: the services of apprise, here its `json://`, which posts to an address."""

from collections.abc import Iterator
from typing import Any

import pytest
from vendors.notices import notice
from vendors.serving import Reply, Request, Vendor, saying

from orchestrate.integrations.service import Limits, OptionsError, RetryLater
from orchestrate.integrations.services import build

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
"""Apprise imports it."""


class Anything(Vendor):
    def answer(self, request: Request) -> Reply:
        return Reply(200, "ok")


@pytest.fixture
def server() -> Iterator[Anything]:
    made = Anything()
    made.start()
    yield made
    made.stop()


def url(server: Vendor) -> str:
    return server.address.replace("http://", "json://") + "/notify"


def test_a_message_says_what_happened(server: Anything) -> None:
    build("notify", {"url": url(server)}, Limits()).deliver(notice("failure"), {})
    [request] = server.asked
    body: Any = request.data
    assert body["title"] == "deploy-web-app failed in production"
    assert body["type"] == "failure"
    assert "Failed step: deploy/backend (4 attempts, exit code 2)" in body["message"]


def test_what_is_not_accepted_is_tried_again(server: Anything) -> None:
    server.troubles = [saying(500)]
    with pytest.raises(RetryLater, match="was not accepted"):
        build("notify", {"url": url(server)}, Limits()).deliver(notice("start"), {})


@pytest.mark.parametrize("wrong", ["", "no-such-service-at-all://x", "no address"])
def test_an_address_that_apprise_does_not_know_is_said(wrong: str) -> None:
    with pytest.raises(OptionsError) as caught:
        build("notify", {"url": wrong}, Limits())
    assert caught.value.hint
    assert "no address" not in caught.value.message  # it may hold a credential
