"""Is everything in the store what was recorded? Each journal, the actions, and both together.

Read in pages, so that memory is bounded and nobody who writes is kept from it. Rows never change,
so what is appended meanwhile is no trouble: each journal is followed to where it ended when it was
opened.
"""

import sqlite3
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from orchestrate.embedded import actions, database
from orchestrate.embedded.actions import Head
from orchestrate.embedded.auditing import contents
from orchestrate.embedded.auditing.cutting import beginning
from orchestrate.embedded.auditing.following import Follower, Row, row_of
from orchestrate.embedded.journal import PAGE
from orchestrate.embedded.store import Store
from orchestrate.workflow import chain
from orchestrate.workflow.audit import Finding


class Verified(NamedTuple):
    """How much was looked at, and the last action of all."""

    workflows: int
    events: int
    actions: int
    head: Head


class Verification:
    """One look at all of a store: iterate over it for the findings; then it has the figures."""

    def __init__(self, store: Store) -> None:
        self._directory = store.directory
        self._events = 0
        self._workflows = 0
        self._actions = 0
        self._head = Head(0, chain.ACTIONS)

    @property
    def figures(self) -> Verified:
        """What was looked at so far."""
        return Verified(self._workflows, self._events, self._actions, self._head)

    def __iter__(self) -> Iterator[Finding]:
        connection = database.connect(self._directory, read_only=True)
        connection.text_factory = bytes  # what somebody wrote there may be no text
        try:
            # The actions first: what they tell of journals is in these by then.
            yield from self._follow_actions(connection)
            yield from contents.check_plans(connection)
            for number, identity in _workflows(connection):
                self._workflows += 1
                yield from self._follow_journal(connection, number, identity)
            yield from contents.check_strays(connection)
            with _at_one_moment(connection):
                found = list(contents.check_schedules(connection))
            yield from found
        except sqlite3.Error as error:
            database.raise_error(error, self._directory)
        finally:
            connection.close()

    # The actions

    def _follow_actions(self, connection: sqlite3.Connection) -> Iterator[Finding]:
        start = beginning(connection)
        follower = Follower("", _describe_action, before=start.hash, last=start.number)
        rows = _pages(
            connection,
            "SELECT number, at, action, actor, subject, data, hash FROM actions "
            "WHERE number > ? ORDER BY number LIMIT ?",
            start.number,
        )
        if start.number == 0 and not actions.head(connection).number:
            yield Finding("removed", "all actions are missing", number=1)
        for page in rows:
            yield from follower.follow(page)
            self._actions += len(page)
            self._head = Head(page[-1].number, page[-1].stored or b"")
            for row in page:
                if row.fields[0] == actions.ANCHORED.encode():
                    yield from contents.check_anchor(connection, row)
        yield from follower.end()

    # The journals

    def _follow_journal(
        self, connection: sqlite3.Connection, number: int, identity: str
    ) -> Iterator[Finding]:
        ends = connection.execute(
            "SELECT last_seq, coalesce((SELECT max(seq) FROM events WHERE workflow = number), 0) "
            "FROM workflows WHERE number = ?",
            (number,),
        ).fetchone()
        if ends is None:
            return  # removed meanwhile, which the actions tell
        follower = Follower(identity, _describe_event, before=chain.journal_begin(identity))
        pages = _pages(
            connection,
            "SELECT seq, at, type, path, data, hash FROM events "
            f"WHERE workflow = {int(number)} AND seq > ? AND seq <= {int(ends[1])} "
            "ORDER BY seq LIMIT ?",
            0,
        )
        for page in pages:
            self._events += len(page)
            yield from follower.follow(page)
        yield from follower.end()
        if follower.last == ends[1]:
            yield from _check_end(identity, *ends)
        with _at_one_moment(connection):
            found = list(contents.check_workflow(connection, number, identity))
        yield from found


@contextmanager
def _at_one_moment(connection: sqlite3.Connection) -> Generator[None]:
    """Whatever is written meanwhile is not seen: what is compared belongs together."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def _check_end(identity: str, told: Any, found: int) -> Iterator[Finding]:
    if told == found:
        return
    if not isinstance(told, int) or told < found:
        said = f"the journal should end with event {told}, but goes on to {found}"
        yield Finding("added", said, identity, found)
        return
    what = f"event {told}" if told == found + 1 else f"events {found + 1} to {told}"
    yield Finding("cut", f"the end is missing: {what}", identity, found + 1)


def _workflows(connection: sqlite3.Connection) -> Iterator[tuple[int, str]]:
    last = 0
    while rows := connection.execute(
        "SELECT number, id FROM workflows WHERE number > ? ORDER BY number LIMIT 500", (last,)
    ).fetchall():
        for number, identity in rows:
            yield number, _text(identity)
        last = rows[-1][0]


def _pages(connection: sqlite3.Connection, query: str, after: int) -> Iterator[list[Row]]:
    while rows := connection.execute(query, (after, PAGE)).fetchall():
        yield [row_of(*row) for row in rows]
        after = rows[-1][0]
        if len(rows) < PAGE:
            return


def _describe_event(row: Row) -> str:
    kind, path, _ = row.fields
    return f"event {row.number} ({_text(b' '.join(part for part in (kind, path) if part))})"


def _describe_action(row: Row) -> str:
    action, actor, subject, _ = row.fields
    by = f" by {_text(actor)}" if actor else ""
    return f"action {row.number} ({_text(b' '.join((action, subject))).strip()}{by})"


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
