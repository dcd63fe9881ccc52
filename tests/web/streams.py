"""Server-sent events as clients of the API read them."""

import json
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
from polling import PATIENCE


class Told(NamedTuple):
    """One event."""

    event: str
    id: int | None
    data: dict[str, Any]


def events(response: httpx.Response) -> Iterator[Told]:
    """The events of a stream as they come; comments, which come anyway, are left out."""
    fields: dict[str, str] = {}
    deadline = time.monotonic() + PATIENCE
    for line in response.iter_lines():
        assert time.monotonic() < deadline, f"nothing more came in {PATIENCE:g} s"
        if not line and "event" in fields:
            number = int(fields["id"]) if "id" in fields else None
            yield Told(fields["event"], number, json.loads(fields["data"]))
            fields = {}
        elif line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value
