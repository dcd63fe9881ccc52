"""CloudEvents as they come over HTTP."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrate.triggers.cloud_events import BadEventError, CloudEvent, read_events

STRUCTURED = {"content-type": "application/cloudevents+json; charset=utf-8"}
BATCH = {"content-type": "application/cloudevents-batch+json"}
BINARY = {
    "ce-specversion": "1.0",
    "ce-id": "7",
    "ce-source": "/monitoring/%E2%82%AC",
    "ce-type": "critical-alert",
    "ce-subject": "web1",
}


def test_a_structured_event() -> None:
    body = b"""{"specversion": "1.0", "id": "A234-1234-1234", "source": "/mycontext",
                "type": "com.example",
                "time": "2018-04-05T17:31:00Z", "comexampleextension1": "value",
                "datacontenttype": "application/json", "data": {"much": ["wow"]}}"""
    (event,) = read_events(STRUCTURED, body)
    assert event == CloudEvent(
        "A234-1234-1234", "/mycontext", "com.example", {"much": ["wow"]},
        {"time": "2018-04-05T17:31:00Z", "comexampleextension1": "value",
         "datacontenttype": "application/json"},
    )  # fmt: skip
    assert event.to_json()["subject"] is None
    assert event.to_json()["comexampleextension1"] == "value"


def test_a_binary_event() -> None:
    headers = {**BINARY, "content-type": "application/json"}
    (event,) = read_events(headers, b'{"level": 3}')
    assert event == CloudEvent(
        "7", "/monitoring/€", "critical-alert", {"level": 3},
        {"subject": "web1", "datacontenttype": "application/json"},
    )  # fmt: skip
    assert read_events(BINARY, b"")[0].data is None
    assert read_events({**BINARY, "content-type": "text/plain"}, b"hi")[0].data == "hi"
    assert read_events({**BINARY, "content-type": "image/png"}, b"\xff\x00")[0].data == "/wA="


def test_a_batch() -> None:
    one = '{"specversion": "1.0", "id": "%d", "source": "s", "type": "t", "data_base64": "aGk="}'
    events = read_events(BATCH, f"[{one % 1}, {one % 2}]".encode())
    assert [event.id for event in events] == ["1", "2"]
    assert events[0].data == "hi"
    assert read_events(BATCH, b"[]") == []


@pytest.mark.parametrize(
    ("headers", "body", "said"),
    [
        (STRUCTURED, b"{", "the body is not JSON"),
        (
            STRUCTURED,
            b'{"specversion": "1.0", "id": "x\\ufffe", "source": "s", "type": "t"}',
            "`id` holds U+FFFE, which is no character",
        ),
        ({**BINARY, "ce-id": "%EF%BF%BE"}, b"", "`id` holds U+FFFE, which is no character"),
        (STRUCTURED, b"3", "an event is a JSON object"),
        (STRUCTURED, b'{"id": "1", "source": "s", "type": "t"}', "`specversion` is not 1.0"),
        (
            STRUCTURED,
            b'{"specversion": "1.0", "source": "s", "type": "t"}',
            "`id` is missing, or is not a short text",
        ),
        (
            STRUCTURED,
            b'{"specversion": "1.0", "id": 1, "source": "s", "type": "t"}',
            "`id` is missing, or is not a short text",
        ),
        (
            STRUCTURED,
            b'{"specversion": "1.0", "id": "1", "source": "s", "type": "t", "time": "noon"}',
            "`time` is not a moment (RFC 3339)",
        ),
        (
            STRUCTURED,
            b'{"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data_base64": "?"}',
            "`data_base64` is not base64",
        ),
        (BATCH, b"{}", "a batch is a list of at most 1000 events"),
        (BATCH, b"[1]", "an event is a JSON object"),
        ({**BINARY, "ce-specversion": "0.3"}, b"", "`ce-specversion` is not 1.0"),
        ({**BINARY, "content-type": "application/json"}, b"{", "the body is not JSON"),
    ],
)
def test_what_is_no_event_is_refused_with_a_reason(
    headers: dict[str, str], body: bytes, said: str
) -> None:
    with pytest.raises(BadEventError) as caught:
        read_events(headers, body)
    assert str(caught.value) == said


@given(
    st.dictionaries(
        st.sampled_from([*BINARY, "content-type", "ce-time", "ce-x"]), st.text(max_size=20)
    ),
    st.binary(max_size=100) | st.text(max_size=100).map(str.encode),
)
def test_no_request_is_too_strange(headers: dict[str, str], body: bytes) -> None:
    with suppress(BadEventError):
        read_events(headers, body)
