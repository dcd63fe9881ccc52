"""Webhooks: whether a delivery is genuine, which one it is, and what it says.

Signatures are HMAC-SHA256 with a shared secret, compared in constant time, in three forms:

- `orchestrate`: `X-Orchestrate-Signature: sha256=HEX` over `TIMESTAMP.ID.BODY`, where the timestamp
  (seconds) stands in `X-Orchestrate-Timestamp` and the id, which may be absent and then is empty,
  in `Idempotency-Key`; so neither can be changed by whoever overhears it. An id holds no dot.
- `github`: `X-Hub-Signature-256: sha256=HEX` over the body. It has no timestamp.
- `stripe`: `Stripe-Signature: t=TIMESTAMP,v1=HEX`, over `TIMESTAMP.BODY`; one of several `v1` fits.
"""

import hmac
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple, cast
from urllib.parse import parse_qsl

from orchestrate.playbook.json_text import read_json
from orchestrate.playbook.plan import Json

WINDOW = 300.0
"""Seconds by which a timestamp may be off, either way: older deliveries are replays."""
_LONGEST_ID = 200


class Delivery(NamedTuple):
    """A request to a webhook. Names of headers are in lower case."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


class UnreadableError(ValueError):
    """A body that is not what its type says."""


def is_genuine(form: str, secret: bytes, delivery: Delivery, now: float) -> bool:
    """Whether it was signed with the secret, and not too long ago."""
    match form:
        case "github":
            given = delivery.headers.get("x-hub-signature-256", "")
            return _fits("sha256=" + _digest(secret, delivery.body), given)
        case "stripe":
            return _is_of_stripe(secret, delivery, now)
        case "orchestrate":
            stamp = delivery.headers.get("x-orchestrate-timestamp", "")
            identity = delivery.headers.get("idempotency-key", "")
            given = delivery.headers.get("x-orchestrate-signature", "")
            signed = signature(secret, stamp, identity, delivery.body)
            return _fits(signed, given) and "." not in identity and _is_recent(stamp, now)
        case _:
            return False


def signature(secret: bytes, timestamp: str, identity: str, body: bytes) -> str:
    """What stands in `X-Orchestrate-Signature`."""
    return "sha256=" + _digest(secret, f"{timestamp}.{identity}.".encode() + body)


def _is_of_stripe(secret: bytes, delivery: Delivery, now: float) -> bool:
    parts = [
        part.partition("=")[::2] for part in delivery.headers.get("stripe-signature", "").split(",")
    ]
    stamp = next((value for key, value in parts if key.strip() == "t"), "")
    expected = _digest(secret, stamp.encode() + b"." + delivery.body)
    fits = [_fits(expected, value) for key, value in parts if key.strip() == "v1"]
    return any(fits) and _is_recent(stamp, now)


def _digest(secret: bytes, signed: bytes) -> str:
    return hmac.new(secret, signed, sha256).hexdigest()


def _fits(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


def _is_recent(stamp: str, now: float) -> bool:
    return (
        stamp.isascii() and stamp.isdigit() and len(stamp) <= 15 and abs(now - int(stamp)) <= WINDOW
    )


def identity(form: str, delivery: Delivery) -> str:
    """What tells this delivery from all others: the same again is a repetition."""
    given = ""
    if form == "github":
        given = delivery.headers.get("x-github-delivery", "")
    elif form == "stripe":
        given = _id_in(delivery.body)
    else:
        given = delivery.headers.get("idempotency-key", "")
    if not given and form == "none":
        given = delivery.headers.get("x-github-delivery", "")
    if given and len(given) <= _LONGEST_ID and given.isprintable():
        return given
    headers = ("x-orchestrate-signature", "x-hub-signature-256", "stripe-signature")
    signed = "\n".join(delivery.headers.get(name, "") for name in headers)
    query = "&".join(f"{key}={value}" for key, value in sorted(delivery.query.items()))
    return sha256(f"{signed}\n{query}\n".encode("utf-8", "replace") + delivery.body).hexdigest()


def _id_in(body: bytes) -> str:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    value: object = cast("Mapping[str, object]", found).get("id") if isinstance(found, dict) else ""
    return value if isinstance(value, str) else ""


def content(delivery: Delivery) -> Json:
    """What the body says: JSON, a form, or text. Raises UnreadableError."""
    kind = delivery.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not delivery.body:
        return None
    try:
        text = delivery.body.decode()
        if kind == "application/x-www-form-urlencoded":
            form: dict[str, Json] = dict(
                parse_qsl(text, keep_blank_values=True, max_num_fields=1000)
            )
            # What GitHub sends as a form is JSON in its only field.
            return read_json(str(form["payload"])) if list(form) == ["payload"] else form
        if kind.startswith("text/"):
            return text
        return read_json(text)
    except ValueError as error:
        raise UnreadableError("the body is not what its content type says") from error
