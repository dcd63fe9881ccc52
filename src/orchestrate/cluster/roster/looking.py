"""Who works for a cluster, as everybody can see it."""

import asyncio
from typing import Any, NamedTuple

from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.service import RPCError

from orchestrate.cluster import names
from orchestrate.cluster.errors import PATIENCE, ClusterError, is_missing, refused
from orchestrate.cluster.roster.registration import Registration, Sign, identity
from orchestrate.errors import NotFoundError

_FIRST_EVENTS = 5
"""Before the history of a worker's workflow has so many, its activity was not asked for."""
UNREADABLE = "unreadable"
"""The state of a worker that writes under a key which whoever looks does not have."""
_OPEN = f"WorkflowType = '{names.WORKER}' AND ExecutionStatus = 'Running'"


class Standing(NamedTuple):
    """One worker."""

    registration: Registration
    state: str
    """`working`, `draining`, `starting`, `lost`, or `unreadable`."""
    running: int | None
    """Steps that run, as far as it said."""
    last_sign_at: float | None
    """When it was heard of last."""


async def look(client: Client) -> list[Standing]:
    """All that have not left in order; a lost one for a day. Raises ClusterError."""
    try:
        ids = [entry.id async for entry in client.list_workflows(_OPEN)]
        found = await asyncio.gather(*(_standing(client, one) for one in ids))
    except RPCError as error:
        raise refused(error) from error
    known = [one for one in found if one is not None]
    return sorted(known, key=lambda one: one.registration.name)


async def drain(client: Client, worker: str) -> Standing:
    """Have a worker leave once its steps are over; it is given back as it was. Raises
    NotFoundError, and ClusterError.
    """
    try:
        found = await _standing(client, identity(worker))
        if found is not None:
            handle = client.get_workflow_handle(identity(worker))
            await handle.signal(names.DRAIN, rpc_timeout=PATIENCE)
            return found
    except RPCError as error:
        if not is_missing(error):
            raise refused(error) from error
    raise NotFoundError(
        f"no worker named {worker} works for this cluster",
        hint="`orchestrate workers` lists those that do.",
    )


async def _standing(client: Client, workflow: str) -> Standing | None:
    try:
        described = await client.get_workflow_handle(workflow).describe(rpc_timeout=PATIENCE)
    except RPCError as error:
        if is_missing(error):
            return None
        raise
    try:
        data: Any = (await described.memo()).get(names.REGISTERED)
    except ClusterError:
        return _unreadable(described)
    if data is None or described.close_time is not None:
        return None
    registration = Registration.of(data)
    pending = next(iter(described.raw_description.pending_activities), None)
    if pending is None:
        # Either its workflow was not looked at yet, or it has left, and nobody closes it.
        begins = described.history_length < _FIRST_EVENTS
        return Standing(registration, "starting", None, None) if begins else None
    sign = await _sign(client, pending)
    return Standing(
        registration,
        _state(pending, sign),
        None if sign is None else sign.running,
        None if sign is None else sign.at,
    )


def _unreadable(described: WorkflowExecutionDescription) -> Standing | None:
    if described.close_time is not None:
        return None
    name = described.id.removeprefix(identity(""))
    unknown = Registration(name, "", (), (), "", 0, 0, 0, "", described.start_time.timestamp())
    return Standing(unknown, UNREADABLE, None, None)


async def _sign(client: Client, pending: Any) -> Sign | None:
    if not pending.HasField("heartbeat_details"):
        return None
    details = await client.data_converter.decode(pending.heartbeat_details.payloads)
    return Sign(**{field: details[0][field] for field in Sign._fields})


def _state(pending: Any, sign: Sign | None) -> str:
    if pending.state == PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED:
        return "starting" if pending.attempt <= 1 and sign is None else "lost"
    return "draining" if sign is not None and sign.draining else "working"
