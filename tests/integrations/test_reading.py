"""Why somebody gave no answer, through each vendor's client; and what answers say of patience."""

import socket
import time
from email.utils import formatdate
from typing import Any

import pytest
from vendors.notices import notice

from orchestrate.integrations.reading import Deadline, Overlong, retry_after
from orchestrate.integrations.service import Limits, RetryLater
from orchestrate.integrations.services import build

SERVICES = [
    ("slack", {"webhook": "{}/services/T0/B0/secret"}, "Slack"),
    ("slack", {"token": "xoxb-secret", "channel": "C0", "api_url": "{}/api"}, "Slack"),
    ("jira", {"project": "OPS", "url": "{}", "token": "secret"}, "Jira"),
    ("datadog", {"api_key": "secret", "url": "{}"}, "Datadog"),
    ("webhook", {"url": "{}/secret"}, "the receiver"),
]


@pytest.mark.parametrize(("kind", "options", "who"), SERVICES)
def test_nobody_listens(kind: str, options: dict[str, str], who: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    given: dict[str, Any] = {name: text.format(address) for name, text in options.items()}
    with pytest.raises(RetryLater) as later:
        build(kind, given, Limits(total=60)).deliver(notice(), {})
    assert later.value.why == f"{who} cannot be reached: Connection refused"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": " 7 "}, 7.0),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "1e400"}, 3600.0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"X-RateLimit-Reset": "3", "Retry-After": "9"}, 3.0),
        ({}, None),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, "X-RateLimit-Reset") == seconds


def test_a_moment_to_wait_for() -> None:
    waited = retry_after({"Retry-After": formatdate(time.time() + 600, usegmt=True)})
    assert waited is not None
    assert 0 < waited <= 601


def test_a_deadline_is_over_all_of_a_delivery() -> None:
    deadline = Deadline(Limits(connect=5.0, total=0.0))
    with pytest.raises(Overlong, match="longer than 0 s"):
        deadline.left()
    with pytest.raises(Overlong):
        deadline.read(lambda _size: b"x")


def test_an_answer_is_read_up_to_its_bound() -> None:
    asked: list[int] = []

    def read(size: int) -> bytes:
        asked.append(size)
        return b"x" * size

    assert len(Deadline(Limits(total=60, answer=20_000)).read(read)) == 20_000
    assert asked == [16_384, 3_616]
