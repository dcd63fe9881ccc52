"""Values of secret parameters, each workflow's in a safe of its own: sealed, outside of its
history, and deleted from Temporal when it is over.

A safe is a small workflow of Temporal's that holds them as its input; histories name it only. Who
resumes a workflow that was over supplies the values again, as on one machine.
"""

import os
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from temporalio import activity
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError

from orchestrate.cluster import names
from orchestrate.cluster.errors import PATIENCE, ClusterError, is_missing, refused
from orchestrate.cluster.storing.values import Locked

LOOK_EVERY = 3600.0
"""Seconds between looks at whether the workflow is still open, if that did not say that it ends."""
_MOST_OPEN = 500
"""Workflows whose values a worker keeps in memory."""


class Safes:
    """Those of a client's namespace. For use in one loop."""

    def __init__(self, client: Client, look_every: float = LOOK_EVERY) -> None:
        self._client = client
        self._look_every = look_every
        self._open: OrderedDict[str, Mapping[str, str]] = OrderedDict()

    @property
    def are_offered(self) -> bool:
        """Whether there are keys to seal with."""
        codec = self._client.data_converter.payload_codec
        return codec is not None and not isinstance(codec, Locked)

    async def put(self, values: Mapping[str, str], workflow: str) -> str:
        """Keep values for a workflow, which may begin a little later. The id of the safe."""
        from orchestrate.cluster.storing.sealing import seal

        identity = f"{names.SAFE}-{workflow}-{os.urandom(4).hex()}"
        given: list[Any] = [seal(self._keys(), values, workflow), workflow, self._look_every]
        try:
            await self._client.start_workflow(
                names.SAFE, args=given, id=identity, task_queue=names.QUEUE, rpc_timeout=PATIENCE
            )
        except RPCError as error:
            raise refused(error) from error
        return identity

    async def get(self, safe: str, workflow: str) -> Mapping[str, str]:
        """The values. Raises ClusterError."""
        if safe not in self._open:
            self._open[safe] = await self._read(safe, workflow)
            while len(self._open) > _MOST_OPEN:
                self._open.popitem(last=False)
        return self._open[safe]

    async def _read(self, safe: str, workflow: str) -> Mapping[str, str]:
        from orchestrate.cluster.storing.sealing import unseal

        handle = self._client.get_workflow_handle(safe)
        try:
            first = await anext(handle.fetch_history_events(page_size=1, rpc_timeout=PATIENCE))
        except RPCError as error:
            if is_missing(error):
                raise ClusterError(
                    f"the secret parameters of {workflow} are not in Temporal any more",
                    hint=f"Supply them again: `orchestrate resume --workflow {workflow} "
                    "--parameters NAME=VALUE`.",
                ) from error
            raise refused(error) from error
        given = first.workflow_execution_started_event_attributes.input.payloads
        (sealed,) = await self._client.data_converter.decode(given[:1], [bytes])
        return unseal(self._keys(), sealed, workflow)

    def _keys(self) -> Any:
        from orchestrate.cluster.storing.encryption import Encryption

        codec = self._client.data_converter.payload_codec
        if not isinstance(codec, Encryption):
            raise ClusterError(
                "secret parameters are sealed, and there is no key here to open them",
                hint="Workers need the `[engine.encryption]` of the project.",
            )
        return codec.keys

    @activity.defn(name=names.EMPTY_SAFE)
    async def empty(self, safe: str) -> None:
        """Delete a safe, with its history."""
        request = DeleteWorkflowExecutionRequest(
            namespace=self._client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=safe),
        )
        try:
            await self._client.workflow_service.delete_workflow_execution(request, timeout=PATIENCE)
        except RPCError as error:
            if not is_missing(error):
                raise
