"""The Temporal workflow that hosts one workflow of ours, from its creation to its end.

It is deterministic because the core is: the history gives the same events again, so the journal
needs no place of its own while the workflow is open. When it closes, or continues as a new run, the
journal goes with it, compressed: as the result, or as the input.
"""

import asyncio
import base64
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError

from orchestrate.cluster import names
from orchestrate.cluster.answers import Answers
from orchestrate.cluster.coordinating.asking import Sharing
from orchestrate.cluster.coordinating.successes import WHOLE
from orchestrate.cluster.hosting.hosted import About, Hosted
from orchestrate.cluster.hosting.leaving import LONGEST_HOLD, Leaving
from orchestrate.cluster.looking import searching
from orchestrate.cluster.payloads import Data, unpack_plan, without_none
from orchestrate.errors import ConflictError
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.transitions import FINAL

_MOST_ANSWERS = 100
"""Answers kept for those who ask."""
_BREATH = 0.001
"""Seconds between activations of a workflow that has more to do than fits into one."""


@workflow.defn(name=names.PLAYBOOK)
class PlaybookWorkflow:
    """Drives `Hosted`."""

    @workflow.init
    def __init__(self, about: Data, plan: bytes, journal: bytes) -> None:
        self._plan = plan
        self._hosted = Hosted(About(**about), unpack_plan(plan), journal)
        self._begun = self._hosted.about.begun
        self._next: tuple[Data, bytes, bytes] | None = None
        self._held = False
        self._leaving = Leaving(self._hosted.about.longest_run)
        self._cancelled = False
        self._asked = False
        self._answers = Answers({}, _MOST_ANSWERS)

    @workflow.run
    async def run(self, about: Data, plan: bytes, journal: bytes) -> bytes:
        """Until it ends; the journal is the result. Arguments as in `__init__`."""
        del about, plan, journal
        hosted = self._hosted
        while hosted.loading:
            await self._breathe()
            hosted.load()
        self._show()
        await self._wait(lambda: self._begun or hosted.over)
        if not hosted.over:
            await self._be_admitted()
        if not hosted.over:
            hosted.start()
        while not hosted.over:
            at_rest = hosted.take_news()
            hosted.tell()
            hosted.runtime.saying.begin()
            self._show()
            if hosted.over:
                break
            self._leave_if_long()
            await (self._wait(self._has_news) if at_rest else self._breathe())
            if self._next is not None:
                await self._all_heard()
                workflow.continue_as_new(args=list(self._next))
        self._show()
        if hosted.state in FINAL:
            hosted.runtime.asking.leave()
        await self._all_heard()
        await self._empty_safe()
        return self._end()

    async def _empty_safe(self) -> None:
        """The values of secret parameters are not needed any more."""
        safe = self._hosted.about.safe
        if safe is not None:
            with suppress(FailureError, asyncio.CancelledError):  # it looks by itself, too
                await workflow.get_external_workflow_handle(safe).signal(names.EMPTY)

    async def _all_heard(self) -> None:
        """Those who asked, the coordinator, and whoever keeps events and deliveries."""
        await workflow.wait_condition(workflow.all_handlers_finished)
        await self._hosted.runtime.asking.delivered()
        await self._hosted.runtime.saying.delivered()
        await self._hosted.told()

    async def _breathe(self) -> None:
        """End the activation, and go on at once."""
        try:
            await asyncio.sleep(_BREATH)
        except asyncio.CancelledError:
            self._cancelled = True
        if self._cancelled and not self._hosted.busy:
            self._cancel()

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
            self._cancel()

    def _cancel(self) -> None:
        self._cancelled = False
        self._hosted.ask("cancel", {"actor": "temporal", "reason": "cancelled in Temporal"})

    def _show(self) -> None:
        summary = self._hosted.summary()
        if summary is None:
            return
        shown = {**self._memo(), **summary}
        workflow.upsert_memo({names.SUMMARY: shown})
        if self._hosted.about.searchable:
            news = searching.updates(shown, workflow.info().typed_search_attributes)
            if news:
                temporal: Any = workflow  # its types are not all known
                temporal.upsert_search_attributes(news)

    def _memo(self) -> Data:
        before: Data = workflow.memo_value(names.SUMMARY, default={})
        return {**before, "parameters": self._hosted.program.parameters}

    def _leave_if_long(self) -> None:
        """A history must not grow without end: go on in a new run once no step runs any more."""
        hosted, leaving = self._hosted, self._leaving
        info = workflow.info()
        leaving.look(
            info.get_current_history_length(), info.get_current_history_size(), workflow.time()
        )
        runtime = hosted.runtime
        if hosted.busy or not leaving.wanted:
            return
        if not runtime.flights and not runtime.inbox and not runtime.asking:
            about = self._about(begun=True, sharing=self._seated())
            self._next = (about, self._plan, hosted.packed())
        elif leaving.held != self._held:
            self._hold(held=leaving.held)

    def _hold(self, *, held: bool) -> None:
        """Start no more attempts, so that a moment comes at which none runs; or do so again."""
        self._held = held
        execution = self._hosted.execution
        if held:
            execution.hold_back()
            loop = asyncio.get_running_loop()
            loop.call_later(LONGEST_HOLD, self._look_again)
        else:
            execution.hold_back_no_more()
            self._asked = True

    def _look_again(self) -> None:
        self._asked = True

    def _seated(self) -> Sharing:
        """What the next run is told: it need not ask again whether it may begin."""
        hosted = self._hosted
        return Sharing(*hosted.about.sharing)._replace(seated=hosted.runtime.asking.admitted)

    def _about(self, **changes: Any) -> Data:
        about = without_none(self._hosted.about._asdict(), "safe")
        return {**about, "told": self._hosted.tell(), **changes}

    def _end(self) -> bytes:
        """Close as Temporal's own tools show it: completed, or failed with the reason."""
        hosted = self._hosted
        kept = hosted.packed()
        if hosted.state in (State.SUCCEEDED, State.COMPLETED):
            return kept
        summary: Data = workflow.memo_value(names.SUMMARY, default={})
        reason = str(summary.get("reason") or hosted.state)
        text = reason.encode(errors="replace").decode()
        raise ApplicationError(text, kept, type=str(hosted.state), non_retryable=True)

    # Signals, not updates: where a worker has lost its cache, the order in which an update and the
    # end of an activity reach the workflow differs between the first time and a replay.

    @workflow.signal(name=names.ASK)
    async def ask(self, identity: str, verb: str, arguments: Data) -> None:
        """Do what somebody asks; the answer is kept for whoever asked."""
        self._leaving.signalled()
        if self._hosted.busy:
            await workflow.wait_condition(lambda: not self._hosted.busy)
        self._asked = True
        self._answers.answer(identity, lambda: self._perform(verb, arguments))

    @workflow.signal(name=names.OFFERED)
    def offered(self, path: str, number: int, event: Data) -> None:
        """An event came that a step may be waiting for."""
        self._hosted.runtime.offered(path, number, event)

    def _perform(self, verb: str, arguments: Data) -> Any:
        if verb == "begin":
            return self._begin()
        if verb == "rewrite":
            return self._rewrite(arguments)
        return self._hosted.ask(verb, arguments)

    @workflow.signal(name=names.HEAR)
    def hear(self, answers: list[Data]) -> None:
        """What the coordinator says."""
        self._leaving.signalled()
        self._asked = True
        self._hosted.runtime.asking.hear(answers)

    @workflow.query(name=names.ANSWER)
    def answer(self, identity: str) -> Data | None:
        """What became of a request."""
        return self._answers.kept.get(identity)

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
        self._check_loaded()
        return self._hosted.page(after, limit)

    @workflow.query(name="workers")
    def workers(self) -> list[tuple[int, str]]:
        """Who performed which attempt."""
        self._check_loaded()
        return list(self._hosted.runtime.flights.workers.items())

    def _check_loaded(self) -> None:
        if self._hosted.loading:
            raise ApplicationError("its journal is being read", type="loading")

    @workflow.query(name=names.HURRIED)
    def hurried(self) -> list[int]:
        """Attempts that have no time left to end by themselves."""
        return self._hosted.runtime.flights.hurried
