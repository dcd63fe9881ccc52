import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrate.access.credentials import Kind, csrf_of, split
from orchestrate.access.rights import EVERYTHING, Rights, Scope
from orchestrate.embedded.actions import Author
from orchestrate.embedded.auditing import trail
from orchestrate.embedded.credentials import Credentials
from orchestrate.embedded.store import Store
from orchestrate.errors import ConflictError, NotFoundError

ADA = Author("ada", {"host": "here"})
RUN = Rights((Scope.RUN,), ("dev",), None)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "state")
    yield made
    made.close()


@pytest.fixture
def credentials(store: Store) -> Credentials:
    return Credentials(store)


def test_a_token_is_found_by_its_text_and_its_secret_is_not_kept(
    credentials: Credentials, store: Store
) -> None:
    made = credentials.create("ci", RUN, None, ADA)
    found = credentials.find(made.text, Kind.TOKEN)
    assert found is not None
    assert (found.name, found.rights) == ("ci", RUN)
    secret = split(made.text)[1]  # type: ignore[index]
    store.close()
    for file in store.directory.rglob("*"):
        assert not file.is_file() or secret.encode() not in file.read_bytes()


@pytest.mark.parametrize("text", ["", "orc_", "orc_a_b", "x" * 10_000, "orc_é_é", "Bearer x"])
def test_what_is_no_token_finds_nothing(credentials: Credentials, text: str) -> None:
    assert credentials.find(text, Kind.TOKEN) is None


def test_a_wrong_secret_or_kind_finds_nothing(credentials: Credentials) -> None:
    made = credentials.create("ci", RUN, None, ADA)
    assert credentials.find(made.text[:-1] + "x" * 2, Kind.TOKEN) is None
    assert credentials.find(made.text, Kind.SESSION) is None


def test_a_token_expires_and_is_revoked(credentials: Credentials) -> None:
    short = credentials.create("short", RUN, -1.0, ADA)
    assert credentials.find(short.text, Kind.TOKEN) is None
    made = credentials.create("ci", RUN, 60.0, ADA)
    session = credentials.sign_in(made.text, {})
    assert session is not None
    credentials.revoke("ci", ADA)
    assert credentials.find(made.text, Kind.TOKEN) is None
    assert credentials.find(session.text, Kind.SESSION) is None
    with pytest.raises(NotFoundError):
        credentials.revoke("ci", ADA)
    assert [one.name for one in credentials.tokens()] == ["short"]


def test_a_name_is_free_again_after_it_was_revoked(credentials: Credentials) -> None:
    credentials.create("ci", RUN, None, ADA)
    with pytest.raises(ConflictError):
        credentials.create("ci", EVERYTHING, None, ADA)
    credentials.revoke("ci", ADA)
    credentials.create("ci", EVERYTHING, None, ADA)


def test_a_code_is_good_once(credentials: Credentials) -> None:
    code = credentials.create_code(EVERYTHING, ADA)
    session = credentials.sign_in(code.text, {"address": "127.0.0.1"})
    assert session is not None
    assert credentials.sign_in(code.text, {}) is None
    found = credentials.find(session.text, Kind.SESSION)
    assert found is not None
    assert (found.name, found.rights) == ("ada", EVERYTHING)
    assert csrf_of(split(session.text)[1]) not in session.text  # type: ignore[index]
    credentials.sign_out(found)
    assert credentials.find(session.text, Kind.SESSION) is None


def test_a_session_ends_with_its_token(credentials: Credentials) -> None:
    made = credentials.create("ci", RUN, 30.0, ADA)
    session = credentials.sign_in(made.text, {})
    assert session is not None
    assert session.credential.expires_at is not None
    assert session.credential.expires_at <= time.time() + 30.0


def test_the_audit_tells_who_made_used_and_ended_a_token(
    credentials: Credentials, store: Store
) -> None:
    made = credentials.create("ci", RUN, None, ADA)
    credentials.sign_in(made.text, {"address": "192.0.2.7"})
    credentials.revoke("ci", ADA)
    told = [
        (entry.action, entry.actor, entry.subject, dict(entry.origin))
        for entry in trail.recent(store, trail.Wanted())
        if entry.action != "store_begun"
    ]
    assert told == [
        ("token_revoked", "ada", "ci", {"host": "here"}),
        ("signed_in", "ci", "ci", {"address": "192.0.2.7"}),
        ("token_created", "ada", "ci", {"host": "here"}),
    ]


def test_sessions_that_were_over_long_ago_are_not_kept(
    credentials: Credentials, store: Store
) -> None:
    made = credentials.create("ci", RUN, None, ADA)
    for _ in range(3):
        assert credentials.sign_in(made.text, {}) is not None
    store.writer.call(
        lambda c: c.execute("UPDATE credentials SET expires_at = 5 WHERE kind = 'session'")
    )
    assert credentials.sign_in(made.text, {}) is not None
    kinds = store.read("SELECT kind, count(*) FROM credentials GROUP BY kind ORDER BY kind")
    assert kinds == [("session", 1), ("token", 1)]
