"""Secrets are found in every encoding, however the stream is cut."""

import base64
import html
import json
import shlex
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrate.processes.supervising.masking import Masker

SECRET = 's3cr3t/päss+wörd? \'n "x"'
PEM = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----\n"


def in_chunks(masker: Masker, chunks: list[bytes]) -> bytes:
    return b"".join([*(masker.feed(chunk) for chunk in chunks), masker.flush()])


def at_once(secrets: tuple[str, ...], data: bytes) -> bytes:
    return in_chunks(Masker(secrets), [data])


@pytest.mark.parametrize(
    "encoded",
    [
        SECRET.encode(),
        base64.b64encode(SECRET.encode()),
        base64.urlsafe_b64encode(SECRET.encode()),
        SECRET.encode().hex().encode(),
        SECRET.encode().hex().upper().encode(),
        urllib.parse.quote(SECRET).encode(),
        urllib.parse.quote(SECRET, safe="").encode(),
        urllib.parse.quote_plus(SECRET).encode(),
        urllib.parse.quote(SECRET, safe="").lower().encode(),
        shlex.quote(SECRET).encode()[1:-1],
        SECRET.replace("'", "'\\''").encode(),
        json.dumps(SECRET).encode()[1:-1],
        json.dumps(SECRET, ensure_ascii=False).encode()[1:-1],
        SECRET.encode().hex(":").encode(),
        SECRET.encode().hex(" ").upper().encode(),
        html.escape(SECRET).encode(),
        repr(SECRET).encode()[1:-1],
        repr(SECRET.encode())[2:-1].encode(),
        json.dumps(SECRET)
        .replace("\\u00e4", "\\u00E4")
        .replace("\\u00f6", "\\u00F6")
        .encode()[1:-1],
        SECRET.encode()
        .replace(b"\xc3", b"\\303")
        .replace(b"\xa4", b"\\244")
        .replace(b"\xb6", b"\\266")
        .replace(b"'", b"\\'"),
    ],
)
def test_encodings(encoded: bytes) -> None:
    assert at_once((SECRET,), b"before " + encoded + b" after") == b"before *** after"


@pytest.mark.parametrize("before", [b"", b"u", b"us", b"user:", b"userx:"])
def test_base64_at_any_alignment(before: bytes) -> None:
    masked = at_once((SECRET,), base64.b64encode(before + SECRET.encode() + b":more"))
    assert b"***" in masked
    assert len(masked) < len(base64.b64encode(before)) + len(base64.b64encode(b":more")) + 8


def test_base64_that_a_tool_has_wrapped() -> None:
    secret = "0123456789abcdefghijklmnopqrstuvwxyz" * 6
    wrapped = base64.encodebytes(secret.encode())
    assert wrapped.count(b"\n") > 3
    assert at_once((secret,), b"key: " + wrapped + b"end") == b"key: ***\nend"


def test_each_line_of_a_value_of_several_lines() -> None:
    assert at_once((PEM,), b"x hkiG9w0BAQEFAASC x") == b"x *** x"
    assert at_once((PEM,), b"<" + PEM.encode().replace(b"\n", b"\r\n") + b">") == b"<***>"


def test_a_line_that_a_prefix_stands_before() -> None:
    text = b"".join(b"  | " + line + b"\n" for line in PEM.encode().splitlines())
    assert at_once((PEM,), text) == b"  | ***\n" * 4


def test_a_value_whose_blanks_were_taken_off_before_it_was_encoded() -> None:
    assert at_once(("  hunter22\n",), b"<" + base64.b64encode(b"hunter22") + b">") == b"<***>"


def test_empty_secrets_mask_nothing() -> None:
    assert at_once(("",), b"text") == b"text"
    assert at_once((), b"text") == b"text"


def test_overlapping_secrets() -> None:
    assert at_once(("abcdef", "defghi"), b"-abcdefghi-") == b"-***-"


def test_a_secret_that_repeats_itself() -> None:
    assert at_once(("aaaa",), b"aaaaaa") == b"***"


def test_only_what_could_begin_a_secret_is_held_back() -> None:
    masker = Masker(("topsecret",))
    assert masker.feed(b"hello top") == b"hello "
    assert masker.feed(b"ology") == b"topology"
    assert masker.feed(b" topsecre") == b" "
    assert masker.feed(b"t") == b"***"
    assert masker.flush() == b""


def test_bytes_that_are_not_utf8() -> None:
    assert at_once(("key\udcff1234",), b"\xfe key\xff1234 \xfd") == b"\xfe *** \xfd"


def test_a_text_at_once() -> None:
    masker = Masker((SECRET,))
    assert masker.mask(f"token={SECRET}&x=1") == "token=***&x=1"


SECRETS = st.lists(st.text("abc/+= '\n\"é", min_size=1, max_size=6), min_size=1, max_size=3)


@given(SECRETS, st.data())
def test_the_result_does_not_depend_on_how_the_stream_is_cut(
    secrets: list[str], data: st.DataObject
) -> None:
    pieces = [secret.encode() for secret in secrets]
    pieces += [base64.b64encode(piece) for piece in pieces]
    stream = b"".join(
        data.draw(st.lists(st.one_of(st.sampled_from(pieces), st.binary(max_size=3)), max_size=8))
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    chunks = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert in_chunks(Masker(tuple(secrets)), chunks) == at_once(tuple(secrets), stream)


@given(st.text(min_size=5, max_size=40), st.sampled_from(range(6)), st.data())
def test_no_secret_survives_in_any_encoding(secret: str, kind: int, data: st.DataObject) -> None:
    raw = secret.encode("utf-8", "surrogatepass")
    encoded = [
        raw,
        base64.b64encode(raw),
        urllib.parse.quote_from_bytes(raw).encode(),
        shlex.quote(secret).encode("utf-8", "surrogatepass"),
        json.dumps(secret).encode(),
        raw.hex().encode(),
    ][kind]
    stream = b"<" + encoded + b">"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=4)))
    chunks = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert encoded not in in_chunks(Masker((secret,)), chunks)
