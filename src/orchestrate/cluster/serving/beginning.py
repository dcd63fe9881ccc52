"""Workflows that are begun for nobody in particular: by the clock, by an event, by a worker."""

from contextlib import suppress

from orchestrate.cluster.connection import Connection
from orchestrate.cluster.looking.reading import Reader
from orchestrate.cluster.requests import Requests
from orchestrate.errors import ConflictError, NotFoundError
from orchestrate.workflow.outcomes import State

_FINAL = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED, State.COMPLETED})


class Beginning:
    """Asks about workflows of a cluster, and has them begin. Raises ClusterError."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._reader = Reader(connection.client)
        self._requests = Requests(connection, self._reader)

    def begin(self, workflow: str) -> None:
        """Have a workflow that was made go on in the cluster; one that was begun before goes on as
        it does.
        """
        found = self._connection.wait(self._reader.find(workflow))
        if not found.closed and found.summary.state is State.QUEUED:
            with suppress(ConflictError):
                self._requests.ask(found, "begin", {})

    def made_for(self, key: str) -> str | None:
        """The workflow that was made for an idempotency key."""
        return self._requests.made_for(key)

    def is_open(self, workflow: str) -> bool:
        """Whether a workflow is there and not over."""
        try:
            return self._connection.wait(self._reader.find(workflow)).summary.state not in _FINAL
        except NotFoundError:
            return False
