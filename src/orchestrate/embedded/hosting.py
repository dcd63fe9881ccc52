"""The process as a host of workflows: loop, mailbox and supervisors, shared by all it runs."""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

from orchestrate.commands.trace_context import Trace, trace_of
from orchestrate.embedded import admission, journal, listing, location, ownership, requests
from orchestrate.embedded.loop import Loop
from orchestrate.embedded.mailbox import Mailbox
from orchestrate.embedded.owning import Mode, OwnedWorkflow, Running
from orchestrate.embedded.recovery import Recovery
from orchestrate.embedded.runtime import EmbeddedRuntime, Owned
from orchestrate.embedded.services import HostServices
from orchestrate.embedded.store import Store
from orchestrate.embedded.writer import Change
from orchestrate.errors import OrchestrateError
from orchestrate.launching import calls, leases
from orchestrate.launching.supervision import Supervision
from orchestrate.processes.client import Supervisor
from orchestrate.processes.supervising.crash import crash_point
from orchestrate.workflow.engine import Ended, Observer
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.program import Program

_GIVE_BACK = 8.0
"""Seconds for which the end of this process may wait until what was lent is given back."""


class Hosting:
    """Made when the first workflow is run (or waited for) by this process."""

    def __init__(self, store: Store, services: HostServices, supervisor: Supervisor | None) -> None:
        self.store = store
        self.services = services
        self.loop = Loop()
        self.mailbox = Mailbox(store.directory, services.state_group)
        self.identity = ownership.myself(self.mailbox.name)
        self.supervision = Supervision(
            store.directory,
            self.loop,
            supervisor,
            lambda: Supervisor.start(location.new_supervisor(store.directory)),
        )
        self._owned: dict[str, OwnedWorkflow] = {}
        self._version = 0
        self._trouble: str | None = None
        self._giving_back: list[Thread] = []
        self._left_busy = False
        """Of what was left here, attempts are open: that our supervisor has no record of one may be
        what proves that it never began."""
        self.on_hint: Callable[[], None] = lambda: None
        """Called when somebody hinted that there is something to look at."""
        self.loop.watch(self.mailbox.fileno(), self._hinted)
        self.loop.add_backstop(self._look_around)
        store.writer.on_trouble = self._trouble_heard

    def own(
        self, owned: Owned, program: Program, secrets: dict[str, str], observer: Observer | None
    ) -> OwnedWorkflow:
        """Begin to run a workflow that was claimed. What cannot be run here is given back."""
        crash_point("claim.after")
        try:
            return self._owning(owned, program, secrets, observer)
        except BaseException:
            self._let_go(owned)
            raise

    def _owning(
        self, owned: Owned, program: Program, secrets: dict[str, str], observer: Observer | None
    ) -> OwnedWorkflow:
        caller = self._caller(owned, program, secrets)
        summary = listing.get(self.store.reader, owned.workflow).summary
        runtime = EmbeddedRuntime(
            owned,
            self.loop,
            self.store.writer,
            self.supervision,
            caller,
            journal.Fold(summary.started_at, summary.finished_at, summary.resume_at),
            self.identity,
        )
        runtime.observer = self._observed(owned, observer)
        runtime.on_answer = self.mailbox.wake
        tell = self.services.tell
        if tell is not None and self._is_told(owned.number):
            runtime.on_told = lambda: tell(self.store)
        runtime.claiming.wake = self.mailbox.wake
        runtime.claiming.capacity = self.services.capacity
        runtime.on_release = lambda: self._released(owned.number)
        recovery = Recovery(
            owned.workflow, owned.epoch, self.supervision, caller.supply.used_before
        )
        workflow = OwnedWorkflow(
            Running(owned, program, runtime, recovery, self.loop), self.store, self.services
        )
        self._owned[owned.workflow] = workflow
        self.supervision.add(owned.workflow, runtime)
        return workflow

    def _caller(self, owned: Owned, program: Program, secrets: dict[str, str]) -> calls.Caller:
        """Who makes processes of its attempts, in a folder of its own."""
        folder = workflow_folder(self.store.directory, owned.workflow)
        try:
            folder.mkdir(mode=0o2770 if self.services.state_group else 0o700, exist_ok=True)
        except OSError as error:
            raise location.explain(error, folder) from error
        return calls.Caller(
            self.services.launching,
            owned.workflow,
            calls.declared(program.plan),
            program.environment,
            secrets,
            folder,
            owned.epoch,
            self._trace(owned),
        )

    def _observed(self, owned: Owned, observer: Observer | None) -> Observer | None:
        """Whoever watches the run, and telemetry if there is any: that goes on without the other,
        for example when a terminal was closed.
        """
        if self.services.telemetry is None:
            return observer
        before = list(journal.read(self.store.reader, owned.number, 0))
        tell = self.services.telemetry(owned.workflow, before)
        watching = [] if observer is None else [observer]

        def both(event: Event) -> None:
            tell(event)
            for watcher in tuple(watching):
                try:
                    watcher(event)
                except OSError:
                    watching.clear()

        return both

    def _trace(self, owned: Owned) -> Trace:
        """The trace that the workflow is part of, as it was fixed when it was made."""
        created = journal.page(self.store.reader, owned.number, 0, 1)[0]
        caller = created.data.get("traceparent")
        text = caller if isinstance(caller, str) else ""
        return trace_of(owned.workflow, created.at, text, self.services.trace_sampling)

    def _is_told(self, number: int) -> bool:
        """Whether anybody is told of a workflow."""
        query = "SELECT 1 FROM subscriptions WHERE workflow = ? LIMIT 1"
        return bool(self.store.read(query, (number,)))

    def run(self, workflow: OwnedWorkflow, mode: Mode) -> Ended:
        """Run it until it ends, needs attention, or is let go."""
        try:
            with self.loop.signals(workflow.interrupted):
                workflow.start(mode)
                while not workflow.done:
                    self.loop.turn()
                    workflow.runtime.flush()
        finally:
            self.leave(workflow)
        return workflow.ended

    def leave(self, workflow: OwnedWorkflow) -> None:
        """Nothing is left to do with it here."""
        workflow.asking.withdraw()
        del self._owned[workflow.owned.workflow]
        self.supervision.remove(workflow.owned.workflow)
        lost = workflow.runtime.lost
        if lost is not None and not isinstance(lost, journal.StaleOwnerError):
            self._let_go(workflow.owned)
        busy = workflow.runtime.busy
        self._left_busy |= busy
        self.supervision.settle(lambda name: busy or self._is_named(name))
        if workflow.ended.state in listing.FINAL and self.services.give_back is not None:
            folder = workflow_folder(self.store.directory, workflow.owned.workflow)
            if leases.read(folder):
                giving = Thread(target=self.services.give_back, args=(folder,), daemon=True)
                giving.start()
                self._giving_back = [*filter(Thread.is_alive, self._giving_back), giving]

    def _is_named(self, supervisor: str) -> bool:
        try:
            return self.store.reading(lambda c: ownership.is_named(c, supervisor))
        except OrchestrateError:
            return True  # who cannot look removes nothing

    def _let_go(self, owned: Owned) -> None:
        """Own it no longer, without a word in the journal: a process that lives on must not keep
        others from what it does not run. Written when something can be written again.
        """

        def release(connection: sqlite3.Connection) -> None:
            ownership.release(connection, owned.number, owned.epoch)

        self.store.writer.submit(Change(release, _whatever, patient=True))

    def _hinted(self) -> None:
        self.mailbox.clear()
        self.on_hint()
        self._look()

    def _look_around(self) -> None:
        version = self.store.data_version()
        # A place may become free without anything being written: by the death of a process.
        queued = any(workflow.going_on is not None for workflow in self._owned.values())
        for workflow in tuple(self._owned.values()):
            workflow.runtime.look_after_claims(self.store.reader)
        if version != self._version or queued:
            self._version = version
            self._look()

    def _look(self) -> None:
        for workflow in tuple(self._owned.values()):
            workflow.look()

    def _released(self, number: int) -> None:
        """Somebody may run now: hint to the first in the queue. Whoever still waits for an answer
        has to look for itself.
        """
        for request in self.store.reading(lambda c: requests.pending(c, number)):
            self.mailbox.wake(request.socket)
        self.wake_waiters()

    def wake_waiters(self) -> None:
        """Hint to those in the queue who may be able to begin."""
        rules = self.services.rules
        for socket in self.store.reading(lambda c: admission.next_waiters(c, rules)):
            self.mailbox.wake(socket)

    def _trouble_heard(self, message: str) -> None:
        """Called in another thread."""
        if self._owned:
            self.loop.post(lambda: self._warn(message))
        elif self.services.notice is not None:
            self.services.notice(message)

    def _warn(self, message: str) -> None:
        """Tell observers about the store. No event can: writing one is what does not work."""
        if message == self._trouble:
            return
        self._trouble = message
        text = f"waiting: {message}" if message else "the store can be written again"
        for workflow in self._owned.values():
            workflow.runtime.tell(
                Event(0, workflow.runtime.now(), EventType.WARNED, "", {"message": text})
            )

    def close(self) -> None:
        """Leave; what runs goes on."""
        until = time.monotonic() + _GIVE_BACK
        for giving in self._giving_back:
            giving.join(max(0.0, until - time.monotonic()))
        busy = any(w.runtime.busy for w in self._owned.values())
        self.supervision.close(detach=busy or self._left_busy)
        self.mailbox.close()
        self.loop.close()


def _whatever(_result: object, _error: Exception | None) -> None:
    """If it is not written, the end of this process has the same effect."""


def workflow_folder(state: Path, workflow: str) -> Path:
    """Where the output of a workflow's steps lies."""
    return state / "workflows" / workflow
