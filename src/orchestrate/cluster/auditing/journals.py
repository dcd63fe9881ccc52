"""Journals of a cluster with their digests: each event's is made of it and of the one before."""

import json
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, NamedTuple

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from orchestrate.cluster import names
from orchestrate.cluster.auditing import keeping
from orchestrate.cluster.auditing.actions import ActionBook, Head
from orchestrate.cluster.connection import Connection, refused
from orchestrate.cluster.looking.listing import number
from orchestrate.cluster.looking.reading import Found, Reader
from orchestrate.workflow import chain
from orchestrate.workflow.audit import Entry, entry_of_event
from orchestrate.workflow.events import Event

_ENDED = (WorkflowExecutionStatus.COMPLETED, WorkflowExecutionStatus.FAILED)
"""Runs that have left their journal as their result."""
_encode = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode


class Journal(NamedTuple):
    """One workflow: where it stands, its events, and their digests."""

    found: Found
    events: list[Event]
    digests: list[bytes]


def digests(workflow: str, events: Iterable[Event]) -> Iterator[bytes]:
    """The digest of each event."""
    before = chain.journal_begin(workflow)
    for event in events:
        fields = str(event.type), event.path, _encode(event.data)
        encoded = (field.encode("utf-8", "surrogatepass") for field in fields)
        before = chain.link(before, event.seq, event.at, *encoded)
        yield before


class Journals:
    """All that Temporal knows of a namespace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def runs(self) -> dict[str, list[str]]:
        """Workflows, the oldest first, each with those of its runs that left a journal."""
        listed = self._connection.wait(_listed(self._connection.client))
        return {workflow: listed[workflow] for workflow in sorted(listed, key=number)}

    def read(self, workflow: str, run: str | None = None) -> Journal:
        """The journal of a workflow, as it is now or as that run left it. Raises NotFoundError."""
        reader = Reader(self._connection.client)  # one for each: it keeps what it has read
        found = self._connection.wait(reader.find(workflow, run))
        events = self._connection.wait(reader.events(found))
        return Journal(found, events, list(digests(workflow, events)))

    def entries(self, workflow: str) -> Iterator[Entry]:
        """All events of a workflow as entries of an audit."""
        journal = self.read(workflow)
        for event, digest in zip(journal.events, journal.digests, strict=True):
            yield entry_of_event(workflow, event, digest.hex())

    def actions(self) -> tuple[ActionBook, Head | None]:
        """What was done beside journals, and where its keeper says that it ends."""
        return self._connection.wait(keeping.read(self._connection.client))

    def retention(self) -> float:
        """For how many seconds Temporal keeps a workflow that has closed."""
        return self._connection.wait(_retention(self._connection.client))


async def _listed(client: Client) -> dict[str, list[str]]:
    entries: AsyncIterator[Any] = client.list_workflows(f"WorkflowType = '{names.PLAYBOOK}'")
    runs: dict[str, list[tuple[float, str]]] = {}
    try:
        async for entry in entries:
            known = runs.setdefault(entry.id, [])
            if entry.status in _ENDED:
                known.append((entry.start_time.timestamp(), entry.run_id))
    except RPCError as error:
        raise refused(error) from error
    return {workflow: [run for _, run in sorted(known)] for workflow, known in runs.items()}


async def _retention(client: Client) -> float:
    from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest

    request = DescribeNamespaceRequest(namespace=client.namespace)
    try:
        described = await client.workflow_service.describe_namespace(request)
    except RPCError as error:
        raise refused(error) from error
    return float(described.config.workflow_execution_retention_ttl.seconds)
