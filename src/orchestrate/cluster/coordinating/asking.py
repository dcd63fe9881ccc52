"""What one workflow asks of the coordinator, and what it hears.

Every message is a signal of its own, sent when it is asked for: their number does not depend on how
fast they arrive. They are numbered, for they may overtake one another.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from temporalio import workflow
from temporalio.exceptions import FailureError, WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from orchestrate.cluster import names
from orchestrate.cluster.coordinating.claims import Name
from orchestrate.cluster.coordinating.ledger import claim_data
from orchestrate.cluster.coordinating.settings import Settings
from orchestrate.playbook.plan import Json
from orchestrate.workflow.execution import Execution
from orchestrate.workflow.program import Argument, Attempt, Claim
from orchestrate.workflow.ranking import NORMAL
from orchestrate.workflow.rates import applying

_TRY_AGAIN = 1.0
"""Seconds until a message is sent once more to a coordinator that was not there."""
News = Callable[[Execution], None]


class Sharing(NamedTuple):
    """What a workflow is told of that which it shares with others. JSON, but for being a tuple."""

    priority: str = NORMAL
    linger: float = 0.0
    """Seconds for which its steps may go on after somebody terminated it."""
    settings: Mapping[str, Any] | None = None
    """What its maker's project says; only a coordinator that knows nothing takes it from here."""
    seat: Mapping[str, Any] | None = None
    """What decides when it may begin; None: nothing keeps it."""
    seated: bool = False
    """It had begun already in an earlier run."""


class Asking:
    """The messages of one run of a workflow. `news` takes what is to be brought to the core."""

    def __init__(self, identity: str, sharing: Sharing, news: Callable[[News], None]) -> None:
        self._identity = identity
        self._sharing = sharing
        self._news = news
        self._run = workflow.info().workflow_start_time.timestamp()
        self._number = 0
        self._undelivered: dict[int, asyncio.Task[None]] = {}
        self._asked: dict[str, tuple[Name, Claim]] = {}
        """Claims that have no answer."""
        self._suspended = False
        self._held: dict[str, Claim] = {}
        settings = sharing.settings
        self._limits = () if settings is None else Settings.of(settings).limits
        self._paced: dict[int, Callable[[float, str], None]] = {}
        self._entered = self._returns = False
        self._has_begun = sharing.seated
        self.admitted = sharing.seat is None or sharing.seated
        """Whether it may begin, or go on."""
        self._reason = ""
        self.reason_is_news = False
        """Whether it has to wait for something else than it was told before."""

    def __bool__(self) -> bool:
        """Whether something that was said has not arrived."""
        return bool(self._undelivered)

    @property
    def waits(self) -> bool:
        """Whether any claim has no answer."""
        return bool(self._asked)

    # Claims

    def claim(self, claim: Claim) -> None:
        """See `Runtime.claim`."""
        self._suspended = False
        number = self._say("claim", *claim_data(claim))
        self._asked[claim.path] = Name(self._run, number), claim

    def release(self, path: str) -> None:
        """See `Runtime.unclaim`."""
        self._asked.pop(path, None)
        self._held.pop(path, None)
        self._say("release", path)

    def suspend(self) -> None:
        """See `Runtime.suspend`."""
        self._suspended = True
        self._say("suspend")

    def break_lock(self, path: str, lock: str) -> None:
        """Somebody takes a lock away from a claim."""
        self._say("broken", path, lock)

    # Places

    def take_reason(self) -> str:
        """Why it may not go on."""
        self.reason_is_news = False
        return self._reason

    def enter(self) -> None:
        """It wants to begin, if anything might keep it."""
        if not self.admitted:
            self._entered = True
            assert self._sharing.seat is not None
            self._say("enter", dict(self._sharing.seat))

    @property
    def has_seat(self) -> bool:
        """Whether it takes a place while it runs."""
        return self._sharing.seat is not None

    def rest(self) -> None:
        """It is paused, or waits for people: others may run in its place."""
        self.admitted = self._returns = False
        self._say("rest")

    def come_back(self) -> None:
        """It wants to go on."""
        if not self._returns:
            self._returns = True
            self._say("return")

    def leave(self) -> None:
        """It is over: whatever it has is free."""
        if self._number or self._sharing.seat is not None:
            self._say("gone")

    # Rates

    def is_limited(self, words: Sequence[Argument]) -> bool:
        """Whether a call has to wait until it may be made."""
        return bool(applying(self._limits, words))

    def pace(self, attempt: Attempt, given: Callable[[float, str], None]) -> None:
        """`given` is told when the attempt may be started, and which limits say so."""
        self._paced[attempt.id] = given
        words = [word if isinstance(word, str) else None for word in attempt.call.words]
        self._say("pace", attempt.id, words)

    def give_up(self, attempt: int) -> None:
        """It will not be started."""
        self._paced.pop(attempt, None)
        self._say("unpace", attempt)

    # Messages

    def _say(self, *says: Any) -> int:
        self._number += 1
        number = self._number
        self._undelivered[number] = asyncio.create_task(self._deliver(number, says))
        return number

    async def _deliver(self, number: int, says: Sequence[Any]) -> None:
        message = {
            "workflow": self._identity,
            "run": self._run,
            "number": number,
            "base": min(self._undelivered),
            "priority": self._sharing.priority,
            "linger": self._sharing.linger,
            "says": says,
        }
        coordinator = workflow.get_external_workflow_handle(names.COORDINATOR)
        while True:
            try:
                await coordinator.signal(names.SAY, message)
                break
            except FailureError:
                if says[0] == "gone":
                    break  # nobody is there who would keep anything for it
                await self._start_coordinator()
                await asyncio.sleep(_TRY_AGAIN)
        del self._undelivered[number]

    async def _start_coordinator(self) -> None:
        """Somebody ended it, and what it knew is lost."""
        try:
            await workflow.start_child_workflow(
                names.COORDINATOR,
                args=[b"", self._sharing.settings, int(workflow.time())],
                id=names.COORDINATOR,
                task_queue=names.QUEUE,
                parent_close_policy=ParentClosePolicy.ABANDON,
            )
        except WorkflowAlreadyStartedError:
            return  # another one was faster

    async def delivered(self) -> None:
        """Until all that was said has arrived."""
        while self._undelivered:
            with suppress(asyncio.CancelledError):  # that it ends anyway need not be said
                await workflow.wait_condition(lambda: not self._undelivered)

    def hear(self, answers: Sequence[Mapping[str, Any]]) -> None:
        """What the coordinator says."""
        for answer in answers:
            match answer["kind"]:
                case "claim":
                    self._claimed(answer)
                case "place":
                    self._reason = str(answer["reason"])
                    self.admitted = not self._reason
                    self._has_begun |= self.admitted
                    self.reason_is_news = bool(self._reason)
                case "paced":
                    given = self._paced.pop(int(answer["attempt"]), None)
                    if given is not None:
                        given(float(answer["at"]), ", ".join(answer["limits"]))
                case _:
                    self._say_again()

    def _claimed(self, answer: Mapping[str, Any]) -> None:
        path, name = str(answer["path"]), Name(*answer["name"])
        asked, claim = self._asked.get(path, (None, None))
        tokens: Mapping[str, int] | None = answer["tokens"]
        if asked != name or claim is None:
            stray = tokens is not None and path not in self._held and asked is None
            if stray and name.run == self._run:
                self._say("release", path)  # it was withdrawn when it was granted
            return
        blockers: Sequence[Mapping[str, Json]] = answer["blockers"]
        if tokens is not None:
            del self._asked[path]
            self._held[path] = claim._replace(tokens=tokens)
            self._news(partial(_granted, path, tokens))
        elif answer["reason"]:
            del self._asked[path]
            self._news(partial(_refused, path, str(answer["reason"]), blockers))
        else:
            self._news(partial(_waiting, path, blockers))

    def _say_again(self) -> None:
        """The coordinator is a new one."""
        seat = self._sharing.seat
        if seat is not None and self._has_begun:
            self._say("seated", dict(seat))
            if not self.admitted:
                self._say("rest")
            if self._returns:
                self._say("return")
        elif seat is not None and self._entered:
            self._say("enter", dict(seat))
        for claim in self._held.values():
            self._say("hold", *claim_data(claim))
        asked = [claim for _, claim in self._asked.values()]
        if self._suspended:
            self._say("suspend")
        for claim in () if self._suspended else asked:
            self.claim(claim)


def _granted(path: str, tokens: Mapping[str, int], execution: Execution) -> None:
    execution.claim_granted(path, tokens)


def _refused(
    path: str, reason: str, blockers: Sequence[Mapping[str, Json]], execution: Execution
) -> None:
    execution.claim_refused(path, reason, blockers)


def _waiting(path: str, blockers: Sequence[Mapping[str, Json]], execution: Execution) -> None:
    execution.claim_waiting(path, blockers)
