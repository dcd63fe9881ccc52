"""`serve` for a project on a cluster: takes webhooks and events over HTTP, offers the API and the
console, watches files, declares schedules as files change. Workers do the rest, also without it.
"""

import os
import queue
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from orchestrate.app import App
from orchestrate.cluster.serving.events import ClusterInbox
from orchestrate.cluster.serving.schedules import ClusterSchedules
from orchestrate.daemon.clock import clock_from
from orchestrate.daemon.cluster_desk import ClusterDesk
from orchestrate.daemon.desk import Desk, MakeSite, NotNowError, log_all, open_site
from orchestrate.daemon.log import Log
from orchestrate.daemon.memory import Collecting, limit_arenas
from orchestrate.daemon.monitoring import Monitoring
from orchestrate.daemon.reception import Reception, listen_at
from orchestrate.daemon.service import Answer, tell_systemd
from orchestrate.daemon.starter import ProjectStarter, UnreachableError
from orchestrate.daemon.triggers import Triggers
from orchestrate.daemon.watching import Watching
from orchestrate.embedded import presence
from orchestrate.embedded.inbox import Inbox as StoredInbox
from orchestrate.embedded.store import Store
from orchestrate.embedded.watched import Watched
from orchestrate.errors import ConflictError, OrchestrateError
from orchestrate.intake import Request
from orchestrate.launching.identity import current_author
from orchestrate.launching.inbox import Settled
from orchestrate.processes.origin import here
from orchestrate.workflow.audit import Author

T = TypeVar("T")

_MOMENT = 0.05
_LOOK = 3.0
"""Seconds between looks at the project's files."""
_AGAIN = 15.0
"""Seconds after which a cluster that did not answer is asked again."""
_ANSWER = 60.0
"""Seconds within which the loop does what another thread asks for."""


class ClusterDaemon:
    """Serves one project until it is told to stop."""

    def __init__(
        self, app: App, log: Log, listen: str | None = None, make_site: MakeSite | None = None
    ) -> None:
        self._app = app
        self._log = log
        log_all(app, log)
        self._listen = listen
        self._make_site = make_site
        self._asked: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._reloading = False
        self._is_ready = False
        self._not_before = 0.0
        """When the cluster is asked again, by the monotonic clock."""

    def run(self) -> int:
        """Stand by while another daemon serves here, then serve until SIGTERM or SIGINT."""
        limit_arenas()
        numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        before = {number: signal.signal(number, self._heard) for number in numbers}
        project = self._app.project
        store = Store(project.state_dir, project.settings.state_group)
        try:
            store.data_version()  # the directory is made, with its modes
            held = self._stand_by()
            if held is None:
                return 0
            try:
                self._serve(store)
            finally:
                os.close(held)
            return 0
        finally:
            store.close()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stand_by(self) -> int | None:
        """The lock of the one daemon of this directory; None if this one was told to stop first."""
        directory = self._app.project.state_dir
        held = presence.take(directory)
        if held is None:
            self._log("standing by", reason="another daemon serves this project here")
            tell_systemd("READY=1\nSTATUS=standing by")
        while held is None and not self._stopping.is_set():
            held = presence.await_turn(directory, self._stopping.is_set)
        return held

    def _serve(self, store: Store) -> None:
        app = self._app
        with app.open_cluster() as engine:
            starter = ProjectStarter(app, engine, self._log)
            inbox = ClusterInbox(engine.connection)
            triggers = Triggers(
                app, lambda request: _started(starter, request),
                ClusterSchedules(engine.connection, current_author()), inbox, self._log,
                clock_from(app.env),
            )  # fmt: skip
            monitoring = Monitoring(app, self._log)
            desk = ClusterDesk(app, self._log)
            reception = Reception(
                app, triggers, self._ask, lambda: self._is_ready, monitoring, self._log,
                self._listen, open_site(self._make_site, self._desk(desk, monitoring)),
            )  # fmt: skip
            watching = Watching(app.project.root, triggers, Watched(store), self._wake, self._log)
            triggers.on_change += [reception.look, watching.change]
            self._try(lambda: triggers.read(anew=True), triggers)
            self._is_ready = True
            self._log("serving", project=app.project.root, pid=os.getpid())
            tell_systemd("READY=1\nSTATUS=serving")
            reception.look()
            self._loop(starter, triggers, watching, StoredInbox(store), inbox)
            self._is_ready = False
            watching.stop()
            reception.stop(self._attend)
            monitoring.stop()
            desk.close()
            tell_systemd("STOPPING=1")
        self._log("ended", clean=True)

    def _desk(self, desk: ClusterDesk, monitoring: Monitoring) -> Desk:
        return Desk(
            self._app, listen_at(self._app, self._listen), desk.act, desk.start, desk.resume,
            monitoring.series, self._log,
        )  # fmt: skip

    def _loop(
        self, starter: ProjectStarter, triggers: Triggers, watching: Watching,
        seen: StoredInbox, inbox: ClusterInbox,
    ) -> None:  # fmt: skip
        collecting = Collecting()
        while not self._stopping.is_set():
            collecting.tick()
            if self._reloading:
                self._reloading = False
                self._log("reloading")
                self._try(starter.reload, triggers)
                self._try(lambda: triggers.read(anew=True), triggers)
            files = watching.tick()
            if time.monotonic() >= self._not_before:
                self._try(lambda: triggers.look(_LOOK), triggers)
                self._try(lambda: _hand_on(seen, inbox), triggers)
            self._rest(_LOOK if files is None else min(_LOOK, files))

    def _rest(self, seconds: float) -> None:
        """Do what other threads ask for, at most so long."""
        deadline = time.monotonic() + seconds
        while not self._stopping.is_set() and not self._reloading:
            left = deadline - time.monotonic()
            if left <= 0:
                return
            try:
                do = self._asked.get(timeout=left)
            except queue.Empty:
                return
            do()
            if do is _nothing:
                return

    def _try(self, do: Callable[[], object], triggers: Triggers) -> None:
        """Do it; what the cluster does not take now is tried again later."""
        try:
            do()
        except OrchestrateError as error:
            self._log("not done", reason=error.message)
            triggers.read_again()
            self._not_before = time.monotonic() + _AGAIN

    def _ask(self, do: Callable[[], T]) -> T:
        """Have something done in the loop's thread, and wait for it. Raises what it raises."""
        if self._stopping.is_set():
            raise NotNowError("the daemon is ending", hint="Try again in a moment.")
        answer = Answer(do)
        self._asked.put(answer.find)
        return answer.wait(_ANSWER)

    def _attend(self, is_over: Callable[[], bool]) -> None:
        """Do what was asked for before the end began, until it is over."""
        while not is_over():
            with suppress(queue.Empty):
                self._asked.get(timeout=_MOMENT)()

    def _wake(self) -> None:
        self._asked.put(_nothing)

    def _heard(self, number: int, _frame: object) -> None:
        if number == signal.SIGHUP:
            self._reloading = True
        else:
            self._stopping.set()
        self._wake()


def _nothing() -> None:
    pass


def _started(starter: ProjectStarter, request: Request) -> str:
    try:
        return starter.start(request)
    except UnreachableError as error:
        raise ConflictError(str(error), hint="Try again when it does.") from error


def _hand_on(seen: StoredInbox, inbox: ClusterInbox) -> None:
    """Give what happened to files to the cluster, which knows it by its name if it comes twice."""
    while page := seen.pending():
        author = Author("files", here())
        inbox.put([arrived.event for arrived in page], time.time(), author)
        for arrived in page:
            seen.settle(arrived.number, Settled("ignored", (), "it was given to the cluster"))
