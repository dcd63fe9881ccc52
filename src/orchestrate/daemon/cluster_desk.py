"""What the API asks of a daemon that serves a cluster: each request has a connection of its own."""

import threading

from orchestrate.app import App
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

    def act(self, author: Author) -> App:
        """See `Desk.act`."""
        return acting(self._app, author)

    def start(self, request: Request) -> str:
        """See `Desk.start`."""
        with self._composing:
            new = self._composer.compose(request)
        with acting(self._app, Author(new.actor, new.origin)).open_cluster() as engine:
            workflow, fresh = engine.create(new)
            Beginning(engine.connection).begin(workflow)
        for name, why in new.untold.items() if fresh else ():
            self._log("integration is off", workflow=workflow, integration=name, reason=why)
        return workflow

    def resume(self, app: App, workflow: str, options: ResumeOptions) -> None:
        """See `Desk.resume`."""
        with app.open_cluster() as engine:
            engine.go_on(workflow, options)
