"""Waiting for other processes: their answers, their ends, a place in the queue."""

import os
import sqlite3
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager

from orchestrate.embedded import admission, listing, lockholders, requests
from orchestrate.embedded.admission import Turned
from orchestrate.embedded.claims import Claim
from orchestrate.embedded.filelock import PATIENCE
from orchestrate.embedded.hosting import Hosting
from orchestrate.embedded.listing import Row
from orchestrate.embedded.ownership import Identity
from orchestrate.embedded.runtime import Owned
from orchestrate.errors import ConflictError
from orchestrate.playbook.plan import Json
from orchestrate.workflow.engine import Observer
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.outcomes import State

_PATIENCE = 30.0
"""Seconds for a living owner to answer."""
_WATCHED = 32
"""Most processes whose end is watched for directly; the backstop sees the others."""


@contextmanager
def watching(hosting: Hosting, processes: Iterable[Identity]) -> Generator[list[Identity]]:
    """While this lasts, the end of any of these processes wakes the loop; gives those that ended,
    or cannot be watched.
    """
    descriptors: list[int] = []
    ended: list[Identity] = []

    def gone(descriptor: int, process: Identity) -> None:
        # Readable for ever from now on: one wake-up is enough.
        hosting.loop.forget(descriptor)
        ended.append(process)

    for process in list(processes)[:_WATCHED]:
        try:
            descriptor = os.pidfd_open(process.pid)
        except (OSError, AttributeError):  # gone already, unseen from here, or no pidfds
            ended.append(process)
            continue
        descriptors.append(descriptor)
        hosting.loop.watch(descriptor, lambda d=descriptor, p=process: gone(d, p))
    try:
        yield ended
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
    if hosting.services.origin:
        arguments = {**arguments, "from": hosting.services.origin}
    number = store.writer.call(lambda c: _insert(c, row, verb, arguments, hosting.mailbox.name))
    if number is None:
        return None
    hosting.mailbox.wake(owner.socket)
    deadline = time.monotonic() + _PATIENCE
    told = time.monotonic() + PATIENCE
    with watching(hosting, (owner,)):
        while True:
            answer = store.reading(lambda c: requests.look(c, number))
            if answer.state == requests.DONE:
                return Reply(answer.value)
            if answer.state == requests.REFUSED:
                raise _refusal(answer.value)
            if answer.state == requests.WITHDRAWN:
                return None  # by the next owner
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
            if time.monotonic() > told and hosting.services.notice is not None:
                told = deadline
                who = lockholders.describe(owner.pid)
                hosting.services.notice(f"{who} runs {row.summary.id} and has to answer")
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


class Turn:
    """Waiting until a workflow may run. `observer` is told once that it has to wait."""

    def __init__(
        self,
        hosting: Hosting,
        interrupted: Callable[[], bool],
        observer: Observer | None,
        supersede: Callable[[str, str], None],
    ) -> None:
        self._hosting = hosting
        self._interrupted = interrupted
        self._observer = observer
        self._supersede = supersede
        self._superseded: set[str] = set()
        self._queued = False
        self._reason = ""

    def claim(self, claim: Claim, states: frozenset[State] | None = None) -> Owned | State:
        """Claim it as soon as that may be; or the state that it is in if that is none of `states`
        any more (somebody cancelled it meanwhile), or if this was interrupted.
        """
        try:
            while True:
                state = self._state(claim.workflow)
                if self._interrupted() or (states is not None and state not in states):
                    return state
                turned = self._look(claim)
                if turned is None:
                    result = self._hosting.store.writer.call(claim)
                    if not isinstance(result, Turned):
                        self._queued = False
                        return result
                    turned = result
                self._tell(turned)
                for earlier in turned.cancels:
                    if earlier not in self._superseded:
                        self._superseded.add(earlier)
                        self._supersede(earlier, claim.workflow)
                self._sleep(turned)
        finally:
            if self._queued or self._interrupted():
                self._hosting.store.writer.call(lambda c: admission.leave(c, claim.number))

    def _state(self, workflow: str) -> State:
        return self._hosting.store.reading(lambda c: listing.get(c, workflow)).summary.state

    def _look(self, claim: Claim) -> Turned | None:
        """Whether it is certain without writing that it has to go on waiting, for the same."""
        rules = claim.rules
        if not self._queued or rules is None:
            return None
        turned = self._hosting.store.reading(lambda c: admission.look(c, claim.number, rules))
        return turned if turned is not None and turned.reason == self._reason else None

    def _sleep(self, turned: Turned) -> None:
        """Until something happened that may have changed it."""
        hosting = self._hosting
        version = hosting.store.data_version()
        timer = None
        if turned.until is not None:
            timer = hosting.loop.at(turned.until, hosting.loop.wake)
        with watching(hosting, turned.ahead) as ended:
            while True:
                hosting.loop.turn()
                due = timer is not None and not timer.live
                if ended or due or self._interrupted():
                    break
                if hosting.store.data_version() != version or len(turned.ahead) > _WATCHED:
                    break
        if timer is not None:
            timer.cancel()

    def _tell(self, turned: Turned) -> None:
        self._queued = True
        if turned.reason == self._reason:
            return
        self._reason = turned.reason
        if self._observer is not None:
            # Nobody owns it yet, so this is no event of its journal.
            data = {"message": f"queued: {turned.reason}"}
            self._observer(Event(0, time.time(), EventType.WARNED, "", data))
