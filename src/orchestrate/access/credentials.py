"""Tokens, sign-in codes and sessions: what is kept of them, and how their texts are made.

A text is `orc_ID_SECRET`. The secret has 256 bits from the system's generator, so that one SHA-256
of it is enough to keep: there is nothing to guess.
"""

import hmac
import os
from base64 import b32encode, urlsafe_b64encode
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from orchestrate.access.rights import Rights

PREFIX = "orc_"
_LONGEST = 200


class Kind(StrEnum):
    """What a credential is: made on the command line, good for one sign-in, or a browser's."""

    TOKEN = "token"
    CODE = "code"
    SESSION = "session"


class Credential(NamedTuple):
    """One of them, without its secret. Times are seconds since the epoch."""

    id: str
    kind: Kind
    name: str
    """Who it is: the actor of what is done with it."""
    digest: bytes
    rights: Rights
    created_at: float
    created_by: str
    expires_at: float | None
    ended_at: float | None = None
    """When it was revoked or, of a code, used."""
    parent: str | None = None
    """The token with which somebody signed in: its end is the end of the session."""

    def is_good(self, now: float) -> bool:
        """Whether it still counts."""
        return self.ended_at is None and (self.expires_at is None or now < self.expires_at)


class Made(NamedTuple):
    """A new secret: its text is shown once."""

    id: str
    text: str
    digest: bytes


def make() -> Made:
    """A secret that nobody has seen."""
    identity = b32encode(os.urandom(5)).decode().lower()
    secret = urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()
    return Made(identity, f"{PREFIX}{identity}_{secret}", digest_of(secret))


def split(text: str) -> tuple[str, str] | None:
    """Id and secret of a text; None if it is none."""
    if len(text) > _LONGEST or not text.startswith(PREFIX) or not text.isascii():
        return None
    identity, found, secret = text.removeprefix(PREFIX).partition("_")
    return (identity, secret) if found and identity and secret else None


def digest_of(secret: str) -> bytes:
    """What is kept of a secret."""
    return sha256(secret.encode()).digest()


def is_secret_of(credential: Credential, secret: str) -> bool:
    """Compares in constant time."""
    return hmac.compare_digest(credential.digest, digest_of(secret))


def csrf_of(secret: str) -> str:
    """What a browser has to send along beside the cookie with this secret; it does not tell it."""
    return hmac.new(secret.encode(), b"orchestrate csrf", sha256).hexdigest()
