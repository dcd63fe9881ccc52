"""The Temporal workflow that keeps what all workflows of a namespace share: one, that never ends.

Workflows tell it what they want, people ask it; both by signals. Workflows are answered by signals,
people find the answer in its memo: nobody queries it, so what it does depends on its history alone,
in the order of that history.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any, NoReturn

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, FailureError

from orchestrate.cluster import continuing, names
from orchestrate.cluster.auditing.actions import done
from orchestrate.cluster.auditing.recording import Recording
from orchestrate.cluster.coordinating.ledger import Answers, Ledger, seat_of
from orchestrate.cluster.coordinating.overview import pack_view
from orchestrate.cluster.coordinating.places import Hold
from orchestrate.cluster.coordinating.settings import Settings
from orchestrate.cluster.payloads import Data

_LONGEST_RUN = 4000
"""Events of a history, and in proportion signals, after which a new run takes over."""
_MOST_ANSWERS = 50
"""Answers kept for those who ask."""
_SETTLED_AFTER = 5.0
"""Seconds in which everybody who was asked has said what it has."""
_SOON, _SELDOM = 10.0, 60.0
"""Seconds between looks at workflows that may have ended without a word: while somebody waits, and
otherwise."""


@workflow.defn(name=names.COORDINATOR)
class CoordinatorWorkflow:
    """Hears, lets the ledger decide, tells."""

    @workflow.init
    def __init__(self, state: bytes, settings: Data | None, floor: int) -> None:
        """`settings` and `floor`: for one that has no state; tokens are higher than the floor."""
        self._ledger = Ledger(state)
        if settings is not None:
            self._ledger.apply(Settings.of(settings), {})
        self._ledger.claims.raise_tokens(floor)
        self._inbox: deque[Data] = deque()
        self._questions: deque[tuple[str, str, Data]] = deque()
        # Those of the run before that nobody has read yet.
        self._answers: OrderedDict[str, Data] = OrderedDict(
            workflow.memo_value(names.ANSWERS, default={})
        )
        self._recording = Recording(self._stir)
        self._sending: set[asyncio.Task[None]] = set()
        self._looking: asyncio.Task[None] | None = None
        self._seen: Mapping[str, Data] = {}
        self._suspects = False
        self._looked_at = workflow.time()
        self._timer: tuple[float, asyncio.TimerHandle] | None = None
        self._due = False
        self._shown: Data = {}
        self._asking_all: asyncio.Task[None] | None = None
        self._lost = floor > 0
        """There was one before it, which knew what it does not."""

    @workflow.signal(name=names.SAY)
    def say(self, message: Data) -> None:
        """A workflow says what it wants."""
        self._inbox.append(message)

    @workflow.signal(name=names.ASK)
    def ask(self, identity: str, verb: str, arguments: Data) -> None:
        """Somebody asks; the answer is in the memo, by that identity."""
        self._questions.append((identity, verb, arguments))

    @workflow.run
    async def run(self, state: bytes, settings: Data | None, floor: int) -> NoReturn:
        """For ever. Arguments as in `__init__`."""
        del state, settings, floor
        if self._lost:
            self._asking_all = asyncio.create_task(self._ask_all())
        while True:
            leaving = workflow.info().get_current_history_length() > _LONGEST_RUN
            self._look_again_at(self._work(leaving=leaving))
            if leaving and self._is_quiet:
                continuing.go_on([self._ledger.dump(), None, 0], names.SHARED)
            await workflow.wait_condition(partial(self._has_news, leaving=leaving))

    def _has_news(self, *, leaving: bool) -> bool:
        if self._inbox or self._questions or self._seen or self._due:
            return True
        if leaving:
            return self._is_quiet
        return self._suspects and self._looking is None

    @property
    def _is_quiet(self) -> bool:
        """Whether nothing is under way."""
        idle = self._looking is None and self._asking_all is None
        return idle and not self._sending and not self._recording.under_way

    def _stir(self) -> None:
        self._due = True

    def _look_again_at(self, moment: float | None) -> None:
        """Timers are events: one that comes too early is let be."""
        self._due = False
        if moment is None or (self._timer is not None and self._timer[0] <= moment):
            return
        if self._timer is not None:
            self._timer[1].cancel()
        loop = asyncio.get_running_loop()
        delay = max(0.0, moment - workflow.time())
        self._timer = moment, loop.call_later(delay, self._fired)

    def _fired(self) -> None:
        self._timer, self._due = None, True

    def _work(self, *, leaving: bool) -> float | None:
        """Everything that was said; when to go on in any case."""
        now, ledger = workflow.time(), self._ledger
        self._take_seen()
        while self._inbox:
            ledger.hear(self._inbox.popleft(), now)
        asked = bool(self._questions)
        while self._questions:
            identity, verb, arguments = self._questions.popleft()
            self._answers[identity] = self._answer(verb, arguments, now)
        while len(self._answers) > _MOST_ANSWERS:
            self._answers.popitem(last=False)
        decided = ledger.decide(now) if self._asking_all is None else ledger.wait()
        for workflow_id, answers in decided.answers.items():
            ledger.unsent.setdefault(workflow_id, []).extend(answers)
        for earlier, by in decided.cancels:
            self._send(self._cancel(earlier, by))
        if not leaving:
            unsent, ledger.unsent = ledger.unsent, {}
            self._tell(unsent)
        self._show(asked=asked)
        look_at = self._look(now, leaving=leaving)
        moments = [moment for moment in (decided.until, look_at) if moment is not None]
        return None if leaving else min(moments, default=None)

    async def _ask_all(self) -> None:
        """Find out who has what; nothing is granted meanwhile."""
        try:
            everybody: list[str] = await workflow.execute_activity(
                names.LIST_OPEN,
                task_queue=names.QUEUE,
                start_to_close_timeout=timedelta(seconds=60),
            )
            asked = [self._signal(name, names.HEAR, [[{"kind": "again"}]]) for name in everybody]
            for asking in asked:
                await asking
            await asyncio.sleep(_SETTLED_AFTER)
        finally:
            self._asking_all = None
            self._due = True
            self._ledger.claims.look_again()

    # Telling

    def _tell(self, answers: Answers) -> None:
        for workflow_id, heard in answers.items():
            self._send(self._signal(workflow_id, names.HEAR, [heard]))

    async def _cancel(self, earlier: str, by: str) -> None:
        arguments = {"actor": "", "reason": f"superseded by {by}", "once": True}
        await self._signal(earlier, names.ASK, [f"superseded-{by}", "cancel", arguments])

    def _send(self, sending: Any) -> None:
        task = asyncio.create_task(sending)
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _signal(self, workflow_id: str, signal: str, arguments: list[Any]) -> None:
        try:
            await workflow.get_external_workflow_handle(workflow_id).signal(signal, args=arguments)
        except FailureError:
            self._suspects = True  # it is not open any more, or not yet

    # Looking after those who may have ended without a word

    def _look(self, now: float, *, leaving: bool) -> float | None:
        known = self._ledger.suspected
        if not known or self._looking is not None:
            self._suspects = False
            return None
        due = self._looked_at + (_SOON if self._ledger.waited_for else _SELDOM)
        if not leaving and (self._suspects or now >= due):
            self._suspects = False
            self._looked_at = now
            self._looking = asyncio.create_task(self._look_after(known))
            return None
        return due

    async def _look_after(self, known: Mapping[str, float]) -> None:
        try:
            seen: Data = await workflow.execute_activity(
                names.LOOK_AFTER,
                list(known),
                task_queue=names.QUEUE,
                start_to_close_timeout=timedelta(seconds=60),
                schedule_to_close_timeout=timedelta(seconds=300),
                retry_policy=RetryPolicy(maximum_attempts=3),
            )
        except ActivityError:
            seen = {}  # the next look will tell
        self._looking = None
        self._due = True
        # Of one that goes on again since then it tells nothing.
        still = self._ledger.suspected
        self._seen = {name: what for name, what in seen.items() if still.get(name) == known[name]}

    def _take_seen(self) -> None:
        seen, self._seen = self._seen, {}
        for workflow_id, what in seen.items():
            match what["state"]:
                case "over" | "missing":
                    self._ledger.forget(workflow_id)
                case "terminated":
                    self._ledger.terminated(workflow_id, float(what["at"]))
                case "open":
                    self._ledger.lives(workflow_id)
                case _:
                    pass

    # What people ask

    def _answer(self, verb: str, arguments: Data, now: float) -> Data:
        ledger = self._ledger
        match verb:
            case "apply":
                set_by = {"actor": arguments["actor"], "at": now}
                ledger.apply(Settings.of(arguments["settings"]), set_by)
            case "make":
                seat = seat_of(arguments["workflow"], arguments["seat"])
                return {"refused": ledger.may_be_made(seat, now, waits=arguments["waits"])}
            case "hold":
                if ledger.places.hold is not None:
                    return {"refused": ledger.places.hold}
                ledger.take_hold(Hold(arguments["actor"], arguments["reason"], now))
                self._record(now, "hold_begun", arguments, reason=arguments["reason"])
            case "unhold":
                ended = ledger.places.hold
                ledger.take_hold(None)
                if ended is not None:
                    before = {"actor": ended.actor, "reason": ended.reason}
                    self._record(now, "hold_ended", arguments, before=before)
                return {"value": ended}
            case "take_away":
                ledger.claims.take_away(arguments["workflow"], arguments["path"], arguments["lock"])
                told = {name: arguments[name] for name in ("workflow", "path", "token")}
                reason = arguments["reason"]
                self._record(
                    now, "lock_broken", arguments, arguments["lock"], reason=reason, **told
                )
            case "show":
                pass  # the view is in the memo with every answer
            case _:
                raise ValueError(f"an older program does not know what {verb} means")
        return {"value": None}

    def _record(self, now: float, what: str, asked: Data, subject: str = "", **data: Any) -> None:
        author = {"actor": asked["actor"], "origin": asked.get("from", {})}
        self._recording.add([done(now, what, author, subject, **data)])

    def _show(self, *, asked: bool) -> None:
        ledger = self._ledger
        shared = {
            "digest": ledger.settings.digest,
            "settings": ledger.settings.to_data(),
            "set_by": ledger.set_by,
            "hold": ledger.places.hold,
            "waiting": ledger.waited_for,
        }
        changes: Data = {}
        if shared != self._shown:
            self._shown = changes[names.SHARED] = shared
        if asked:
            changes[names.ANSWERS] = dict(self._answers)
            changes[names.VIEW] = pack_view(ledger)
        if changes:
            workflow.upsert_memo(changes)
