"""CloudEvents 1.0 as they come over HTTP: structured, binary, and batches.

Binary: the attributes are `ce-…` headers, the body is the data. Structured: the body is the whole
event as JSON. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, cast
from urllib.parse import unquote

from orchestrate.playbook.json_text import read_json
from orchestrate.playbook.parameters import UNDECIDED
from orchestrate.playbook.plan import Json

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
LARGEST_BATCH = 1000
FILES = "file:"
"""Begins the source of events that the watch of files makes; nobody else may use it."""
_LONGEST = 1000
_REQUIRED = ("id", "source", "type")


class CloudEvent(NamedTuple):
    """An event. `attributes`: all others than id, source, type and data, such as `subject`."""

    id: str
    source: str
    type: str
    data: Json
    attributes: Mapping[str, Json] = {}

    def to_json(self) -> dict[str, Json]:
        """As expressions see it under `event`."""
        return {
            "time": None,
            "subject": None,
            **self.attributes,
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "data": self.data,
        }


class BadEventError(ValueError):
    """No CloudEvent; the text says why."""


def read_events(headers: Mapping[str, str], body: bytes) -> list[CloudEvent]:
    """The events of a request; names of headers are in lower case. Raises BadEventError."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if "ce-specversion" in headers and kind not in (STRUCTURED, BATCH):
        return [_binary(headers, kind, body)]
    value = _json(body)
    if kind == BATCH or isinstance(value, list):
        events = cast("Sequence[Json]", value) if isinstance(value, list) else None
        if events is None or len(events) > LARGEST_BATCH:
            raise BadEventError(f"a batch is a list of at most {LARGEST_BATCH} events")
        return [_structured(event) for event in events]
    return [_structured(value)]


def _json(body: bytes) -> Json:
    try:
        return read_json(body.decode())
    except ValueError:
        raise BadEventError("the body is not JSON") from None


def _structured(value: Json) -> CloudEvent:
    if not isinstance(value, Mapping):
        raise BadEventError("an event is a JSON object")
    fields = dict(value)
    if fields.pop("specversion", None) != "1.0":
        raise BadEventError("`specversion` is not 1.0")
    data = fields.pop("data", None)
    encoded = fields.pop("data_base64", None)
    if encoded is not None:
        data = _decoded(encoded)
    return _event(fields, data)


def _decoded(encoded: Json) -> Json:
    """Binary data as text where it is text, else as it was written."""
    try:
        return base64.b64decode(str(encoded), validate=True).decode()
    except UnicodeDecodeError:
        return encoded
    except (binascii.Error, ValueError):
        raise BadEventError("`data_base64` is not base64") from None


def _binary(headers: Mapping[str, str], kind: str, body: bytes) -> CloudEvent:
    fields: dict[str, Json] = {
        name.removeprefix("ce-"): unquote(value.strip().strip('"'))
        for name, value in headers.items()
        if name.startswith("ce-")
    }
    if fields.pop("specversion") != "1.0":
        raise BadEventError("`ce-specversion` is not 1.0")
    if kind:
        fields["datacontenttype"] = headers["content-type"]
    if not body:
        return _event(fields, None)
    if kind in ("", "application/json") or kind.endswith("+json"):
        return _event(fields, _json(body))
    try:
        return _event(fields, body.decode())
    except UnicodeDecodeError:
        return _event(fields, base64.b64encode(body).decode())


def _event(fields: dict[str, Json], data: Json) -> CloudEvent:
    for name in _REQUIRED:
        value = fields.get(name)
        if not isinstance(value, str) or not value or len(value) > _LONGEST:
            raise BadEventError(f"`{name}` is missing, or is not a short text")
        if UNDECIDED in value:  # it would pass for any event at all
            raise BadEventError(f"`{name}` holds U+FFFE, which is no character")
    moment = fields.get("time")
    if moment is not None and not _is_moment(moment):
        raise BadEventError("`time` is not a moment (RFC 3339)")
    rest = {name: value for name, value in fields.items() if name not in _REQUIRED}
    first = (str(fields[name]) for name in _REQUIRED)
    return CloudEvent(*first, data=data, attributes=rest)


def _is_moment(value: Json) -> bool:
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        return False
    return True
