"""Deliveries to webhooks: whether they are genuine, what they say, what triggers make of them."""

import hmac
from collections.abc import Iterator
from hashlib import sha256

from fuzzing.target import Target, check_json, headed, says_why

from orchestrate.playbook.compile import compile_playbook
from orchestrate.playbook.expressions import ExpressionError
from orchestrate.playbook.patterns import fits
from orchestrate.playbook.plan import Json
from orchestrate.playbook.triggers import WebhookTrigger
from orchestrate.triggers.matching import holds, values
from orchestrate.triggers.webhooks import (
    Delivery,
    UnreadableError,
    content,
    identity,
    is_genuine,
    signature,
)

_NOW = 1_790_000_000.0
_SECRET = b"sesame, open"
_PLAYBOOK = b"""
name: hooked
parameters: [{name: ref}, {name: who}]
triggers:
  - type: webhook
    url: /hooks/it
    signature: none
    filter: ${body.ref is defined and body.ref is startingwith('refs/heads/')}
    parameters: {ref: "${body.ref | trim | upper}", who: "${headers['x-who'] | default('?')}"}
steps: [{command: x}]
"""


def _trigger() -> WebhookTrigger:
    found = compile_playbook("t.yaml", _PLAYBOOK, lambda _: None).triggers[0]
    assert isinstance(found, WebhookTrigger)
    return found


_TRIGGER = _trigger()


def check(data: bytes) -> None:
    """Nothing is genuine that was not signed; what was, is so until a byte of it changes. What a
    body says can be kept, and filters and parameters work on it. Patterns fit as a plain reading
    of them says.
    """
    headers, body = headed(data)
    delivery = Delivery(headers, {}, body)
    for form in ("orchestrate", "github", "stripe", "none"):
        assert not is_genuine(form, _SECRET, delivery, _NOW)
        which = identity(form, delivery)
        assert 0 < len(which) <= 200
        assert which.isprintable()
    _check_signed(body, headers.get("idempotency-key", ""))
    _check_content(delivery)
    pattern, text = headers.get("pattern", "")[:40], headers.get("text", "")[:80]
    assert fits(pattern, text) == _fits(pattern, text), (pattern, text)


def _check_signed(body: bytes, key: str) -> None:
    stamp = str(int(_NOW))
    given = signature(_SECRET, stamp, key, body)
    headers = {"x-orchestrate-timestamp": stamp, "x-orchestrate-signature": given}
    if key:
        headers["idempotency-key"] = key
    assert is_genuine("orchestrate", _SECRET, Delivery(headers, {}, body), _NOW) == ("." not in key)
    assert not is_genuine("orchestrate", _SECRET, Delivery(headers, {}, body + b"."), _NOW)
    hub = "sha256=" + hmac.new(_SECRET, body, sha256).hexdigest()
    assert is_genuine("github", _SECRET, Delivery({"x-hub-signature-256": hub}, {}, body), _NOW)
    assert not is_genuine("github", b"", Delivery({"x-hub-signature-256": hub}, {}, body), _NOW)


def _check_content(delivery: Delivery) -> None:
    try:
        said = content(delivery)
    except UnreadableError as error:
        says_why(error)
        return
    check_json(said)
    str(said).encode()
    known: dict[str, Json] = {"body": said, "headers": dict(delivery.headers), "query": {}}
    if holds(_TRIGGER.filter, known):
        try:
            check_json(values(_TRIGGER.parameters, known))
        except ExpressionError as error:
            says_why(error)


def _fits(pattern: str, text: str) -> bool:
    """Character by character: `*` is any number of them."""
    ends = {0}
    for character in pattern:
        if character == "*":
            ends = set(range(min(ends), len(text) + 1)) if ends else ends
        else:
            ends = {at + 1 for at in ends if at < len(text) and text[at] == character}
    return len(text) in ends


def _seeds() -> Iterator[bytes]:
    yield b'Content-Type: application/json\nX-Who: me\n\n{"ref": "refs/heads/main", "n": [1]}'
    yield b"Content-Type: application/x-www-form-urlencoded\n\npayload=%7B%22ref%22%3A%22refs%22%7D"
    yield b"Content-Type: text/plain\nPattern: a*b[c]?*\nText: axxb[c]?d\n\nhello"
    yield b"Stripe-Signature: t=1790000000,v1=00,v0=x\n\n" + b'{"id": "evt_1"}'
    yield b"X-GitHub-Delivery: 72d3162e\nX-Hub-Signature-256: sha256=00\n\n{}"
    yield (
        b"X-Orchestrate-Timestamp: 1790000000\nX-Orchestrate-Signature: sha256=0\n"
        b"Idempotency-Key: k.1\n\n[1e999]"
    )


TARGET = Target(
    "webhook deliveries: nothing unsigned is genuine, bodies can be kept",
    check,
    _seeds,
    longest=1000,
)
