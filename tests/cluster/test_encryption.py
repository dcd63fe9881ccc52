"""Payloads under keys: read back by those who have them, an error for everybody else."""

import asyncio
import base64

import pytest
from temporalio.api.common.v1 import Payload

from orchestrate.cluster.errors import ClusterError
from orchestrate.cluster.storing.encryption import Encryption, read_keys
from orchestrate.cluster.storing.values import Locked
from orchestrate.errors import UsageError

ONE = base64.b64encode(b"1" * 32).decode()
TWO = base64.b64encode(b"2" * 32).decode()
SIZES = [0, 1, 1000, 65_536, 131_071, 131_072, 131_073, 400_000]


def codec(*keys: str) -> Encryption:
    return Encryption(read_keys("\n".join(keys), "a test"))


def payload(size: int) -> Payload:
    data = (b"words " * (size // 6 + 1))[:size]
    return Payload(metadata={"encoding": b"binary/plain"}, data=data)


def seal(given: Payload, *keys: str) -> Payload:
    (sealed,) = asyncio.run(codec(*keys).encode([given]))
    return sealed


def unseal(given: Payload, *keys: str) -> Payload:
    (opened,) = asyncio.run(codec(*keys).decode([given]))
    return opened


@pytest.mark.parametrize("size", SIZES)
def test_what_is_encrypted_is_read_back(size: int):
    sealed = seal(payload(size), ONE)
    assert b"words" not in sealed.SerializeToString()
    assert unseal(sealed, ONE) == payload(size)


def test_the_first_key_writes_and_all_of_them_read():
    old = seal(payload(1000), ONE)
    assert unseal(old, TWO, ONE) == payload(1000)
    new = seal(payload(1000), TWO, ONE)
    assert unseal(new, TWO) == payload(1000)


@pytest.mark.parametrize("size", [1000, 400_000])
def test_another_key_reads_nothing_and_says_so(size: int):
    with pytest.raises(ClusterError) as caught:
        unseal(seal(payload(size), ONE), TWO)
    name = read_keys(ONE, "a test")[0].name
    assert caught.value.message == (
        f"what is stored in Temporal was encrypted with another key ({name})"
    )


def test_without_a_key_nothing_encrypted_is_read():
    sealed = seal(payload(1000), ONE)
    with pytest.raises(ClusterError) as caught:
        asyncio.run(Locked().decode([sealed]))
    assert caught.value.message == (
        "what is stored in Temporal is encrypted, and this project has no key"
    )
    assert asyncio.run(Locked().decode([payload(10)])) == [payload(10)]


def test_what_was_never_encrypted_can_be_read():
    assert unseal(payload(1000), ONE) == payload(1000)


@pytest.mark.parametrize("size", [1000, 400_000])
def test_what_was_changed_is_refused(size: int):
    sealed = seal(payload(size), ONE)
    broken = bytearray(sealed.data)
    broken[-1] ^= 1
    sealed.data = bytes(broken)
    with pytest.raises(ClusterError) as caught:
        unseal(sealed, ONE)
    assert caught.value.message == (
        "what is stored in Temporal was changed by somebody who does not have the key"
    )


def test_blocks_cannot_be_taken_away_or_moved():
    sealed = seal(payload(4 * 65_536), ONE)
    block = 65_536 + 28
    for changed in (sealed.data[:-block], sealed.data[block : 2 * block] + sealed.data[block:]):
        broken = Payload(metadata=sealed.metadata, data=changed)
        with pytest.raises(ClusterError):
            unseal(broken, ONE)


def test_small_ones_never_look_alike_and_large_ones_begin_alike():
    assert seal(payload(100), ONE).data != seal(payload(100), ONE).data
    short, long = seal(payload(300_000), ONE), seal(payload(400_000), ONE)
    assert long.data[: 4 * 65_536] == short.data[: 4 * 65_536]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "KEYS holds no key"),
        ("# a comment only\n", "KEYS holds no key"),
        ("secret", "KEYS holds something that is no key"),
        ("c2hvcnQ=", "KEYS holds a key of 5 bytes; it takes 32"),
    ],
)
def test_what_is_no_key_is_an_error(text: str, message: str):
    with pytest.raises(UsageError) as caught:
        read_keys(text, "KEYS")
    assert caught.value.message == message


def test_keys_stand_in_lines_or_between_commas():
    assert [key.name for key in read_keys(f"{ONE},{TWO}", "KEYS")] == [
        key.name for key in read_keys(f"# new\n{ONE}\n\n{TWO}\n", "KEYS")
    ]
