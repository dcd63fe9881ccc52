"""Signed checkpoints: how far the actions went, in a file beside the store or far from it.

A digest says that nothing before it was changed; a signature says that the digest is the one that
was there. Whoever replaces the whole store by an older or a forged one cannot make it fit.
"""

import base64
import hashlib
import json
import os
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from orchestrate.embedded import actions
from orchestrate.embedded.actions import Action, Author, Head
from orchestrate.embedded.store import Store
from orchestrate.errors import ConflictError, OrchestrateError, UsageError
from orchestrate.processes.supervising.sharing import file_mode
from orchestrate.project.model import Project
from orchestrate.workflow.moments import rfc3339

if TYPE_CHECKING:
    import sqlite3

    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

SIGNED = "checkpoint_signed"
_LAST = "checkpoint_signed_at"


class Checkpoint(NamedTuple):
    """A line of the file: the action with that number had that digest (hex)."""

    number: int
    hash: str
    at: str
    key: str
    """Which key signed it: the beginning of the SHA-256 of the public one."""
    signature: str

    @property
    def text(self) -> bytes:
        """What is signed."""
        return f"orchestrate checkpoint 1\n{self.number}\n{self.hash}\n{self.at}\n".encode()


class Seal(NamedTuple):
    """What signs, and where that is kept."""

    key: Path
    file: Path


def checkpoints_of(project: Project) -> Path:
    """Where the signed checkpoints of a project are."""
    named = project.settings.audit.checkpoints
    default = project.state_dir / "audit" / "checkpoints.jsonl"
    return default if named is None else project.root / named


def seal_of(project: Project) -> Seal | None:
    """What signs in a project; None if it has no key."""
    key = project.settings.audit.key
    return None if key is None else Seal(project.root / key, checkpoints_of(project))


def sign(store: Store, seal: Seal, author: Author) -> Checkpoint:
    """Say where all journals stand, and sign it. Raises UsageError for a key that is none."""
    key = _private_key(seal.key)
    name = _name(key.public_key())
    now = time.time()

    def change(connection: "sqlite3.Connection") -> Head:
        _anchor_open(connection, now)
        actions.record(connection, now, Action(SIGNED, author, "", {"key": name}))
        connection.execute(
            "INSERT INTO facts (name, value) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (_LAST, repr(now)),
        )
        return actions.head(connection)

    # Opened first: what cannot be kept is not to be told as signed.
    with _appending(seal.file) as file:
        head = store.writer.call(change)
        made = Checkpoint(head.number, head.hash.hex(), rfc3339(now) or "", name, "")
        signature = base64.b64encode(key.sign(made.text)).decode()
        made = made._replace(signature=signature)
        file.write(json.dumps(made._asdict()) + "\n")
    return made


def sign_if_due(store: Store, seal: Seal, every: float, author: Author) -> None:
    """Sign if that was not done for a while."""
    rows = store.read("SELECT value FROM facts WHERE name = ?", (_LAST,))
    if not rows or time.time() - float(rows[0][0]) >= every:
        sign(store, seal, author)


def _anchor_open(connection: "sqlite3.Connection", now: float) -> None:
    """Those that are not over may have gone on since they were anchored."""
    rows = connection.execute("SELECT number FROM workflows WHERE finished_at IS NULL").fetchall()
    for (number,) in rows:
        actions.anchor(connection, number, now, "signed")


@contextmanager
def _appending(path: Path) -> Generator[TextIO]:
    try:
        _make(path)
        with path.open("a", encoding="ascii") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise UsageError(
            f"the checkpoint cannot be written to {path}: {error.strerror}",
            hint="`[audit] checkpoints` names the file; its folder must be writable.",
        ) from error


def _make(path: Path) -> None:
    """For whom the folder around it is, and nobody else: also for a group that shares the state."""
    folder = path.parent
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(folder.parent.stat().st_mode & 0o7777)
    if not path.exists():
        path.touch(0o600)
        path.chmod(file_mode(folder))


def make_key(file: Path) -> Path:
    """Write a new private key, and the public one beside it, whose path is returned."""
    _, ed25519, serialization = _library()
    public_file = file.with_name(f"{file.name}.pub")
    key = ed25519.Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as stream:  # noqa: PTH123 - of a descriptor
            stream.write(private)
        public_file.write_bytes(_pem(key.public_key()))
    except FileExistsError:
        raise ConflictError(f"{file} exists", hint="Choose another name.") from None
    except OSError as error:
        raise UsageError(
            f"{error.filename} cannot be written: {error.strerror}", hint="Choose another folder."
        ) from error
    return public_file


class PublicKey:
    """Verifies checkpoints; from the file of a public key, or of a private one."""

    def __init__(self, key: "Ed25519PublicKey") -> None:
        self._key = key
        self.name = _name(key)

    @classmethod
    def read(cls, file: Path) -> "PublicKey":
        """Raises UsageError if that is no such file."""
        data = _bytes_of(file)
        if b"PRIVATE KEY" in data:
            return cls(_private_key(file).public_key())
        _, ed25519, serialization = _library()
        try:
            key: Any = serialization.load_pem_public_key(data)
        except ValueError as error:
            raise _no_key(file, str(error)) from error
        if not isinstance(key, ed25519.Ed25519PublicKey):
            raise _no_key(file, "it is of another kind")
        return cls(key)

    def signed(self, checkpoint: Checkpoint) -> bool:
        """Whether the signature is by this key."""
        exceptions, _, _ = _library()
        try:
            self._key.verify(base64.b64decode(checkpoint.signature), checkpoint.text)
        except (exceptions.InvalidSignature, ValueError):
            return False
        return True


def read_checkpoints(file: Path) -> Iterator[Checkpoint | None]:
    """The lines of a file, None for one that is no checkpoint; nothing if there is no file."""
    try:
        with file.open(encoding="utf-8", errors="replace") as stream:
            for line in stream:
                yield _checkpoint(line)
    except FileNotFoundError:
        return
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read: {error.strerror}", hint="It holds the signed checkpoints."
        ) from error


def _checkpoint(line: str) -> Checkpoint | None:
    try:
        found: Any = json.loads(line)
        made = Checkpoint(**found)
    except (ValueError, TypeError):
        return None
    texts = (made.hash, made.at, made.key, made.signature)
    whole = isinstance(made.number, int) and all(isinstance(text, str) for text in texts)  # pyright: ignore[reportUnnecessaryIsInstance] - as it is in the file
    return made if whole else None


def _private_key(file: Path) -> "Ed25519PrivateKey":
    data = _bytes_of(file)
    _, ed25519, serialization = _library()
    try:
        key: Any = serialization.load_pem_private_key(data, None)
    except (ValueError, TypeError) as error:
        raise _no_key(file, str(error)) from error
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise _no_key(file, "it is of another kind")
    return key


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(
            f"the key {file} cannot be read: {error.strerror}",
            hint="`orchestrate audit key FILE` makes a pair of keys.",
        ) from error


def _no_key(file: Path, why: str) -> UsageError:
    return UsageError(
        f"{file} is no Ed25519 key without a passphrase: {why}",
        hint="`orchestrate audit key FILE` makes a pair of keys.",
    )


def _pem(key: "Ed25519PublicKey") -> bytes:
    _, _, serialization = _library()
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _name(key: "Ed25519PublicKey") -> str:
    return hashlib.sha256(_pem(key)).hexdigest()[:16]


def _library() -> tuple[Any, Any, Any]:
    """Of `cryptography`: exceptions, Ed25519 keys, their files."""
    try:
        from cryptography import exceptions
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise OrchestrateError(
            "signing needs the package cryptography",
            hint="Install it: `pip install 'aither-orchestrate[audit]'`.",
        ) from error
    return exceptions, ed25519, serialization
