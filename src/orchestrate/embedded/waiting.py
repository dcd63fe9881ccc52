"""Waiting for other processes: their answers, their ends, a place in the queue."""

import os
import sqlite3
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager, suppress

from orchestrate.embedded import admission, listing, requests
from orchestrate.embedded.admission import Turned
from orchestrate.embedded.claims import Claim
from orchestrate.embedded.hosting import Hosting
from orchestrate.embedded.listing import Row
from orchestrate.embedded.ownership import Identity
from orchestrate.embedded.runtime import Owned
from orchestrate.errors import ConflictError
from orchestrate.playbook.plan import Json
from orchestrate.workflow.outcomes import State

_PATIENCE = 30.0
"""Seconds for a living owner to answer."""
_WATCHED = 32
"""Most processes whose end is watched for directly; the backstop sees the others."""


@contextmanager
def watching(hosting: Hosting, processes: Iterable[Identity]) -> Generator[None]:
    """While this lasts, the end of any of these processes wakes the loop."""
    descriptors: list[int] = []
    for process in list(processes)[:_WATCHED]:
        with suppress(OSError, AttributeError):  # gone already, unseen from here, or no pidfds
            descriptor = os.pidfd_open(process.pid)
            descriptors.append(descriptor)
            # Readable for ever once the process is gone: one wake-up is enough.
            hosting.loop.watch(descriptor, lambda d=descriptor: hosting.loop.forget(d))
    try:
        yield
    finally:
        for descriptor in descriptors:
            hosting.loop.forget(descriptor)
            os.close(descriptor)


def ask(hosting: Hosting, row: Row, verb: str, arguments: Mapping[str, Json]) -> "Reply | None":
    """Ask the owner; None if it was gone before it answered (nothing was done then).

    Raises ConflictError if it refuses or does not answer.
    """
    owner, store = row.owner, hosting.store
    if owner is None:
        return None
    number = store.writer.call(lambda c: _insert(c, row, verb, arguments, hosting.mailbox.name))
    if number is None:
        return None
    hosting.mailbox.wake(owner.socket)
    deadline = time.monotonic() + _PATIENCE
    with watching(hosting, (owner,)):
        while True:
            answer = store.reading(lambda c: requests.look(c, number))
            if answer.state == requests.DONE:
                return Reply(answer.value)
            if answer.state == requests.REFUSED:
                raise _refusal(answer.value)
            now = store.reading(lambda c: listing.get(c, row.summary.id))
            gone = not now.owned or now.epoch != row.epoch
            late = time.monotonic() > deadline
            if (gone or late) and store.writer.call(lambda c: requests.withdraw(c, number)):
                if gone:
                    return None
                raise ConflictError(
                    f"process {owner.pid}, which runs {row.summary.id}, does not answer",
                    hint=f"If it is stopped, continue it with `kill -CONT {owner.pid}`; if it "
                    f"hangs, end it with `kill -9 {owner.pid}` (its steps go on) and try again.",
                )
            if not gone:
                hosting.loop.turn()


class Reply:
    """What the owner answered."""

    def __init__(self, value: Json) -> None:
        self.value = value


def _insert(
    connection: sqlite3.Connection,
    row: Row,
    verb: str,
    arguments: Mapping[str, Json],
    socket: str,
) -> int | None:
    now = listing.get(connection, row.summary.id)
    if not now.owned or now.epoch != row.epoch:
        return None
    return requests.insert(connection, row.number, time.time(), verb, arguments, socket)


def _refusal(value: Json) -> ConflictError:
    if not isinstance(value, Mapping):
        return ConflictError("the process that runs the workflow refused")
    return ConflictError(str(value.get("message", "")), hint=str(value.get("hint", "")))


def claim_in_turn(hosting: Hosting, claim: Claim, interrupted: Callable[[], bool]) -> Owned | State:
    """Claim a queued workflow as soon as it may run; or the state that it is in if somebody
    cancelled it meanwhile, or `interrupted`.
    """
    store = hosting.store
    while True:
        row = store.reading(lambda c: listing.get(c, claim.workflow))
        if row.summary.state is not State.QUEUED or interrupted():
            store.writer.call(lambda c: admission.leave(c, claim.number))
            return row.summary.state
        result = store.writer.call(claim)
        if not isinstance(result, Turned):
            return result
        with watching(hosting, result.ahead):
            hosting.loop.turn()
