"""Signatures of webhooks, what tells deliveries apart, and what bodies say."""

import hmac
from contextlib import suppress
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrate.triggers.webhooks import (
    Delivery,
    UnreadableError,
    content,
    identity,
    is_genuine,
    signature,
)

NOW = 1_790_000_000.0
SECRET = b"sesame, open"


def delivery(body: bytes = b"{}", **headers: str) -> Delivery:
    return Delivery({k.replace("_", "-"): v for k, v in headers.items()}, {}, body)


def stripe(stamp: int, body: bytes, secret: bytes = SECRET) -> str:
    made = hmac.new(secret, f"{stamp}.".encode() + body, sha256).hexdigest()
    return f"t={stamp},v1={'0' * 64},v1={made},v0=old"


def test_the_example_of_github_is_genuine() -> None:
    # https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
    known = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    secret, body = b"It's a Secret to Everybody", b"Hello, World!"
    assert is_genuine("github", secret, delivery(body, x_hub_signature_256=known), NOW)
    assert not is_genuine("github", secret, delivery(b"Hello", x_hub_signature_256=known), NOW)
    assert not is_genuine("github", b"other", delivery(body, x_hub_signature_256=known), NOW)
    assert not is_genuine("github", secret, delivery(body), NOW)
    assert not is_genuine("github", secret, delivery(body, x_hub_signature_256="sha256=ü"), NOW)


@pytest.mark.parametrize(
    ("off", "genuine"), [(0, True), (-300, True), (300, True), (-301, False), (301, False)]
)
def test_timestamps_have_five_minutes(off: int, genuine: bool) -> None:
    stamp = int(NOW) + off
    body = b'{"a": 1}'
    ours = delivery(
        body,
        x_orchestrate_timestamp=str(stamp),
        x_orchestrate_signature=signature(SECRET, str(stamp), "", body),
    )
    assert is_genuine("orchestrate", SECRET, ours, NOW) is genuine
    theirs = delivery(body, stripe_signature=stripe(stamp, body))
    assert is_genuine("stripe", SECRET, theirs, NOW) is genuine


def test_what_is_overheard_cannot_be_changed() -> None:
    stamp, body = str(int(NOW)), b"abc"
    signed = signature(SECRET, stamp, "7", body)
    good = {
        "x_orchestrate_timestamp": stamp,
        "x_orchestrate_signature": signed,
        "idempotency_key": "7",
    }
    assert is_genuine("orchestrate", SECRET, delivery(body, **good), NOW)
    for change in (
        {"idempotency_key": "8"},
        {"x_orchestrate_timestamp": str(int(NOW) + 1)},
        {"x_orchestrate_timestamp": "²"},
        {"x_orchestrate_timestamp": "-1"},
    ):
        assert not is_genuine("orchestrate", SECRET, delivery(body, **{**good, **change}), NOW)
    assert not is_genuine("orchestrate", SECRET, delivery(b"abd", **good), NOW)


def test_a_dot_in_an_id_moves_nothing_between_id_and_body() -> None:
    stamp = str(int(NOW))
    signed = signature(SECRET, stamp, "a", b"b.c")
    moved = delivery(
        b"c", x_orchestrate_timestamp=stamp, x_orchestrate_signature=signed, idempotency_key="a.b"
    )
    assert signature(SECRET, stamp, "a.b", b"c") == signed
    assert not is_genuine("orchestrate", SECRET, moved, NOW)


def test_nothing_is_genuine_under_a_form_that_is_none() -> None:
    assert not is_genuine("none", SECRET, delivery(), NOW)


def test_what_tells_deliveries_apart() -> None:
    assert identity("github", delivery(x_github_delivery="72d3162e")) == "72d3162e"
    assert identity("stripe", delivery(b'{"id": "evt_1"}')) == "evt_1"
    assert identity("orchestrate", delivery(idempotency_key="k1")) == "k1"
    assert identity("none", delivery(idempotency_key="k2")) == "k2"
    # What nobody named is told apart by signature and body.
    one, other = delivery(b"1"), delivery(b"2")
    assert identity("orchestrate", one) == identity("orchestrate", one)
    assert identity("orchestrate", one) != identity("orchestrate", other)
    assert identity("orchestrate", one) != identity(
        "orchestrate", delivery(b"1", x_orchestrate_signature="s")
    )
    assert len(identity("github", delivery(x_github_delivery="x" * 5000))) == 64


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("application/json", b'{"ref": [1, "a"]}', {"ref": [1, "a"]}),
        ("application/json; charset=utf-8", b"3", 3),
        ("", b'{"a": null}', {"a": None}),
        ("application/x-www-form-urlencoded", b"a=1&b=x+y", {"a": "1", "b": "x y"}),
        ("application/x-www-form-urlencoded", b"payload=%7B%22a%22%3A+1%7D", {"a": 1}),
        ("text/plain", b"hello", "hello"),
        ("application/json", b"", None),
    ],
)
def test_what_bodies_say(kind: str, body: bytes, said: object) -> None:
    assert content(delivery(body, content_type=kind)) == said


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff",
        b"NaN",
        b"[1e999]",
        b'"\\ud800"',
        b"[" * 101 + b"]" * 101,
        b"[" * 100_000,
        b"1" * 5000,
    ],
)
def test_what_cannot_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableError):
        content(delivery(body, content_type="application/json"))


@given(st.binary(max_size=200), st.dictionaries(st.sampled_from([
    "content-type", "x-hub-signature-256", "stripe-signature", "idempotency-key",
    "x-orchestrate-timestamp", "x-orchestrate-signature", "x-github-delivery",
]), st.text(max_size=60)))  # fmt: skip
def test_no_delivery_is_too_strange(body: bytes, headers: dict[str, str]) -> None:
    strange = Delivery(headers, {}, body)
    for form in ("orchestrate", "github", "stripe", "none"):
        assert not is_genuine(form, SECRET, strange, NOW)
        assert identity(form, strange) == identity(form, strange)
    with suppress(UnreadableError):
        content(strange)


@pytest.mark.parametrize("form", ["orchestrate", "github", "stripe"])
@pytest.mark.parametrize("given", ["", "sha256=" + "0" * 64, "t=1,v1=" + "0" * 64])
def test_signatures_are_compared_in_constant_time(monkeypatch, form: str, given: str) -> None:
    compared: list[int] = []
    compare = hmac.compare_digest

    def counting(one: bytes, other: bytes) -> bool:
        compared.append(len(one))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", counting)
    names = ("x-orchestrate-signature", "x-hub-signature-256", "stripe-signature")
    delivery = Delivery(dict.fromkeys(names, given), {}, b"body")
    assert not is_genuine(form, b"secret", delivery, 1.0)
    # Stripe's header may hold no signature at all: then there is nothing to compare.
    assert len(compared) == (0 if form == "stripe" and "v1" not in given else 1)
