"""Keys that sign checkpoints of the audit, and where the signed checkpoints of a project are."""

import base64
import hashlib
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from orchestrate.errors import ConflictError, OrchestrateError, UsageError
from orchestrate.processes.supervising.sharing import file_mode
from orchestrate.project.model import Project

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )


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


@contextmanager
def appending(path: Path) -> Generator[TextIO]:
    """The file of checkpoints, written at its end; it is on the disk then. Raises UsageError."""
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


class PrivateKey:
    """Signs."""

    def __init__(self, file: Path) -> None:
        """Raises UsageError if that is no such file."""
        self._key = _private_key(file)
        self.name = _name(self._key.public_key())

    def sign(self, text: bytes) -> str:
        """The signature of a text, in base64."""
        return base64.b64encode(self._key.sign(text)).decode()


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

    def signed(self, text: bytes, signature: str) -> bool:
        """Whether the signature of a text is by this key."""
        exceptions, _, _ = _library()
        try:
            self._key.verify(base64.b64decode(signature), text)
        except (exceptions.InvalidSignature, ValueError):
            return False
        return True


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
