"""Credentials in the store. The audit says who makes and revokes tokens, and who signs in."""

import json
import sqlite3
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from orchestrate.access.credentials import Credential, Kind, is_secret_of, make, split
from orchestrate.access.rights import Rights, Scope
from orchestrate.embedded.actions import Action, Author, record
from orchestrate.embedded.store import Store
from orchestrate.errors import ConflictError, NotFoundError
from orchestrate.playbook.plan import Json
from orchestrate.project.model import Project
from orchestrate.workflow.moments import rfc3339

CODE_LASTS = 300.0
"""Seconds for which a sign-in code is good."""
SESSION_LASTS = 12 * 3600.0
CREATED, REVOKED, SIGNED_IN = "token_created", "token_revoked", "signed_in"
"""Actions for the audit; the subject is the name."""
_COLUMNS = "id, kind, name, digest, rights, created_at, created_by, expires_at, ended_at, parent"
_KEPT = 86_400.0
"""Seconds for which codes and sessions are kept after their end."""


class Granted(NamedTuple):
    """A new credential with its text, which is shown once."""

    credential: Credential
    text: str


@contextmanager
def open_credentials(project: Project) -> "Generator[Credentials]":
    """Those of a project: kept on the machine that serves it, also if it has a cluster."""
    store = Store(project.state_dir, project.settings.state_group)
    try:
        yield Credentials(store)
    finally:
        store.close()


class Credentials:
    """Those of one project. One thread at a time uses it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(self, name: str, rights: Rights, lasts: float | None, author: Author) -> Granted:
        """A token that is good for so many seconds. Raises ConflictError if one has the name."""
        made = self._made(Kind.TOKEN, name, rights, lasts, author.actor, None)
        data: dict[str, Json] = {"after": rights.to_json()}
        action = Action(CREATED, author, name, data)

        def change(connection: sqlite3.Connection) -> None:
            if _by_name(connection, name) is not None:
                raise ConflictError(
                    f"there is a token {name} already",
                    hint=f"Choose another name, or `orchestrate token revoke {name}` first.",
                )
            _insert(connection, made.credential)
            record(connection, time.time(), action)

        self._store.writer.call(change)
        return made

    def create_code(self, rights: Rights, author: Author) -> Granted:
        """A code with which a browser signs in once, as whoever made it."""
        made = self._made(Kind.CODE, author.actor, rights, CODE_LASTS, author.actor, None)

        self._store.writer.call(lambda c: _insert(c, made.credential))
        return made

    def sign_in(self, text: str, author_from: Mapping[str, Json]) -> Granted | None:
        """A session for a token or a code, which is used up by that; None if it is not good."""
        found = self.find(text, Kind.TOKEN) or self.find(text, Kind.CODE)
        if found is None:
            return None
        lasts = SESSION_LASTS
        if found.kind is Kind.TOKEN and found.expires_at is not None:
            lasts = min(lasts, found.expires_at - time.time())
        parent = found.id if found.kind is Kind.TOKEN else None
        made = self._made(Kind.SESSION, found.name, found.rights, lasts, found.name, parent)
        action = Action(SIGNED_IN, Author(found.name, author_from), found.name)

        def change(connection: sqlite3.Connection) -> bool:
            if found.kind is Kind.CODE:
                used = connection.execute(
                    "UPDATE credentials SET ended_at = ? WHERE id = ? AND ended_at IS NULL",
                    (time.time(), found.id),
                )
                if not used.rowcount:
                    return False
            _insert(connection, made.credential)
            record(connection, time.time(), action)
            return True

        return made if self._store.writer.call(change) else None

    def find(self, text: str, kind: Kind) -> Credential | None:
        """The credential of a text, if it is good now; a session's token has to be good, too."""
        parts = split(text)
        if parts is None:
            return None
        found = self._get(parts[0])
        if found is None or found.kind is not kind or not is_secret_of(found, parts[1]):
            return None
        now = time.time()
        if not found.is_good(now):
            return None
        if found.parent is not None:
            parent = self._get(found.parent)
            if parent is None or not parent.is_good(now):
                return None
        return found

    def sign_out(self, session: Credential) -> None:
        """End a session."""
        self._store.writer.call(lambda c: _end(c, session.id))

    def tokens(self) -> list[Credential]:
        """Every token that was not revoked, by name."""
        rows = self._store.read(
            f"SELECT {_COLUMNS} FROM credentials WHERE kind = 'token' AND ended_at IS NULL "
            "ORDER BY name"
        )
        return [_credential(row) for row in rows]

    def revoke(self, name: str, author: Author) -> None:
        """End a token and all sessions that it began. Raises NotFoundError."""

        def change(connection: sqlite3.Connection) -> None:
            found = _by_name(connection, name)
            if found is None:
                raise NotFoundError(
                    f"there is no token {name}", hint="`orchestrate token list` lists them."
                )
            _end(connection, found)
            record(connection, time.time(), Action(REVOKED, author, name))

        self._store.writer.call(change)

    def _get(self, identity: str) -> Credential | None:
        rows = self._store.read(f"SELECT {_COLUMNS} FROM credentials WHERE id = ?", (identity,))
        return _credential(rows[0]) if rows else None

    def _made(
        self, kind: Kind, name: str, rights: Rights, lasts: float | None, by: str,
        parent: str | None,
    ) -> Granted:  # fmt: skip
        secret, now = make(), time.time()
        until = None if lasts is None else now + lasts
        made = Credential(
            secret.id, kind, name, secret.digest, rights, now, by, until, parent=parent
        )
        return Granted(made, secret.text)


def _by_name(connection: sqlite3.Connection, name: str) -> str | None:
    row = connection.execute(
        "SELECT id FROM credentials WHERE name = ? AND kind = 'token' AND ended_at IS NULL",
        (name,),
    ).fetchone()
    return None if row is None else str(row[0])


def _end(connection: sqlite3.Connection, identity: str) -> None:
    connection.execute("UPDATE credentials SET ended_at = ? WHERE id = ?", (time.time(), identity))


def _insert(connection: sqlite3.Connection, made: Credential) -> None:
    """Keep it; what was over long ago goes."""
    connection.execute(
        "DELETE FROM credentials WHERE kind <> 'token' AND expires_at < ?",
        (made.created_at - _KEPT,),
    )
    values = {**made._asdict(), "rights": json.dumps(made.rights.to_json())}
    connection.execute(
        f"INSERT INTO credentials ({_COLUMNS}) VALUES (:id, :kind, :name, :digest, :rights, "
        ":created_at, :created_by, :expires_at, :ended_at, :parent)",
        values,
    )


def _credential(row: tuple[Any, ...]) -> Credential:
    data = json.loads(row[4])
    rights = Rights(
        tuple(map(Scope, data["scopes"])),
        None if data["environments"] is None else tuple(data["environments"]),
        None if data["playbooks"] is None else tuple(data["playbooks"]),
    )
    return Credential(*row)._replace(kind=Kind(row[1]), rights=rights)


def credential_json(one: Credential) -> dict[str, Json]:
    """One as it is shown: without its secret."""
    return {
        "name": one.name,
        **one.rights.to_json(),
        "created_at": rfc3339(one.created_at),
        "created_by": one.created_by,
        "expires_at": rfc3339(one.expires_at),
    }
