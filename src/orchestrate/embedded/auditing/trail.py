"""What was done, as entries of an audit: those of people in the order of time, or everything."""

import heapq
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from orchestrate.embedded import actions
from orchestrate.embedded.journal import PAGE
from orchestrate.embedded.store import Store
from orchestrate.workflow.audit import Entry, entry_of_action, entry_of_event
from orchestrate.workflow.events import Event, EventType

_OF_PEOPLE = (
    "type = 'workflow_created' OR type = 'resumed' OR type = 'forced' OR type = 'lock_broken' "
    "OR type = 'pause_requested' OR type = 'unpaused' OR type = 'cancel_requested' "
    "OR type = 'completion_requested' OR type = 'resolved' OR type = 'approval_given' "
    "OR type = 'approval_rejected'"
)
"""Word for word as in the index, which SQLite uses only then."""
_EVENTS = "SELECT e.at, w.id, e.seq, e.type, e.path, e.data, e.hash, e.workflow FROM events e "
_ACTIONS = "SELECT number, at, action, actor, subject, data, hash FROM actions "


class Wanted(NamedTuple):
    """Which entries; what is None does not matter."""

    workflow: str | None = None
    actor: str | None = None
    action: str | None = None
    since: float = 0.0

    def admits(self, entry: Entry) -> bool:
        """Whether an entry is wanted."""
        return (
            (self.workflow is None or entry.workflow == self.workflow)
            and (self.actor is None or entry.actor == self.actor)
            and (self.action is None or entry.action == self.action)
            and entry.at >= self.since
        )


def tells_of(store: Store, workflow: str) -> bool:
    """Whether any action tells of a workflow, though it may have been removed since."""
    return bool(store.read("SELECT 1 FROM actions WHERE subject = ? LIMIT 1", (workflow,)))


def recent(store: Store, wanted: Wanted) -> Iterator[Entry]:
    """What people and triggers did, the latest first."""
    found = heapq.merge(_done(store, wanted), _beside(store), key=lambda entry: -entry.at)
    for entry in found:
        if entry.at < wanted.since:
            return
        if wanted.admits(entry):
            yield entry


def everything(store: Store, wanted: Wanted) -> Iterator[Entry]:
    """All events and all actions: first those beside workflows, then journal after journal."""
    last = 0
    while rows := store.read(f"{_ACTIONS} WHERE number > ? ORDER BY number LIMIT ?", (last, PAGE)):
        yield from (entry for entry in map(_action, rows) if wanted.admits(entry))
        last = rows[-1][0]
    yield from (entry for entry in _journals(store, wanted.workflow) if wanted.admits(entry))


def _journals(store: Store, workflow: str | None) -> Iterator[Entry]:
    """All events of one workflow, or of all, one after another."""
    which, place = "(e.workflow, e.seq) > (?, ?)", (-1, 0)
    if workflow is not None:
        which = "e.workflow = ? AND e.seq > ?"
        numbers = store.read("SELECT number FROM workflows WHERE id = ?", (workflow,))
        place = (numbers[0][0] if numbers else -1, 0)
    while rows := store.read(
        f"{_EVENTS} JOIN workflows w ON w.number = e.workflow WHERE {which} "
        "ORDER BY e.workflow, e.seq LIMIT ?",
        (*place, PAGE),
    ):
        yield from map(_event, rows)
        place = (rows[-1][7], rows[-1][2])


def _done(store: Store, wanted: Wanted) -> Iterator[Entry]:
    """Of events; those of one workflow are found in its journal."""
    which, arguments = "", tuple[Any, ...]()
    if wanted.workflow is not None:
        which, arguments = "AND w.id = ?", (wanted.workflow,)
    place = (float("inf"), 0, 0)
    while rows := store.read(
        f"{_EVENTS} JOIN workflows w ON w.number = e.workflow WHERE ({_OF_PEOPLE}) {which} "
        "AND e.at <= ? AND (e.at, e.workflow, e.seq) < (?, ?, ?) "
        "ORDER BY e.at DESC, e.workflow DESC, e.seq DESC LIMIT ?",
        (*arguments, place[0], *place, PAGE),
    ):
        yield from (entry for entry in map(_event, rows) if not _by_itself(entry))
        place = (rows[-1][0], rows[-1][7], rows[-1][2])


def _by_itself(entry: Entry) -> bool:
    return entry.actor == "" and entry.action != EventType.WORKFLOW_CREATED


def _beside(store: Store) -> Iterator[Entry]:
    last = 1 << 62
    while rows := store.read(
        f"{_ACTIONS} WHERE number < ? AND action <> ? ORDER BY number DESC LIMIT ?",
        (last, actions.ANCHORED, PAGE),
    ):
        yield from map(_action, rows)
        last = rows[-1][0]


def _event(row: tuple[Any, ...]) -> Entry:
    at, workflow, seq, kind, path, data, digest, _ = row
    event = Event(seq, at, EventType(kind), path, json.loads(data))
    return entry_of_event(workflow, event, (digest or b"").hex())


def _action(row: tuple[Any, ...]) -> Entry:
    number, at, action, actor, subject, data, digest = row
    return entry_of_action(number, at, (action, actor, subject), json.loads(data), digest.hex())
