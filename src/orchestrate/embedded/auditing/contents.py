"""What digests alone cannot tell: whether the other tables agree with the chains.

Connections here give text as bytes.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

from orchestrate.embedded import actions
from orchestrate.embedded.auditing.following import Row
from orchestrate.workflow.audit import Finding
from orchestrate.workflow.moments import rfc3339

_LATEST = (
    "SELECT number, data FROM actions WHERE subject = ? AND action = ? ORDER BY number DESC LIMIT 1"
)


def check_anchor(connection: sqlite3.Connection, row: Row) -> Iterator[Finding]:
    """Whether the journal that an action tells of is there, and still the same."""
    subject = row.fields[2].decode(errors="replace")
    said = _object(row.fields[3])
    latest = connection.execute(_LATEST, (subject, actions.ANCHORED)).fetchone()
    if latest[0] != row.number or not said:
        return  # a later one says more
    found = connection.execute(
        "SELECT w.last_seq, e.hash FROM workflows w LEFT JOIN events e "
        "ON e.workflow = w.number AND e.seq = ? WHERE w.id = ?",
        (said["seq"], subject),
    ).fetchone()
    when = rfc3339(row.at)
    if found is None:
        if connection.execute(_LATEST, (subject, actions.PRUNED)).fetchone() is None:
            message = f"it is gone, and nothing tells that it was removed; it was there on {when}"
            yield Finding("removed", message, subject)
    elif found[1] is None and found[0] < said["seq"]:
        message = f"its journal ends with event {found[0]}, but had {said['seq']} on {when}"
        yield Finding("cut", message, subject, found[0] + 1)
    elif found[1] is not None and found[1].hex() != said["hash"]:
        message = f"event {said['seq']} is not the one that was there on {when}: "
        message += "it, or some before it, were written anew"
        yield Finding("replaced", message, subject, said["seq"])


def check_workflow(connection: sqlite3.Connection, number: int, workflow: str) -> Iterator[Finding]:
    """Whether its row says what its journal does, and whether its plan is the one it was."""
    row = connection.execute(
        "SELECT playbook, environment, actor, parameters, state, finished_at, p.checksum "
        "FROM workflows LEFT JOIN plans p ON p.number = plan WHERE workflows.number = ?",
        (number,),
    ).fetchone()
    latest = connection.execute(_LATEST, (workflow, actions.ANCHORED)).fetchone()
    if latest is None:
        yield Finding("added", "no action tells that it was made: another program did", workflow)
        return
    if row is None:
        return  # removed meanwhile
    *texts, parameters, state, finished_at, plan = row
    if _object(latest[1]).get("plan") != _text(plan):
        yield Finding("replaced", "its plan is not the one that it had", workflow)
    created = _created(connection, number)
    names = ("playbook", "environment", "actor")
    wrong = [n for n, text in zip(names, texts, strict=True) if created.get(n, n) != _text(text)]
    if created and _object(parameters) != _parameters(connection, number, created):
        wrong.append("parameters")
    if finished_at is not None and _final(connection, number) != _text(state):
        wrong.append("state")
    if wrong and created:
        said = f"its list entry does not agree with its journal: {', '.join(wrong)}"
        yield Finding("changed", said, workflow)


def _created(connection: sqlite3.Connection, workflow: int) -> Mapping[str, Any]:
    row = connection.execute(
        "SELECT data FROM events WHERE workflow = ? AND seq = 1", (workflow,)
    ).fetchone()
    return {} if row is None else _object(row[0])


def _parameters(
    connection: sqlite3.Connection, workflow: int, created: Mapping[str, Any]
) -> Mapping[str, Any]:
    """With those that resumes have changed."""
    found = dict(created.get("parameters", {}))
    resumes = connection.execute(
        "SELECT data FROM events WHERE workflow = ? AND type = 'resumed' "
        "AND instr(data, '\"parameters\"') ORDER BY seq",
        (workflow,),
    ).fetchall()
    for (data,) in resumes:
        found.update(_object(data).get("parameters", {}))
    return found


def _final(connection: sqlite3.Connection, workflow: int) -> object:
    row = connection.execute(
        "SELECT data FROM events WHERE workflow = ? AND type = 'workflow_finished' "
        "ORDER BY seq DESC LIMIT 1",
        (workflow,),
    ).fetchone()
    return None if row is None else _object(row[0]).get("state")


def check_plans(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Whether each stored plan is what its checksum says."""
    last = 0
    while row := connection.execute(
        "SELECT number, checksum, body FROM plans WHERE number > ? ORDER BY number LIMIT 1", (last,)
    ).fetchone():
        last, checksum, body = row
        if hashlib.sha256(_bytes(body)).hexdigest() != _text(checksum):
            users = connection.execute(
                "SELECT id FROM workflows WHERE plan = ? ORDER BY number LIMIT 3", (last,)
            ).fetchall()
            told = f"plan {last} was changed; it is that of {', '.join(_text(u[0]) for u in users)}"
            yield Finding("changed", told)


def check_strays(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Events of workflows that are not there."""
    last = -1
    while row := connection.execute(
        "SELECT e.workflow, w.id FROM events e LEFT JOIN workflows w ON w.number = e.workflow "
        "WHERE e.workflow > ? ORDER BY e.workflow LIMIT 1",
        (last,),
    ).fetchone():
        last = row[0]
        if row[1] is None:
            yield Finding(
                "removed", f"there are events of a workflow without a row (number {last})"
            )


def check_schedules(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Whether schedules are what they were when somebody last changed them."""
    rows = connection.execute("SELECT name, body, enabled FROM schedules").fetchall()
    there = {_text(name): {**_object(body), "enabled": bool(on)} for name, body, on in rows}
    told = connection.execute(
        "SELECT subject, data, max(number) FROM actions WHERE action LIKE 'schedule_%' "
        "GROUP BY subject"
    ).fetchall()
    known = {_text(name): _object(data).get("after") for name, data, _ in told}
    for name in sorted(there.keys() | known.keys()):
        if there.get(name) != known.get(name):
            said = f"schedule {name} is not what it was when it was last changed"
            if name not in there:
                said = f"schedule {name} is gone, and nothing tells that it was removed"
            elif name not in known:
                said = f"schedule {name} was added by another program"
            yield Finding("changed", said)


def _object(data: object) -> Mapping[str, Any]:
    """A JSON object; empty if somebody has made something else of it."""
    try:
        found = json.loads(_bytes(data))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
