"""`orchestrate own ID`: what a detached workflow runs in. Called by orchestrate itself."""

import contextlib
import os
import sys

import click

from orchestrate.app import App, open_app
from orchestrate.cli.detaching import OWNED, Errand, decode
from orchestrate.cli.summary import exit_code
from orchestrate.errors import OrchestrateError
from orchestrate.workflow.engine import Ended
from orchestrate.workflow.events import Event, EventType


class _Teller:
    """Says once, through a pipe, that the workflow is owned, or what is in the way."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def event(self, event: Event) -> None:
        """The first event that only an owner writes is the news."""
        if self._descriptor is not None and event.type is not EventType.WORKFLOW_CREATED:
            self.tell(OWNED)

    def tell(self, text: bytes) -> None:
        """Say it, if nothing was said yet."""
        if self._descriptor is None:
            return
        # Whoever started this process may have gone; the workflow runs all the same.
        with contextlib.suppress(BrokenPipeError):
            os.write(self._descriptor, text)
        os.close(self._descriptor)
        self._descriptor = None


@click.command(hidden=True)
@click.argument("workflow")
@click.option("--tell", type=int, help="The descriptor of the pipe to answer through.")
def own(*, workflow: str, tell: int | None) -> int:
    """Run a workflow that another process made."""
    teller = _Teller(tell)
    try:
        app = open_app()
        app.start_supervisor()
        app.stays = True
        ended = _run(app, decode(workflow, sys.stdin.buffer.read()), teller)
    except OrchestrateError as error:
        teller.tell(f"{error.message} {error.hint}".encode())
        raise
    teller.tell(OWNED)
    return 0 if ended is None else exit_code(ended)


def _run(app: App, errand: Errand, teller: _Teller) -> Ended | None:
    with app.open_workflows({errand.workflow: errand.secret_values}) as engine:
        if errand.resume is not None:
            return engine.resume(errand.workflow, errand.resume, teller.event)
        return engine.run(errand.workflow, teller.event)
