"""The Temporal workflow that hosts one workflow of ours, from its creation to its end.

It is deterministic because the core is: the history gives the same events again, so the journal
needs no place of its own while the workflow is open. When it closes, or continues as a new run, the
journal goes with it, compressed: as the result, or as the input.
"""

import asyncio
import base64
from collections.abc import Callable
from typing import Any, NoReturn

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from orchestrate.cluster import names
from orchestrate.cluster.hosting import About, Hosted
from orchestrate.cluster.payloads import Data, pack_end, unpack_plan
from orchestrate.errors import ConflictError, OrchestrateError
from orchestrate.workflow.outcomes import State

LONGEST_RUN = 4096
"""Events of a history after which a new run takes over, as soon as no step runs."""
LARGEST = 1_500_000
"""Bytes of a compressed journal that Temporal takes as one payload. A larger one stays in the
history, and is asked of the workflow."""


@workflow.defn(name=names.PLAYBOOK)
class PlaybookWorkflow:
    """Drives `Hosted`."""

    @workflow.init
    def __init__(self, about: Data, plan: bytes, journal: bytes) -> None:
        self._plan = plan
        self._hosted = Hosted(About(**about), unpack_plan(plan), journal)
        self._begun = self._hosted.about.begun
        self._next: tuple[Data, bytes, bytes] | None = None
        self._leaving = False

    @workflow.run
    async def run(self, about: Data, plan: bytes, journal: bytes) -> bytes:
        """Until it ends; the journal is the result. Arguments as in `__init__`."""
        del about, plan, journal
        hosted = self._hosted
        self._show()
        await self._wait(lambda: self._begun or hosted.over)
        if not hosted.over:
            hosted.start()
        while not hosted.over:
            hosted.take_news()
            self._show()
            if hosted.over:
                break
            self._leave_if_long()
            await self._wait(
                lambda: bool(hosted.runtime.inbox or hosted.over or self._next is not None)
            )
            if self._next is not None:
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(args=list(self._next))
        self._show()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._end()

    async def _wait(self, condition: Callable[[], bool]) -> None:
        """Wait; Temporal's own cancellation counts as somebody's cancel."""
        try:
            await workflow.wait_condition(condition)
        except asyncio.CancelledError:
            self._hosted.ask("cancel", {"actor": "temporal", "reason": "cancelled in Temporal"})

    def _show(self) -> None:
        summary = self._hosted.summary()
        if summary is not None:
            workflow.upsert_memo({names.SUMMARY: {**self._memo(), **summary}})

    def _memo(self) -> Data:
        before: Data = workflow.memo_value(names.SUMMARY, default={})
        return {**before, "parameters": self._hosted.program.parameters}

    def _leave_if_long(self) -> None:
        """A history must not grow without end: go on in a new run once no step runs any more."""
        hosted = self._hosted
        if workflow.info().get_current_history_length() < LONGEST_RUN:
            return
        journal = hosted.packed()
        if len(journal) > LARGEST:
            return
        if not self._leaving:
            self._leaving = True
            hosted.execution.hold_back()
        if not hosted.runtime.flights and not hosted.runtime.inbox:
            self._next = (self._about(begun=True), self._plan, hosted.packed())

    def _about(self, **changes: Any) -> Data:
        hosted = self._hosted
        workers = {str(attempt): name for attempt, name in hosted.runtime.flights.workers.items()}
        return {**hosted.about._asdict(), "workers": workers, **changes}

    def _end(self) -> bytes:
        """Close as Temporal's own tools show it: completed, or failed with the reason."""
        hosted = self._hosted
        end = pack_end(hosted.runtime.journal, self._about()["workers"])
        kept = end if len(end) <= LARGEST else b""
        if hosted.state in (State.SUCCEEDED, State.COMPLETED):
            return kept
        summary: Data = workflow.memo_value(names.SUMMARY, default={})
        reason = str(summary.get("reason") or hosted.state)
        text = reason.encode(errors="replace").decode()
        raise ApplicationError(text, kept, type=str(hosted.state), non_retryable=True)

    @workflow.update(name=names.ASK)
    def ask(self, verb: str, arguments: Data) -> Any:
        """Do what somebody asks; what is not legal fails the update."""
        try:
            if verb == "begin":
                return self._begin()
            if verb == "rewrite":
                return self._rewrite(arguments)
            answer = self._hosted.ask(verb, arguments)
        except OrchestrateError as error:
            _refuse(error)
        self._show()
        return answer

    def _begin(self) -> None:
        hosted = self._hosted
        if self._begun or hosted.over:
            raise ConflictError(
                f"{hosted.program.workflow} was started before (state: {hosted.state})",
                hint=f"Continue it with `orchestrate resume --workflow {hosted.program.workflow}`.",
            )
        self._begun = True

    def _rewrite(self, arguments: Data) -> None:
        hosted = self._hosted
        hosted.check_rewritable(int(arguments["expected"]))
        journal = hosted.rewritten(arguments["changes"])
        plan = base64.b64decode(arguments["plan"])
        self._next = (self._about(**arguments["about"]), plan, journal)

    @workflow.query(name=names.JOURNAL)
    def journal(self, after: int, limit: int) -> bytes:
        """A page of the journal."""
        return self._hosted.page(after, limit)

    @workflow.query(name="workers")
    def workers(self) -> dict[str, str]:
        """Who performed which attempt."""
        return self._about()["workers"]


def _refuse(error: OrchestrateError) -> NoReturn:
    raise ApplicationError(error.message, error.hint, type=error.code, non_retryable=True)
