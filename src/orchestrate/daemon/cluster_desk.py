"""What the API asks of a daemon that serves a cluster: all requests share one connection."""

import threading

from orchestrate.app import App
from orchestrate.cluster.opening import Lines
from orchestrate.cluster.serving.beginning import Beginning
from orchestrate.daemon.composing import Composer
from orchestrate.daemon.desk import acting
from orchestrate.daemon.log import Log
from orchestrate.intake import Request
from orchestrate.workflow.audit import Author
from orchestrate.workflow.engine import ResumeOptions


class ClusterDesk:
    """The cluster does what is asked; nothing is left to the daemon. Any thread may use it."""

    def __init__(self, app: App, log: Log) -> None:
        self._app = app
        self._log = log
        self._composing = threading.Lock()
        self._composer = Composer(app)
        self._lines = Lines()

    def close(self) -> None:
        """Let go of the cluster."""
        self._lines.close()

    def act(self, author: Author) -> App:
        """See `Desk.act`."""
        made = acting(self._app, author)
        made.lines = self._lines
        return made

    def start(self, request: Request) -> str:
        """See `Desk.start`."""
        with self._composing:
            new = self._composer.compose(request)
        with self.act(Author(new.actor, new.origin)).open_cluster() as engine:
            workflow, fresh = engine.create(new)
            Beginning(engine.connection).begin(workflow)
        for name, why in new.untold.items() if fresh else ():
            self._log("integration is off", workflow=workflow, integration=name, reason=why)
        return workflow

    def resume(self, app: App, workflow: str, options: ResumeOptions) -> None:
        """See `Desk.resume`."""
        with app.open_cluster() as engine:
            engine.go_on(workflow, options)
