"""CloudEvents over HTTP: structured, binary, and in batches."""

import json
from collections.abc import Iterator

from fuzzing.target import Target, check_json, headed, says_why

from orchestrate.playbook.compile import compile_playbook
from orchestrate.playbook.expressions import ExpressionError
from orchestrate.playbook.triggers import EventTrigger
from orchestrate.triggers.cloud_events import STRUCTURED, BadEventError, CloudEvent, read_events
from orchestrate.triggers.matching import concerns, values

_PLAYBOOK = b"""
name: told
parameters: [{name: host, default: x}]
triggers:
  - type: event
    event: "*alert*"
    filter: ${event.data.level > 2 and event.subject is defined}
    parameters: {host: "${event.data.host | default(event.source)}"}
steps: [{command: x}]
"""


def _trigger() -> EventTrigger:
    found = compile_playbook("t.yaml", _PLAYBOOK, lambda _: None).triggers[0]
    assert isinstance(found, EventTrigger)
    return found


_TRIGGER = _trigger()


def check(data: bytes) -> None:
    """A reason, or events that can be kept and are the same when they are sent on."""
    headers, body = headed(data)
    try:
        events = read_events(headers, body)
    except BadEventError as error:
        says_why(error)
        return
    for event in events:
        check_json(event.to_json())
        json.dumps(event.to_json(), ensure_ascii=False).encode()
        assert read_events({"content-type": STRUCTURED}, _written(event)) == [event]
        if concerns(_TRIGGER, event):
            try:
                check_json(values(_TRIGGER.parameters, {"event": event.to_json()}))
            except ExpressionError as error:
                says_why(error)


def _written(event: CloudEvent) -> bytes:
    fields = {**event.attributes, "specversion": "1.0", "data": event.data}
    return json.dumps(fields | {k: getattr(event, k) for k in ("id", "source", "type")}).encode()


def _seeds() -> Iterator[bytes]:
    one = (
        b'{"specversion": "1.0", "id": "1", "source": "/m", "type": "critical-alert",'
        b' "subject": "web1", "time": "2018-04-05T17:31:00Z", "data": {"level": 3, "host": "a"}}'
    )
    yield b"content-type: application/cloudevents+json; charset=utf-8\n\n" + one
    yield b"content-type: application/cloudevents-batch+json\n\n[" + one + b"," + one + b"]"
    yield (
        b"ce-specversion: 1.0\nce-id: 7\nce-source: /x/%E2%82%AC\nce-type: an-alert\n"
        b'ce-subject: "w"\ncontent-type: application/json\n\n{"level": 4}'
    )
    yield b"ce-specversion: 1.0\nce-id: 7\nce-source: s\nce-type: t\ncontent-type: image/x\n\n\xff"
    yield (
        b'content-type: application/cloudevents+json\n\n{"specversion": "1.0", "id": "1",'
        b' "source": "s", "type": "t", "data_base64": "aGk="}'
    )


TARGET = Target(
    "CloudEvents: a reason, or events that are the same when sent on", check, _seeds, longest=1200
)
