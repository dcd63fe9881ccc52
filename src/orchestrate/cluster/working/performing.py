"""The attempts of one workflow on one worker, from launch to outcome.

What ended is remembered for a while after it was told: Temporal may not have heard of it.
"""

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from orchestrate.cluster.payloads import StepRequest
from orchestrate.cluster.working.calling import Callers, version
from orchestrate.cluster.working.contact import NAME, allowance
from orchestrate.cluster.working.noting import Notes
from orchestrate.errors import OrchestrateError, StateDirectoryError
from orchestrate.launching.calls import Caller, not_callable, outcome_of
from orchestrate.launching.supervision import Fenced, Supervision, split, tell
from orchestrate.processes.launch import Report
from orchestrate.workflow.outcomes import Outcome, Status

_REMEMBERED = 1000
"""Outcomes kept for whoever asks again."""
_ACKNOWLEDGED_AFTER = 15.0
"""Seconds after an end until the supervisor may forget it: by then Temporal has it."""


class End(NamedTuple):
    """How an attempt ended, and what is to be said about it beside."""

    outcome: Outcome
    warnings: tuple[str, ...]


class NeverStartedError(Exception):
    """Nothing of an attempt ever ran here, nor will."""


class Performed:
    """Implements `launching.supervision.Receiver`."""

    def __init__(self, callers: Callers, supervision: Supervision, epoch: int) -> None:
        """`epoch`: the incarnation of the worker. What earlier ones asked for is fenced off."""
        self.epoch = epoch
        self._callers = callers
        self._contact = str(callers.directory / NAME)
        self._made: dict[tuple[str, str | None], Caller] = {}
        """By the project's files, and the safe of secret parameters."""
        self._noted: Notes | None = None
        self._permitted: dict[int, object] = {}
        """Attempts that were begun with, and not launched so far: by whom."""
        self._attended: Counter[str] = Counter()
        self._supervision = supervision
        self._waiting: dict[int, asyncio.Future[End]] = {}
        self._ended: OrderedDict[int, End] = OrderedDict()
        self.percent: dict[int, float] = {}

    def __bool__(self) -> bool:
        """Whether some attempt may have a process, or is about to."""
        return bool(self._waiting or self._attended)

    @property
    def running(self) -> int:
        """How many attempts may have a process."""
        return len(self._waiting)

    @property
    def versions(self) -> frozenset[str]:
        """The project's files that its attempts may run from, by digest."""
        return (
            frozenset((*(files for files, _ in self._made), *self._attended))
            if self
            else frozenset()
        )

    @contextmanager
    def attending(self, request: StepRequest) -> Generator[None]:
        """Somebody sees to an attempt: what it needs stays where it is."""
        files = version(request)
        self._attended[files] += 1
        try:
            yield
        finally:
            self._attended[files] -= 1
            self._attended += Counter()  # without what is zero

    async def prepare(self, request: StepRequest) -> None:
        """Fetch what it needs. Raises an OrchestrateError if that is not to be had."""
        project = await self._callers.ready(request)
        secrets = await self._callers.secrets(request)
        caller = self._made.get(_of(request))
        if caller is None:
            caller = self._made[_of(request)] = self._callers.make(request, project, secrets)
        missing = caller.supply.missing(request.attempt.call)
        if missing:
            await asyncio.to_thread(caller.supply.fetch, missing)

    def begin(self, request: StepRequest) -> object:
        """The cluster is about to be told that this worker has it; what is given permits to
        perform it. Raises an OrchestrateError.
        """
        self._notes(request).begin(request.attempt.id)
        permission = self._permitted[request.attempt.id] = object()
        return permission

    def _notes(self, request: StepRequest) -> Notes:
        if self._noted is None:
            self._noted = Notes(self._callers.folder(request.workflow))
        return self._noted

    def perform(
        self, request: StepRequest, permission: object, heartbeat: float
    ) -> "asyncio.Future[End]":
        """Launch an attempt that is prepared; what is given tells its outcome. `heartbeat`: after
        how many seconds without a sign of life the cluster takes this worker for lost. Raises
        NeverStartedError if it was said meanwhile that this one never will.
        """
        attempt = request.attempt
        if self._permitted.pop(attempt.id, None) is not permission:
            raise NeverStartedError
        future = self._expect(attempt.id)
        try:
            launch = self._made[_of(request)].launch(attempt)
            self._notes(request).launch(attempt.id)
        except OrchestrateError as error:
            self._end(attempt.id, self.refusal(error))
            return future
        silence = allowance(heartbeat, request.lease, launch.grace)
        self._supervision.launch(launch._replace(vigil=(self._contact, silence)))
        self._supervision.send_launches()
        return future

    def refusal(self, error: OrchestrateError) -> Outcome:
        """What becomes of an attempt that could not be prepared or called."""
        masks = (mask for caller in self._made.values() for mask in caller.supply.masks)
        return not_callable(error, time.time(), tuple(masks))

    def adopt(self, request: StepRequest, supervisors: Path) -> "asyncio.Future[End]":
        """Find an attempt again: it runs here, has ended here, or an earlier process of this worker
        had it. Raises NeverStartedError if it was not launched.
        """
        attempt = request.attempt.id
        if attempt in self._waiting:
            return self._waiting[attempt]
        if attempt not in self._ended and self._notes(request).never_launched(attempt):
            self._permitted.pop(attempt, None)  # whoever is about to perform it must not any more
            raise NeverStartedError
        future = self._expect(attempt)
        try:
            self._find(request, supervisors)
        except OrchestrateError:
            del self._waiting[attempt]  # nobody will hear of it here
            raise
        return future

    def _find(self, request: StepRequest, supervisors: Path) -> None:
        attempt = request.attempt.id
        if attempt in self._ended:
            self._tell(attempt, self._ended[attempt])
        elif not self._notes(request).knows(attempt):
            # Another host had it under this worker's name, and may have it still: there it is ended
            # in time, as if nobody had come back.
            loop = asyncio.get_running_loop()
            loop.call_later(request.lease, self.vanished, attempt, ())
        elif judges := self._earlier(supervisors, request.workflow):
            tell(self, request.key, judges)
        else:
            self.vanished(attempt, ())

    def _earlier(self, supervisors: Path, workflow: str) -> list[Fenced]:
        there = supervisors.iterdir() if supervisors.is_dir() else ()
        names = sorted(path.name for path in there if path.is_dir())
        return [
            self._supervision.fence(name, workflow, self.epoch)
            for name in names
            if name != self._supervision.own.id and not name.endswith("-new")
        ]

    def stop(self, request: StepRequest, *, at_once: bool = False) -> None:
        """End its process tree; the outcome tells when it is gone."""
        self._supervision.stop(request.key, "kill" if at_once else "stop")

    def _expect(self, attempt: int) -> "asyncio.Future[End]":
        future: asyncio.Future[End] = asyncio.get_running_loop().create_future()
        self._waiting[attempt] = future
        return future

    # What the supervisors say

    def reported(self, attempt: int, report: Report) -> None:
        """A report about an attempt."""
        match report.phase:
            case "finished":
                warnings: list[str] = []
                self._end(attempt, outcome_of(report, None, warnings), warnings)
                asyncio.get_running_loop().call_later(
                    _ACKNOWLEDGED_AFTER, self._acknowledge, report.attempt
                )
            case "refused":
                now = time.time()
                message = report.message
                self._end(
                    attempt,
                    Outcome(Status.FAILED, message=message, started_at=now, finished_at=now),
                )
            case "lost":
                self.vanished(attempt, report.survivors)
            case "progress" if report.percent is not None:
                self.percent[attempt] = report.percent
            case _:
                pass

    def vanished(self, attempt: int, survivors: tuple[str, ...]) -> None:
        """Nobody can say how that attempt ended."""
        now = time.time()
        self._end(
            attempt,
            Outcome(
                Status.UNKNOWN,
                message="what watched over it is gone, so nobody can say whether it took effect",
                started_at=now,
                finished_at=now,
                survivors=survivors,
                read_only=any(made.reads_only(attempt) for made in self._made.values()),
            ),
        )

    def never_started(self, attempt: int) -> None:
        """No supervisor has a record of it: it never began, unless its end is forgotten."""
        if self._noted is None or not self._noted.has_a_record(attempt):
            self.vanished(attempt, ())
            return
        future = self._waiting.pop(attempt, None)
        if future is not None and not future.done():
            future.set_exception(NeverStartedError())

    def _acknowledge(self, key: str) -> None:
        if self._noted is not None:
            with suppress(StateDirectoryError):  # then it keeps its record
                self._noted.end(split(key)[1])
                self._supervision.acknowledge(key)

    def give_up(self, error: OrchestrateError) -> None:
        """Nothing can be concluded about what runs here."""
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(error)
        self._waiting.clear()

    def flush(self) -> None:
        """Outcomes are told at once."""

    def supervisor_changed(self, supervisor: str) -> None:
        """Whoever starts the next attempts makes no difference here."""

    def _end(self, attempt: int, outcome: Outcome, warnings: Sequence[str] = ()) -> None:
        self.percent.pop(attempt, None)
        end = self._ended[attempt] = End(outcome, tuple(warnings))
        while len(self._ended) > _REMEMBERED:
            self._ended.popitem(last=False)
        self._tell(attempt, end)

    def _tell(self, attempt: int, end: End) -> None:
        future = self._waiting.pop(attempt, None)
        if future is not None and not future.done():
            future.set_result(end)


def _of(request: StepRequest) -> tuple[str, str | None]:
    """What its caller depends on."""
    return version(request), request.safe
