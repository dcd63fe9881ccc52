"""The daemon: schedules, what waits, what runs and what lost its owner, in one loop."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Generic, TypeVar

from orchestrate.app import App
from orchestrate.daemon.clock import clock_from
from orchestrate.daemon.composing import Composer
from orchestrate.daemon.desk import Desk, MakeSite, NotNowError, acting, log_all, open_site
from orchestrate.daemon.log import Log
from orchestrate.daemon.memory import Collecting, limit_arenas
from orchestrate.daemon.monitoring import Monitoring
from orchestrate.daemon.reception import Reception, listen_at
from orchestrate.daemon.scheduler import Scheduler, Workflows
from orchestrate.daemon.triggers import Triggers
from orchestrate.daemon.watching import Watching
from orchestrate.embedded import presence
from orchestrate.embedded.claims import NewEvent
from orchestrate.embedded.engine import EmbeddedEngine
from orchestrate.embedded.inbox import Inbox
from orchestrate.embedded.listing import Row
from orchestrate.embedded.resume import wake
from orchestrate.embedded.schedules import StoredSchedules
from orchestrate.embedded.serving import Refused, Serving, open_workflow
from orchestrate.embedded.watched import Watched
from orchestrate.intake import Request
from orchestrate.launching.identity import current_author
from orchestrate.processes.supervising.crash import crash_point
from orchestrate.workflow.audit import Author
from orchestrate.workflow.engine import Ended, ResumeOptions

T = TypeVar("T")

_LOOK = 3.0
"""Seconds after which schedules that somebody changed are seen."""
_DRAIN = 30.0
"""Seconds for what is to be written before a daemon ends."""
_ANSWER = 60.0
"""Seconds within which the loop does what another thread asks for."""


class Daemon:
    """Serves one project until it is told to stop. `start` may be called from any thread."""

    def __init__(
        self, app: App, log: Log, listen: str | None = None, make_site: MakeSite | None = None
    ) -> None:
        self.app = app
        self.log = log
        app.lives_on = True
        log_all(app, log)
        self._listen = listen
        self._make_site = make_site
        self._composer = Composer(app)
        self._stopping = threading.Event()
        self._reloading = False
        self._engine: EmbeddedEngine | None = None
        self._serving: Serving | None = None
        self._monitoring: Monitoring | None = None
        self._thread = threading.get_ident()
        self.is_ready = False
        """Whether it serves: not while it stands by, not while it ends."""
        self.on_reload: list[Callable[[], None]] = []
        """What else is to be read anew on SIGHUP; called in the loop's thread."""

    # From any thread

    def start(self, request: Request) -> str:
        """Make a workflow and have it run; its id, the earlier one if its key was used before.

        Raises OrchestrateError if it cannot be started, NotNowError while the daemon ends.
        """
        return self.ask(lambda: self._start(request))

    def ask(self, do: Callable[[], T]) -> T:
        """Have something done in the loop's thread, and wait for it. Raises what it raises."""
        serving = self._serving
        if serving is None or self._stopping.is_set():
            raise NotNowError("the daemon is ending", hint="Try again in a moment.")
        if threading.get_ident() == self._thread:
            return do()
        answer = Answer(do)
        serving.loop_post(answer.find)
        return answer.wait(_ANSWER)

    def stop(self) -> None:
        """End it, as SIGTERM does."""
        self._stopping.set()
        if self._serving is not None:
            self._serving.loop_post(lambda: None)

    def reload(self) -> None:
        """Read settings and playbooks anew, as SIGHUP does."""
        self._reloading = True
        if self._serving is not None:
            self._serving.loop_post(lambda: None)

    # The loop

    def run(self) -> int:
        """Stand by while another daemon serves, then serve until SIGTERM or SIGINT."""
        limit_arenas()
        self._thread = threading.get_ident()
        before = {n: signal.signal(n, self._signalled) for n in (signal.SIGTERM, signal.SIGINT)}
        before[signal.SIGHUP] = signal.signal(signal.SIGHUP, self._signalled)
        try:
            held = self._stand_by()
            if held is None:
                return 0
            try:
                return self._serve()
            finally:
                os.close(held)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stand_by(self) -> int | None:
        """The lock of the one daemon; None if this one was told to stop first."""
        directory = self.app.project.state_dir
        with self.app.open_engine() as engine:
            engine.store.data_version()  # the directory is made, with its modes
        held = presence.take(directory)
        if held is None:
            self.log("standing by", reason="another daemon serves this project")
            tell_systemd("READY=1\nSTATUS=standing by")
        while held is None and not self._stopping.is_set():
            held = presence.await_turn(directory, self._stopping.is_set)
        return held

    def _serve(self) -> int:
        with self.app.open_engine() as engine:
            hosting = engine.hosting
            serving = Serving(engine, self._ended, self._refused)
            self._engine, self._serving = engine, serving
            scheduler = self._scheduler(engine)
            triggers = self._triggers(engine)
            monitoring = self._monitoring = Monitoring(self.app, self.log)
            listen = listen_at(self.app, self._listen)
            desk = Desk(
                self.app, listen, self._act, self.start, self._resume, monitoring.series, self.log
            )
            reception = Reception(
                self.app, triggers, self.ask, lambda: self.is_ready, monitoring, self.log,
                self._listen, open_site(self._make_site, desk),
            )  # fmt: skip
            watching = Watching(
                self.app.project.root, triggers, Watched(engine.store), hosting.loop.wake, self.log
            )
            triggers.on_change += [reception.look, watching.change]
            with hosting.loop.signals(self._heard):
                serving.look()
                triggers.read()
                self.is_ready = True
                crash_point("serve.ready")
                reception.look()
                presence.announce_address(engine.store, reception.address)
                self.log("serving", project=self.app.project.root, pid=os.getpid())
                tell_systemd("READY=1\nSTATUS=serving")
                self._loop(serving, scheduler, triggers, watching)
                self.is_ready = False
                watching.stop()
                reception.stop(serving.attend)
                monitoring.stop()
                tell_systemd("STOPPING=1")
                clean = serving.drain(_DRAIN)
            self.log("ended", clean=clean)
            self._serving = self._engine = None
        return 0 if clean else 1

    def _loop(
        self, serving: Serving, scheduler: Scheduler, triggers: Triggers, watching: Watching
    ) -> None:
        engine = self._engine
        assert engine is not None
        arrived = Inbox(engine.store)
        loop = engine.hosting.loop
        collecting = Collecting()
        timer = None
        while not self._stopping.is_set():
            collecting.tick()
            if self._reloading:
                self._reloading = False
                self._read_anew()
            files = watching.tick()
            triggers.look(_LOOK)
            triggers.settle(arrived)
            until = scheduler.tick()
            self.app.couriers.look(engine.store)
            if timer is not None:
                timer.cancel()
            waits = [wait for wait in (_LOOK, until, files) if wait is not None]
            timer = loop.at(time.time() + min(waits), _nothing)
            serving.turn()

    def _act(self, author: Author) -> App:
        app = acting(self.app, author)

        def finish(row: Row, events: Sequence[NewEvent], until: bool) -> None:  # noqa: FBT001
            serving = self._serving
            assert serving is not None
            self.ask(lambda: serving.finish(row, events, author.origin, until_paused=until))

        app.hand_on = finish
        return app

    def _resume(self, app: App, workflow: str, options: ResumeOptions) -> None:
        serving = self._serving
        assert serving is not None
        with app.open_engine() as engine:
            row = engine.row(workflow)
            if row.owned and wake(engine.hosting, row, options):
                return
        origin = app.author.origin
        self.ask(lambda: serving.resume(workflow, options, origin))

    def _scheduler(self, engine: EmbeddedEngine) -> Scheduler:
        def cancel(workflow: str, actor: str, reason: str) -> None:
            engine.cancel(workflow, actor=actor, reason=reason)

        return Scheduler(
            StoredSchedules(engine.store, current_author()),
            Workflows(self._start, engine.made_for, partial(open_workflow, engine), cancel),
            clock_from(self.app.env),
            self.log,
            self.app.project.settings.max_parallel,
        )

    def _triggers(self, engine: EmbeddedEngine) -> Triggers:
        inbox = Inbox(engine.store)
        presence.announce(engine.store, engine.hosting.identity.socket)
        triggers = Triggers(
            self.app, self._start, StoredSchedules(engine.store, current_author()), inbox, self.log,
            clock_from(self.app.env),
        )  # fmt: skip
        self.on_reload.append(partial(triggers.read, anew=True))
        return triggers

    def _start(self, request: Request) -> str:
        engine, serving = self._engine, self._serving
        assert engine is not None
        assert serving is not None
        new = self._composer.compose(request)
        workflow, fresh = engine.create(new)
        for name, why in new.untold.items() if fresh else ():
            self.log("integration is off", workflow=workflow, integration=name, reason=why)
        if fresh:
            crash_point("serve.created")
            serving.begin(workflow)
        return workflow

    def _ended(self, ended: Ended) -> None:
        self.log(f"{ended.state}", workflow=ended.workflow, reason=ended.message)
        if self._monitoring is not None:
            self._monitoring.workflow_ended()

    def _refused(self, refused: Refused) -> None:
        self.log("cannot go on", workflow=refused.workflow, reason=refused.reason)

    def _read_anew(self) -> None:
        self.log("reloading")
        tell_systemd("RELOADING=1")
        try:
            self._composer.reload()
            for read in self.on_reload:
                read()
        except Exception as error:
            self.log("not reloaded", reason=str(error))
        tell_systemd("READY=1")

    def _signalled(self, number: int, _frame: object) -> None:
        self._heard(number)

    def _heard(self, number: int) -> None:
        if number == signal.SIGHUP:
            self._reloading = True
        else:
            self._stopping.set()


class Answer(Generic[T]):
    """What another thread waits for."""

    def __init__(self, do: Callable[[], T]) -> None:
        self._do = do
        self._done = threading.Event()
        self._value: list[T] = []
        self._error: BaseException | None = None

    def find(self) -> None:
        """In the loop's thread."""
        try:
            self._value.append(self._do())
        except BaseException as error:
            self._error = error
        self._done.set()

    def wait(self, seconds: float) -> T:
        """In the thread that asked."""
        if not self._done.wait(seconds):
            raise NotNowError("the daemon does not answer", hint="Look at its log.")
        if self._error is not None:
            raise self._error
        return self._value[0]


def _nothing() -> None:
    pass


def tell_systemd(state: str) -> None:
    """What a unit of `Type=notify` waits for (sd_notify); nothing outside of systemd."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as there:
        there.sendto(state.encode(), address.replace("@", "\0", 1))
