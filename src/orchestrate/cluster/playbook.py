"""The Temporal workflow that hosts one workflow of ours, from its creation to its end.

It is deterministic because the core is: the history gives the same events again, so the journal
needs no place of its own while the workflow is open. When it closes, or continues as a new run, the
journal goes with it, compressed: as the result, or as the input.
"""

import asyncio
import base64
from collections.abc import Callable
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from orchestrate.cluster import names
from orchestrate.cluster.coordinating.asking import Sharing
from orchestrate.cluster.coordinating.successes import WHOLE
from orchestrate.cluster.hosting import About, Hosted
from orchestrate.cluster.payloads import Data, pack_end, unpack_plan
from orchestrate.errors import ConflictError, OrchestrateError
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.transitions import FINAL

_MOST_ANSWERS = 100
"""Answers kept for those who ask."""
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
        self._asked = False
        self._answers: dict[str, Data] = {}

    @workflow.run
    async def run(self, about: Data, plan: bytes, journal: bytes) -> bytes:
        """Until it ends; the journal is the result. Arguments as in `__init__`."""
        del about, plan, journal
        hosted = self._hosted
        self._show()
        await self._wait(lambda: self._begun or hosted.over)
        if not hosted.over:
            await self._be_admitted()
        if not hosted.over:
            hosted.start()
        while not hosted.over:
            hosted.take_news()
            self._show()
            if hosted.over:
                break
            self._leave_if_long()
            await self._wait(self._has_news)
            if self._next is not None:
                await hosted.runtime.asking.delivered()
                workflow.continue_as_new(args=list(self._next))
        self._show()
        if hosted.state in FINAL:
            hosted.runtime.asking.leave()
        await hosted.runtime.asking.delivered()
        return self._end()

    async def _be_admitted(self) -> None:
        """Wait until others leave a place to it, if any may have to."""
        asking = self._hosted.runtime.asking
        asking.enter()
        while not asking.admitted and not self._hosted.over:
            await self._wait(lambda: asking.admitted or self._hosted.over or asking.reason_is_news)
            if asking.reason_is_news:
                shown: Data = workflow.memo_value(names.SUMMARY, default={})
                told = {**shown, "reason": asking.take_reason()}
                workflow.upsert_memo({names.SUMMARY: told})

    def _has_news(self) -> bool:
        asked, self._asked = self._asked, False
        return bool(asked or self._hosted.runtime.inbox or self._next is not None)

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
        if workflow.info().get_current_history_length() < hosted.about.longest_run:
            return
        journal = hosted.packed()
        if len(journal) > LARGEST:
            return
        if not self._leaving:
            self._leaving = True
            hosted.execution.hold_back()
        runtime = hosted.runtime
        if not runtime.flights and not runtime.inbox and not runtime.asking:
            about = self._about(begun=True, sharing=self._seated())
            self._next = (about, self._plan, hosted.packed())

    def _seated(self) -> Sharing:
        """What the next run is told: it need not ask again whether it may begin."""
        hosted = self._hosted
        return Sharing(*hosted.about.sharing)._replace(seated=hosted.runtime.asking.admitted)

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

    # Signals, not updates: where a worker has lost its cache, the order in which an update and the
    # end of an activity reach the workflow differs between the first time and a replay.

    @workflow.signal(name=names.ASK)
    def ask(self, identity: str, verb: str, arguments: Data) -> None:
        """Do what somebody asks; the answer is kept for whoever asked."""
        self._asked = True
        try:
            self._answers[identity] = {"value": self._perform(verb, arguments)}
        except OrchestrateError as error:
            refusal = {"code": error.code, "message": error.message, "hint": error.hint}
            self._answers[identity] = {"refused": refusal}
        while len(self._answers) > _MOST_ANSWERS:
            del self._answers[next(iter(self._answers))]

    def _perform(self, verb: str, arguments: Data) -> Any:
        if verb == "begin":
            return self._begin()
        if verb == "rewrite":
            return self._rewrite(arguments)
        return self._hosted.ask(verb, arguments)

    @workflow.signal(name=names.HEAR)
    def hear(self, answers: list[Data]) -> None:
        """What the coordinator says."""
        self._asked = True
        self._hosted.runtime.asking.hear(answers)

    @workflow.query(name=names.ANSWER)
    def answer(self, identity: str) -> Data | None:
        """What became of a request."""
        return self._answers.get(identity)

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
        if plan != self._plan:
            shown: Data = workflow.memo_value(names.SUMMARY, default={})
            workflow.upsert_memo({names.SUMMARY: {**shown, WHOLE: False}})
        self._next = (self._about(**arguments["about"]), plan, journal)

    @workflow.query(name=names.JOURNAL)
    def journal(self, after: int, limit: int) -> bytes:
        """A page of the journal."""
        return self._hosted.page(after, limit)

    @workflow.query(name="workers")
    def workers(self) -> dict[str, str]:
        """Who performed which attempt."""
        return self._about()["workers"]

    @workflow.query(name=names.HURRIED)
    def hurried(self) -> list[int]:
        """Attempts that have no time left to end by themselves."""
        return self._hosted.runtime.flights.hurried
