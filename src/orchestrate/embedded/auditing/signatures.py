"""Whether signed checkpoints fit the actions that are there: if not, the store was replaced."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from orchestrate.embedded import actions
from orchestrate.embedded.auditing.cutting import beginning
from orchestrate.embedded.auditing.signing import (
    SIGNED,
    Checkpoint,
    read_checkpoints,
)
from orchestrate.embedded.store import Store
from orchestrate.launching.signing import PublicKey
from orchestrate.workflow.audit import Finding


class Checked(NamedTuple):
    """How many checkpoints this key has signed, and the last that fits."""

    amount: int
    through: int
    findings: tuple[Finding, ...]


def check(store: Store, file: Path, key: PublicKey) -> Checked:
    """Compare all checkpoints of a file with the store."""
    findings: list[Finding] = []
    broken: list[tuple[Checkpoint, str]] = []
    count, through, seen = 0, 0, 0
    for line, made in enumerate(read_checkpoints(file), 1):
        if made is None:
            findings.append(Finding("unsigned", f"line {line} of {file} is no checkpoint"))
        elif made.key != key.name:
            continue  # signed with another key, before or after this one
        elif not key.signed(made.text, made.signature):
            said = f"line {line} of {file} was not signed with this key: it was changed"
            findings.append(Finding("unsigned", said, number=made.number))
        else:
            count, seen = count + 1, max(seen, made.number)
            problem = store.reading(lambda c, made=made: _problem(c, made))
            if problem:
                broken.append((made, problem))
            else:
                through = max(through, made.number)
    findings += store.reading(lambda c: list(_replaced(c, broken, through)))
    findings += store.reading(lambda c: list(_missing(c, file, key, seen)))
    return Checked(count, through, tuple(findings))


def _problem(connection: sqlite3.Connection, made: Checkpoint) -> str:
    """Why a checkpoint does not fit; "" if it does, or if what it tells of was removed."""
    begin, head = beginning(connection), actions.head(connection)
    if made.number < begin.number:
        return ""
    if made.number > head.number:
        return f"the store ends with action {head.number}: it is older, or its end is missing"
    row = connection.execute("SELECT hash FROM actions WHERE number = ?", (made.number,)).fetchone()
    digest = begin.hash if row is None and made.number == begin.number else row and row[0]
    fits = isinstance(digest, bytes) and digest.hex() == made.hash
    return "" if fits else f"action {made.number} is another: the store was replaced, or forged"


def _replaced(
    connection: sqlite3.Connection, broken: list[tuple[Checkpoint, str]], through: int
) -> Iterator[Finding]:
    """Those that do not fit, but for what a restore explains that was itself signed since."""
    rows = connection.execute(
        "SELECT number, data FROM actions WHERE action = 'state_restored'"
    ).fetchall()
    explained = 0
    for number, data in rows:
        if number <= through:
            before = json.loads(data).get("before", {})
            explained = max(explained, before.get("actions", 0))
    for made, problem in broken:
        if made.number > explained:
            said = f"the checkpoint of action {made.number}, signed at {made.at}, does not fit: "
            yield Finding("replaced", said + problem, number=made.number)


def _missing(
    connection: sqlite3.Connection, file: Path, key: PublicKey, seen: int
) -> Iterator[Finding]:
    """The store says that one was signed which the file does not have."""
    for number, data in connection.execute(
        "SELECT number, data FROM actions WHERE action = ? AND number > ? ORDER BY number DESC",
        (SIGNED, seen),
    ).fetchall():
        if json.loads(data).get("key") == key.name:
            said = f"the checkpoint of action {number} is not in {file}"
            yield Finding("removed", said, number=number)
            return
