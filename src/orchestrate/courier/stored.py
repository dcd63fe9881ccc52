"""Attempts of the deliveries of a store."""

from functools import partial
from pathlib import Path

from orchestrate.app import App
from orchestrate.courier.attempts import Delivering, integration_of
from orchestrate.courier.outcomes import Attempt, Never
from orchestrate.embedded import journal, listing
from orchestrate.embedded.delivering.queue import DeliveryQueue
from orchestrate.embedded.hosting import workflow_folder
from orchestrate.embedded.store import Store
from orchestrate.integrations.noticing import Surroundings, Told, build_notice
from orchestrate.integrations.service import Limits
from orchestrate.launching.deliveries import Delivery
from orchestrate.processes import output_log

_TAIL = 8 << 10
"""Bytes of a step's output that are looked at."""


class Attempts:
    """Makes the attempts of one project's deliveries."""

    def __init__(self, app: App, store: Store, queue: DeliveryQueue, limits: Limits) -> None:
        self._app = app
        self._store = store
        self._queue = queue
        self._limits = limits

    def next(self, delivery: Delivery) -> Attempt:
        """The next attempt of a delivery. Called where the store may be read."""
        row = listing.get(self._store.reader, delivery.workflow)
        program = listing.load(self._store.reader, row)
        project = self._app.project
        integration = integration_of(program.plan, project, delivery.integration)
        if integration is None:
            why = f"the playbook has no integration `{delivery.integration}` any more"
            return lambda: Never(why)
        notice = build_notice(
            Told(
                delivery.workflow, delivery.seq, delivery.kind, delivery.integration,
                delivery.recovered,
            ),
            program.plan,
            journal.read(self._store.reader, row.number),
            Surroundings(
                project.root.name, project.settings.integrations.link, self._end_of_output
            ),
        )  # fmt: skip
        memory = partial(self._queue.memory, delivery.channel)
        return Delivering(notice, integration, program, self._app, memory, self._limits).attempt

    def _end_of_output(self, workflow: str, attempt: int) -> bytes:
        log: Path = workflow_folder(self._store.directory, workflow) / str(attempt)
        end = output_log.size(log)
        return output_log.read_bytes(log, max(0, end - _TAIL), end)
