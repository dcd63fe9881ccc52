"""Payloads encrypted before they leave for Temporal: AES-256-GCM, under the keys of a project.

The first key writes, all of them read. What is small is encrypted under a random nonce. What is
large is cut into blocks whose nonces follow from key and content: the same beginning gives the same
bytes, so that content which grows is stored by what is new (`blobs.py`).
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Sequence
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from orchestrate.cluster.errors import ClusterError
from orchestrate.cluster.storing.values import ENCRYPTED, LARGE
from orchestrate.errors import UsageError

_KEY = "orchestrate-key"
_HEADER = "orchestrate-header"
_KEY_SIZE = 32
_NONCE = 12
_TAG = 16
_BLOCK = 64 * 1024


class Key(NamedTuple):
    """One key, derived from what the project was given."""

    name: str
    """Tells it from others; says nothing about it."""
    cipher: AESGCM
    nonces: bytes
    """Derives the nonces of blocks."""
    sealing: AESGCM
    """For values that are sealed by themselves."""


def read_keys(text: str, where: str) -> tuple[Key, ...]:
    """Keys as 32 bytes in base64, one a line (or comma); the first one writes. `where` is for
    messages. Raises UsageError.
    """
    given = [line.strip() for line in text.replace(",", "\n").splitlines()]
    keys = tuple(_key(line, where) for line in given if line and not line.startswith("#"))
    if not keys:
        raise _unusable(where, "holds no key")
    return keys


def _key(line: str, where: str) -> Key:
    try:
        secret = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError):
        raise _unusable(where, "holds something that is no key") from None
    if len(secret) != _KEY_SIZE:
        raise _unusable(where, f"holds a key of {len(secret)} bytes; it takes {_KEY_SIZE}")
    name = _derived(secret, b"name")[:8].hex()
    nonces, sealing = _derived(secret, b"nonces"), _derived(secret, b"sealing")
    return Key(name, AESGCM(_derived(secret, b"content")), nonces, AESGCM(sealing))


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return hmac.digest(secret, b"orchestrate " + purpose, hashlib.sha256)


def _unusable(where: str, why: str) -> UsageError:
    return UsageError(
        f"{where} {why}",
        hint="A key is 32 random bytes in base64, one a line: `openssl rand -base64 32`.",
    )


class Encryption(PayloadCodec):
    """Encrypts everything that is written; reads what is encrypted, and what is not."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self.keys = tuple(keys)
        self._keys = {key.name: key for key in keys}
        self._writing = keys[0]

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """See `PayloadCodec.encode`."""
        return [self._encrypted(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """See `PayloadCodec.decode`. Raises ClusterError without the right key."""
        return [self._decrypted(payload) for payload in payloads]

    def _encrypted(self, payload: Payload) -> Payload:
        key = self._writing
        metadata = {"encoding": ENCRYPTED, _KEY: key.name.encode()}
        if len(payload.data) < LARGE:
            data = _seal(key, os.urandom(_NONCE), payload.SerializeToString(), b"")
            return Payload(metadata=metadata, data=data)
        header = Payload(metadata=payload.metadata).SerializeToString()
        metadata[_HEADER] = _seal(key, os.urandom(_NONCE), header, _whole(len(payload.data)))
        return Payload(metadata=metadata, data=b"".join(_blocks(key, payload.data)))

    def _decrypted(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCRYPTED:
            return payload
        name = payload.metadata[_KEY].decode()
        key = self._keys.get(name)
        if key is None:
            raise ClusterError(
                f"what is stored in Temporal was encrypted with another key ({name})",
                hint="Add that key to those of `[engine.encryption]`, behind the one that writes.",
            )
        try:
            if _HEADER not in payload.metadata:
                return Payload.FromString(_open(key, payload.data, b""))
            data = b"".join(_opened(key, payload.data))
            header = _open(key, payload.metadata[_HEADER], _whole(len(data)))
            found = Payload.FromString(header)
            found.data = data
        except InvalidTag:
            raise ClusterError(
                "what is stored in Temporal was changed by somebody who does not have the key",
                hint="See who may write to the namespace.",
            ) from None
        return found


def _blocks(key: Key, data: bytes) -> list[bytes]:
    blocks: list[bytes] = []
    for at in range(0, len(data), _BLOCK):
        block = data[at : at + _BLOCK]
        place = at.to_bytes(8, "big")
        nonce = hmac.digest(key.nonces, place + block, hashlib.sha256)[:_NONCE]
        blocks.append(_seal(key, nonce, block, place))
    return blocks


def _opened(key: Key, data: bytes) -> list[bytes]:
    sealed = _BLOCK + _NONCE + _TAG
    return [
        _open(key, data[at : at + sealed], (number * _BLOCK).to_bytes(8, "big"))
        for number, at in enumerate(range(0, len(data), sealed))
    ]


def _whole(size: int) -> bytes:
    """So that nobody can take blocks away from the end."""
    return b"header" + size.to_bytes(8, "big")


def _seal(key: Key, nonce: bytes, data: bytes, place: bytes) -> bytes:
    return nonce + key.cipher.encrypt(nonce, data, place)


def _open(key: Key, data: bytes, place: bytes) -> bytes:
    return key.cipher.decrypt(data[:_NONCE], data[_NONCE:], place)
