"""Large content kept in Temporal itself, named by its SHA-256.

Content is the input of a small workflow and read from the first event of that workflow's history,
which takes no worker. Content larger than a piece is an index of pieces, each a workflow of its
own; what is there already is used again.

Life time: content is held by workflows. Once a day it looks at them, and closes when none of them
is open and a day has passed since it was held last. So it closes after its holders, and Temporal's
retention, which counts from the close, keeps it for longer than their histories. An index holds its
pieces. Nobody needs to renew anything, and an outage of the workers closes nothing.
"""

import asyncio
import hashlib
import time
import zlib
from collections import OrderedDict
from dataclasses import replace
from typing import Any, NamedTuple

from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from orchestrate.cluster import names
from orchestrate.cluster.errors import PATIENCE, ClusterError, is_missing, refused

PIECE = 1_500_000
"""Bytes of one piece: Temporal takes 2 MB, encoded."""
LOOK_EVERY = 86_400.0
"""Seconds between looks at the holders."""
_AT_ONCE = 8
"""Pieces on their way at a time."""
_KNOWN_FOR = 3600.0
"""Seconds in which content that was held need not be held again; much less than a day."""
_MOST_KNOWN = 10_000


class Ref(NamedTuple):
    """Names content."""

    digest: str
    """SHA-256, as hexadecimal digits."""
    size: int


class Blobs:
    """Content in the namespace of a client. For use in one loop."""

    def __init__(self, client: Client, look_every: float = LOOK_EVERY) -> None:
        # What is stored here cannot be stored elsewhere once more.
        settings: dict[str, Any] = {**client.config()}
        settings["data_converter"] = replace(client.data_converter, external_storage=None)
        self._client = Client(**settings)
        self._look_every = look_every
        self._known: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def put(self, data: bytes, holder: str) -> Ref:
        """Keep content for as long as the workflow of that id is open (it may be started up to a
        day later), and its history can be read. Raises ClusterError.
        """
        ref = Ref(hashlib.sha256(data).hexdigest(), len(data))
        if not await self._is_held(ref, holder):
            await self._keep(ref, data, holder)
        return ref

    async def hold(self, ref: Ref, holder: str) -> None:
        """Have one more workflow hold it. Raises ClusterError, also if it is not there any more."""
        if not await self._is_held(ref, holder):
            await self._keep(ref, await self.get(ref), holder)

    async def get(self, ref: Ref) -> bytes:
        """Content. Raises ClusterError if it is not there, or not what it was."""
        index, body = await self._read(ref.digest)
        if index:
            pieces = await asyncio.gather(*(self._piece(digest) for digest in index))
            data = b"".join(pieces)
        else:
            data = zlib.decompress(body)
        if hashlib.sha256(data).hexdigest() != ref.digest:
            raise ClusterError(
                f"content {ref.digest[:12]} in Temporal is not what was put there",
                hint="Somebody else started a workflow of that id; terminate it, and run again.",
            )
        return data

    async def _piece(self, digest: str) -> bytes:
        async with self._slots:
            _, body = await self._read(digest)
        return zlib.decompress(body)

    async def _read(self, digest: str) -> tuple[list[str], bytes]:
        handle = self._client.get_workflow_handle(_identity(digest))
        try:
            first = await anext(handle.fetch_history_events(page_size=1, rpc_timeout=PATIENCE))
        except RPCError as error:
            if is_missing(error):
                raise _gone(digest) from error
            raise refused(error) from error
        given = first.workflow_execution_started_event_attributes.input.payloads
        converter = self._client.data_converter
        index, body = await converter.decode(given[:2], [list, bytes])
        return index, body

    async def _is_held(self, ref: Ref, holder: str) -> bool:
        """Whether it is there, and held by that workflow from now on."""
        now = time.monotonic()
        key = ref.digest, holder
        if now - self._known.get(key, -_KNOWN_FOR) < _KNOWN_FOR:
            return True
        handle = self._client.get_workflow_handle(_identity(ref.digest))
        try:
            await handle.signal(names.HOLD, holder, rpc_timeout=PATIENCE)
        except RPCError as error:
            if is_missing(error):
                return False
            raise refused(error) from error
        self._know(key, now)
        return True

    def _know(self, key: tuple[str, str], now: float) -> None:
        self._known[key] = now
        self._known.move_to_end(key)
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)

    async def _keep(self, ref: Ref, data: bytes, holder: str) -> None:
        if len(data) <= PIECE:
            await self._start(ref.digest, [], zlib.compress(data, 1), holder)
        else:
            own = _identity(ref.digest)
            pieces = [data[at : at + PIECE] for at in range(0, len(data), PIECE)]
            index = await asyncio.gather(*(self._put_piece(piece, own) for piece in pieces))
            await self._start(ref.digest, index, b"", holder)
        self._know((ref.digest, holder), time.monotonic())

    async def _put_piece(self, piece: bytes, holder: str) -> str:
        async with self._slots:
            return (await self.put(piece, holder)).digest

    async def _start(self, digest: str, index: list[str], body: bytes, holder: str) -> None:
        try:
            await self._client.start_workflow(
                names.BLOB,
                args=[index, body, {}, self._look_every],
                id=_identity(digest),
                task_queue=names.BLOB_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                start_signal=names.HOLD,
                start_signal_args=[holder],
                rpc_timeout=PATIENCE,
            )
        except RPCError as error:
            raise refused(error) from error


class Holders:
    """What workers find out for content: an activity."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @activity.defn(name=names.CLOSED_OF)
    async def closed_of(self, holders: list[str]) -> list[str]:
        """Those of the workflows that are not open: nobody will ask for more of them."""
        slots = asyncio.Semaphore(_AT_ONCE)

        async def one(holder: str) -> bool:
            async with slots:
                return await self._is_open(holder)

        found = await asyncio.gather(*(one(holder) for holder in holders))
        return [holder for holder, is_open in zip(holders, found, strict=True) if not is_open]

    async def _is_open(self, holder: str) -> bool:
        try:
            described = await self._client.get_workflow_handle(holder).describe()
        except RPCError as error:
            if is_missing(error):
                return False
            raise
        return described.status is WorkflowExecutionStatus.RUNNING


def _identity(digest: str) -> str:
    return f"{names.BLOB}-{digest}"


def _gone(digest: str) -> ClusterError:
    return ClusterError(
        f"content {digest[:12]} is not in Temporal any more",
        hint="It is kept for as long as the workflows that need it, unless somebody terminated or "
        "deleted it. Run the playbook again.",
    )
