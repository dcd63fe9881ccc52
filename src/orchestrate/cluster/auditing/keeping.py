"""The Temporal workflow that keeps what was done beside journals.

It answers nobody: whoever wants to know reads its history, which says what it began with and what
was added since, so that takes no worker.
"""

import json
import zlib
from collections.abc import Sequence
from typing import Any, NoReturn

from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.service import RPCError

from orchestrate.cluster import continuing, names
from orchestrate.cluster.auditing.actions import ActionBook, Head
from orchestrate.cluster.errors import PATIENCE, is_missing, refused
from orchestrate.cluster.payloads import Data

HEAD = "orchestrate-actions"
"""The memo's field that says where the chain ends."""
_LONGEST_RUN = 2000
"""Events of a history after which a new run takes over."""


@workflow.defn(name=names.ACTIONS)
class ActionsWorkflow:
    """Keeps an `ActionBook`."""

    @workflow.init
    def __init__(self, state: bytes) -> None:
        self._book = _begin(state)
        self._shown: Head | None = None

    @workflow.run
    async def run(self, state: bytes) -> NoReturn:
        """For ever. The argument as in `__init__`."""
        del state
        while True:
            self._shown = self._book.head
            workflow.upsert_memo({HEAD: list(self._shown)})
            if workflow.info().get_current_history_length() > _LONGEST_RUN:
                state_now = json.dumps(self._book.state()).encode()
                continuing.go_on([zlib.compress(state_now, 6)], HEAD)
            await workflow.wait_condition(lambda: self._book.head != self._shown)

    @workflow.signal(name=names.RECORD)
    def record(self, rows: list[list[Any]]) -> None:
        """Something was done."""
        self._book.record(rows)


def _begin(state: bytes) -> ActionBook:
    kept: Data | None = json.loads(zlib.decompress(state)) if state else None
    return ActionBook(kept)


async def read(client: Client) -> tuple[ActionBook, Head | None]:
    """All actions that are kept, and where their keeper says that they end. Raises ClusterError."""
    handle = client.get_workflow_handle(names.ACTIONS)
    try:
        memo = await (await handle.describe(rpc_timeout=PATIENCE)).memo()
        book = ActionBook()
        async for event in handle.fetch_history_events(rpc_timeout=PATIENCE):
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
                given = event.workflow_execution_started_event_attributes.input.payloads
                book = _begin((await _decoded(client, given, [bytes]))[0])
            elif event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
                said = event.workflow_execution_signaled_event_attributes.input.payloads
                book.record((await _decoded(client, said, [list]))[0])
    except RPCError as error:
        if is_missing(error):
            return ActionBook(), None
        raise refused(error) from error
    told = memo.get(HEAD)
    return book, None if told is None else Head(*told)


async def _decoded(client: Client, payloads: Sequence[Any], kinds: list[type]) -> list[Any]:
    return await client.data_converter.decode(payloads, kinds)
