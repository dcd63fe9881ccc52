"""Whether what was exported earlier is still what the store says: digest by digest."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestrate.embedded import actions
from orchestrate.embedded.auditing.cutting import beginning
from orchestrate.embedded.store import Store
from orchestrate.workflow.audit import Finding

_STORED = (
    "SELECT e.hash FROM events e JOIN workflows w ON w.number = e.workflow "
    "WHERE w.id = ? AND e.seq = ?"
)
_PRUNED = "SELECT data FROM actions WHERE subject = ? AND action = ? ORDER BY number DESC LIMIT 1"


def check(store: Store, lines: Iterable[str], name: str) -> Iterator[Finding]:
    """What does not fit of the lines of an export as JSON; `name` is that of the file."""
    start = store.reading(beginning).number
    for number, line in enumerate(lines, 1):
        told = _entry(line)
        if told is None:
            yield Finding("changed", f"line {number} of {name} is no line of an export")
        elif told["chain"] == "actions":
            if told["number"] > start:
                yield from store.reading(lambda c, told=told: list(_action(c, told)))
        elif "hash" in told:  # those from before there were chains have none
            yield from store.reading(lambda c, told=told: list(_event(c, told)))


def _action(connection: sqlite3.Connection, told: Mapping[str, Any]) -> Iterator[Finding]:
    number = told["number"]
    row = connection.execute("SELECT hash FROM actions WHERE number = ?", (number,)).fetchone()
    if row is None:
        said = f"action {number}, which was exported, is missing"
        yield Finding("removed", said, number=number)
    elif row[0].hex() != told.get("hash"):
        said = f"action {number} is not the one that was exported"
        yield Finding("replaced", said, number=number)


def _event(connection: sqlite3.Connection, told: Mapping[str, Any]) -> Iterator[Finding]:
    workflow, number, digest = told["workflow"], told["number"], told["hash"]
    row = connection.execute(_STORED, (workflow, number)).fetchone()
    if row is None:
        pruned = connection.execute(_PRUNED, (workflow, actions.PRUNED)).fetchone()
        had: Any = {"seq": 0} if pruned is None else json.loads(pruned[0])["before"]
        if number > had["seq"]:
            said = f"event {number}, which was exported, is missing"
            yield Finding("removed", said, workflow, number)
            return
        if number < had["seq"]:
            return  # only the last of what was removed has left its digest
        row = (bytes.fromhex(had["hash"]),)
    if row[0] is None or row[0].hex() != digest:
        said = f"event {number} is not the one that was exported"
        yield Finding("replaced", said, workflow, number)


def _entry(line: str) -> Mapping[str, Any] | None:
    try:
        found = json.loads(line)
        whole = isinstance(found["number"], int) and (
            found["chain"] == "actions" or isinstance(found["workflow"], str)
        )
    except (ValueError, TypeError, KeyError):
        return None
    return found if whole else None
