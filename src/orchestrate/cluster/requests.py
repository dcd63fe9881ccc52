"""What is asked of Temporal and, through it, of workflows. What is refused is raised here."""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from temporalio.client import WithStartWorkflowOperation, WorkflowFailureError, WorkflowHandle
from temporalio.client import WorkflowUpdateRPCTimeoutOrCancelledError as UnansweredUpdateError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from orchestrate.cluster import names
from orchestrate.cluster.answers import value_of
from orchestrate.cluster.connection import (
    PATIENCE,
    ClusterError,
    Connection,
    is_missing,
    no_worker,
    refused,
)
from orchestrate.cluster.errors import UnansweredError, unanswered
from orchestrate.cluster.hosting.hosted import About
from orchestrate.cluster.looking.reading import Found, Reader
from orchestrate.cluster.outlasting import Outlasting
from orchestrate.cluster.payloads import Data, without_none
from orchestrate.cluster.resuming import resumption, summary
from orchestrate.cluster.storing.pages import pack_journal
from orchestrate.errors import ConflictError, NotFoundError
from orchestrate.playbook.plan import Json
from orchestrate.workflow.events import Event

_LOOK_EVERY = 0.2
_ANSWERED_WITHIN = 60.0
"""Seconds."""


class Requests:
    """Asks a cluster."""

    def __init__(
        self,
        connection: Connection,
        reader: Reader,
        outlasting: Outlasting | None = None,
        origin: Mapping[str, Json] | None = None,
    ) -> None:
        """`outlasting`: of whoever waits for a worker that makes a new workflow. `origin`: from
        where is asked.
        """
        self.connection = connection
        self.reader = reader
        self.origin = origin or {}
        self._outlasting = outlasting or Outlasting(connection.client, None)

    def allocate(self, key: str | None) -> str:
        """The id of a new workflow, or that of the one for which the key was used before."""
        asked = partial(self._next, key, str(uuid.uuid4()))
        return self.connection.wait(self._outlasting.until_answered(asked))

    async def _next(self, key: str | None, update: str) -> str:
        """Asked again under the same id it is the same question."""
        try:
            return await self._allocated(key, update)
        except UnansweredUpdateError as error:
            raise no_worker() from error
        except RPCError as error:
            raise refused(error) from error

    async def _allocated(self, key: str | None, update: str) -> str:
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            names.COUNTER,
            args=[{}, {}],
            id=names.COUNTER,
            task_queue=names.QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        client: Any = self.connection.client  # its overloads are not fully typed
        try:
            return await client.execute_update_with_start_workflow(
                names.ALLOCATE,
                key,
                id=update,
                start_workflow_operation=start,
                result_type=str,
                rpc_timeout=PATIENCE,
            )
        except (UnansweredUpdateError, RPCError):
            with suppress(RPCError):  # it has the same error, and asyncio tells if nobody looks
                await start.workflow_handle()
            raise

    def made_for(self, key: str) -> str | None:
        """The workflow that was made for a key."""
        client = self.connection.client
        try:
            number = self.connection.wait(
                client.get_workflow_handle(names.COUNTER).query(
                    names.MADE_FOR, key, result_type=str, rpc_timeout=PATIENCE
                )
            )
        except RPCError as error:
            if is_missing(error):
                return None
            raise unanswered(error) from error
        if number is None:
            return None
        try:
            return self.connection.wait(self.reader.find(number)).summary.id
        except NotFoundError:
            return None  # it has a number, but was never made

    def launch(
        self,
        about: About,
        plan: bytes,
        journal: Sequence[Event],
        memo: Data,
        workers: Mapping[int, str] | None = None,
        after: str | None = None,
    ) -> bool:
        """Start Temporal's workflow; with `after` its next run, after that one closed. False if
        somebody else did so before.
        """
        body = pack_journal(journal, workers)
        given = [without_none(about._asdict(), "safe"), plan, body]
        try:
            if after is None:
                self.connection.wait(self._begin(about.workflow, given, memo))
            else:
                self.connection.wait(self._resume(about.workflow, given, memo, after))
        except WorkflowAlreadyStartedError:
            return False
        except RPCError as error:
            raise refused(error) from error
        return True

    async def _begin(self, workflow: str, given: list[Any], memo: Data) -> None:
        await self.connection.client.start_workflow(
            names.PLAYBOOK,
            args=given,
            id=workflow,
            task_queue=names.playbook_queue(),
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            memo={names.SUMMARY: memo},
            static_summary=summary(memo),
            rpc_timeout=PATIENCE,
        )

    async def _resume(self, workflow: str, given: list[Any], memo: Data, after: str) -> None:
        handle = await self.connection.client.start_workflow(
            names.RESUME,
            args=[*given, memo],
            id=resumption(workflow, after),
            task_queue=names.playbook_queue(),
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            rpc_timeout=PATIENCE,
        )
        await self._outlasting.until_answered(partial(self._resumed, handle, workflow))

    async def _resumed(self, handle: WorkflowHandle[Any, Any], workflow: str) -> None:
        try:
            await handle.result(rpc_timeout=PATIENCE)
        except RPCError as error:
            raise unanswered(error) from error
        except WorkflowFailureError as error:
            raise ClusterError(
                f"{workflow} could not be started again: {error.cause}",
                hint="See what Temporal says of it.",
            ) from error

    def ask(self, found: Found, verb: str, arguments: Data, identity: str = "") -> Any:
        """Have the workflow do something; what it refuses is raised here. What is asked twice under
        one identity is done once.
        """
        if found.closed:
            raise _ended(found)
        identity = identity or str(uuid.uuid4())
        if self.origin and "actor" in arguments:
            arguments = {**arguments, "from": self.origin}
        return value_of(self.connection.wait(self._asked(found, verb, arguments, identity)))

    async def _asked(self, found: Found, verb: str, arguments: Data, identity: str) -> Data:
        """A signal, which is durable, then a question, which sees what came of it."""
        handle = self.reader.handle(found)
        try:
            await handle.signal(names.ASK, args=[identity, verb, arguments], rpc_timeout=PATIENCE)
        except RPCError as error:
            if is_missing(error):  # it closed, or continued as another run, meanwhile
                now = await self.reader.find(found.summary.id)
                if now.closed:
                    raise _ended(now) from None
                return await self._asked(now, verb, arguments, identity)
            raise refused(error) from error
        return await self._answer(found, handle, identity)

    async def _answer(self, found: Found, handle: WorkflowHandle[Any, Any], identity: str) -> Data:
        """It comes at once, unless the workflow has much to do before."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _ANSWERED_WITHIN
        while loop.time() < deadline:
            answer = await self.reader.query(handle, names.ANSWER, [identity])
            if answer is not None:
                return answer
            await asyncio.sleep(_LOOK_EVERY)
        workflow = found.summary.id
        raise UnansweredError(
            f"{workflow} was asked, and has other things to do first",
            hint=f"It does what was asked as soon as it can: `orchestrate status --workflow "
            f"{workflow}` shows what.",
        )


def _ended(found: Found) -> ConflictError:
    workflow = found.summary.id
    return ConflictError(
        f"{workflow} has ended: {found.summary.state}",
        hint=f"`orchestrate status --workflow {workflow}` shows how.",
    )
