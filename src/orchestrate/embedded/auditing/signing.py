"""Signed checkpoints: how far the actions went, in a file beside the store or far from it.

A digest says that nothing before it was changed; a signature says that the digest is the one that
was there. Whoever replaces the whole store by an older or a forged one cannot make it fit.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestrate.embedded import actions
from orchestrate.embedded.actions import Action, Author, Head
from orchestrate.embedded.store import Store
from orchestrate.errors import UsageError
from orchestrate.launching.signing import PrivateKey, Seal, appending
from orchestrate.workflow.moments import rfc3339

if TYPE_CHECKING:
    import sqlite3


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


def sign(store: Store, seal: Seal, author: Author) -> Checkpoint:
    """Say where all journals stand, and sign it. Raises UsageError for a key that is none."""
    key = PrivateKey(seal.key)
    name = key.name
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
    with appending(seal.file) as file:
        head = store.writer.call(change)
        made = Checkpoint(head.number, head.hash.hex(), rfc3339(now) or "", name, "")
        made = made._replace(signature=key.sign(made.text))
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
