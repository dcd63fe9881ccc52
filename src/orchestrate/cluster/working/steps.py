"""What a worker does for workflows: its activities. Processes run under the worker's supervisor, so
they outlive the worker; it takes them up again when it comes back under the same name.
"""

import asyncio
import base64
import time
from collections import OrderedDict
from collections.abc import Coroutine, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.client import AsyncActivityCancelledError
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.service import RPCError

from orchestrate.cluster import names
from orchestrate.cluster.hosting.flights import DETACHED, NEVER
from orchestrate.cluster.payloads import Data, StepRequest, outcome_data
from orchestrate.cluster.working.calling import Callers, Services, Stored
from orchestrate.cluster.working.glances import excerpt, glance
from orchestrate.cluster.working.hurrying import Hurries
from orchestrate.cluster.working.incarnations import next_incarnation
from orchestrate.cluster.working.performing import End, NeverStartedError, Performed
from orchestrate.errors import OrchestrateError
from orchestrate.launching.supervision import Supervision
from orchestrate.processes import output_log
from orchestrate.workflow.outcomes import Outcome, Status

_EXPECTED = ApplicationErrorCategory.BENIGN
"""What workflows reckon with: nobody has to be told in a log."""
_BEAT = 1.0
"""Seconds between signs of life."""
_MOST_WORKFLOWS = 200
"""Workflows whose callers (with the secrets they fetched) are kept."""
_MOST_OUTPUT = 256 * 1024
"""Bytes of output in one answer."""
_LOOK_EVERY = 0.1
"""Seconds between looks at output that is waited for."""


class Steps:
    """The activities of one worker."""

    def __init__(
        self,
        worker: str,
        directory: Path,
        services: Services,
        stored: Stored,
        supervision: Supervision,
        sampling: float,
    ) -> None:
        """`directory` holds the worker's supervisors, the output of its steps, and the files of
        projects that are `stored`. `sampling`: the share of workflows whose traces are sampled.
        """
        self._worker = worker
        self._directory = directory
        self._supervision = supervision
        self._performed: OrderedDict[str, Performed] = OrderedDict()
        self._reattached: set[str] = set()
        self._epoch = next_incarnation(directory)
        self._hurries = Hurries()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._leaving = False
        self._callers = Callers(directory, services, stored, self._versions, self._epoch, sampling)

    def _versions(self) -> Iterator[str]:
        for performed in self._performed.values():
            yield from performed.versions

    @property
    def busy(self) -> bool:
        """Whether some step may have a process."""
        return any(self._performed.values())

    @property
    def running(self) -> int:
        """How many steps may have a process."""
        return sum(performed.running for performed in self._performed.values())

    def leave(self) -> None:
        """Let go of what `run_step` executes: it goes on under its supervisor."""
        self._leaving = True
        for task in self._tasks:
            task.cancel()

    @activity.defn(name=names.RUN_STEP)
    async def run_step(self, data: Data, stop: bool) -> Data:  # noqa: FBT001 - Temporal's way
        """Execute an attempt. What is given is its outcome, whatever became of it."""
        del stop  # it was not to be stopped when it was asked for
        request = StepRequest.of(data)
        performed = self._of(request)
        if self._leaving:
            raise self._unstarted()
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with performed.attending(request):
                return await self._perform(request, performed)
        finally:
            self._tasks.discard(task)

    def _unstarted(self) -> ApplicationError:
        message = f"the worker {self._worker} did not start it"
        return ApplicationError(message, type=NEVER, non_retryable=True, category=_EXPECTED)

    async def _perform(self, request: StepRequest, performed: Performed) -> Data:
        try:
            await self._meanwhile(performed.prepare(request))
            permission = performed.begin(request)
            if not await self._announced():
                return self._told(request, End(_not_started(), ()))
        except OrchestrateError as error:
            return self._told(request, End(performed.refusal(error), ()))
        except (asyncio.CancelledError, RPCError) as error:
            details = activity.cancellation_details()
            if details is not None and details.cancel_requested:
                raise
            raise self._unstarted() from error
        try:
            future = performed.perform(request, permission, _heartbeat())
        except NeverStartedError as error:
            raise self._unstarted() from error
        return await self._watch(request, performed, future)

    async def _meanwhile(self, preparing: Coroutine[Any, Any, None]) -> None:
        """Signs of life that name nobody: if they end, nothing was started."""
        task = asyncio.ensure_future(preparing)
        try:
            while not (await asyncio.wait({task}, timeout=_BEAT))[0]:
                activity.heartbeat()
        finally:
            task.cancel()
        await task

    async def _announced(self) -> bool:
        """Tell the server who has it; False if it is not wanted any more. Nothing is started
        before the server has that: a step of which it does not know who had it was never started,
        and another worker may have it. Raises RPCError if the server gave this worker up.
        """
        token = activity.info().task_token
        handle = activity.client().get_async_activity_handle(task_token=token)
        while True:
            asked = time.monotonic()
            try:
                await handle.heartbeat(self._worker)
            except AsyncActivityCancelledError:
                return False
            if time.monotonic() - asked < _heartbeat() / 2:  # else it may have stood still
                return True

    @activity.defn(name=names.ADOPT_STEP)
    async def adopt_step(self, data: Data, stop: bool) -> Data:  # noqa: FBT001 - Temporal's way
        """Take an attempt up again that this worker began; with `stop`, to end it."""
        activity.heartbeat(self._worker)
        request = StepRequest.of(data)
        self._reattached.add(request.key)
        performed = self._of(request)
        try:
            future = performed.adopt(request, self._directory / "supervisors")
        except NeverStartedError as error:
            raise self._unstarted() from error
        except OrchestrateError as error:
            raise ApplicationError(str(error), error.hint, type=error.code) from error
        if stop:
            performed.stop(request)
        return await self._watch(request, performed, future)

    @activity.defn(name=names.READ_OUTPUT)
    async def read_output(self, data: Data) -> Data:
        """Output of attempts, each after a cursor or its last lines, as much as one answer holds.
        With `wait`, until there is some or that time is over.

        Pieces are attempt, stream, time, bytes (base64) and the cursor after them; `done` is how
        many of the attempts were read to their end; `sizes` is how many bytes each has by now.
        """
        folder = self._folder(data["workflow"])
        loop = asyncio.get_running_loop()
        deadline = loop.time() + float(data["wait"])
        while True:
            pieces, done = _read(folder, data["attempts"])
            if pieces or loop.time() >= deadline:
                sizes = [[seq, output_log.size(folder / str(seq))] for seq, *_ in data["attempts"]]
                return {"pieces": pieces, "done": done, "sizes": sizes}
            await asyncio.sleep(_LOOK_EVERY)

    async def _watch(
        self, request: StepRequest, performed: Performed, future: "asyncio.Future[End]"
    ) -> Data:
        """Give signs of life until it ends; stop it if that is asked for."""
        log = self._folder(request.workflow) / str(request.attempt.id)
        hurrying: asyncio.Task[None] | None = None
        try:
            while True:
                try:
                    await asyncio.wait({future}, timeout=_BEAT)
                except asyncio.CancelledError:
                    self._cancelled(request, performed)
                    if hurrying is None:
                        hurrying = asyncio.ensure_future(self._hurry(request, performed))
                if future.done():
                    try:
                        return self._told(request, future.result())
                    except NeverStartedError as error:
                        raise self._unstarted() from error
                percent = performed.percent.get(request.attempt.id)
                told = (request.attempt.path, percent, *glance(log))
                activity.heartbeat(self._worker, told)
        finally:
            if hurrying is not None:
                hurrying.cancel()

    async def _hurry(self, request: StepRequest, performed: Performed) -> None:
        """It is being stopped; if that is asked for once more it has no more time."""
        await self._hurries.wait(request.workflow, request.attempt.id)
        performed.stop(request, at_once=True)

    def _told(self, request: StepRequest, end: End) -> Data:
        outcome = end.outcome
        log = self._folder(request.workflow) / str(request.attempt.id)
        if outcome.status is not Status.SUCCEEDED:
            outcome = outcome._replace(excerpt=excerpt(log))
        return {
            "outcome": outcome_data(outcome),
            "written": output_log.size(log),
            "warnings": list(end.warnings),
            "worker": self._worker,
        }

    def _cancelled(self, request: StepRequest, performed: Performed) -> None:
        details = activity.cancellation_details()
        leaves = self._leaving or (details is not None and details.worker_shutdown)
        if leaves and not (details is not None and details.cancel_requested):
            message = f"the worker {self._worker} leaves; the step goes on without it"
            raise ApplicationError(
                message, self._worker, type=DETACHED, non_retryable=True, category=_EXPECTED
            )
        if details is None or details.cancel_requested:
            performed.stop(request)
            return
        # Temporal has given this worker up, or the workflow was terminated. Unless somebody takes
        # the step up again within the lease, nobody will.
        self._reattached.discard(request.key)
        loop = asyncio.get_running_loop()
        loop.call_later(request.lease, self._give_up, request, performed)
        message = f"the worker {self._worker} had lost touch"
        raise ApplicationError(
            message, self._worker, type=DETACHED, non_retryable=True, category=_EXPECTED
        )

    def _give_up(self, request: StepRequest, performed: Performed) -> None:
        if request.key not in self._reattached:
            performed.stop(request)

    def _of(self, request: StepRequest) -> Performed:
        found = self._performed.get(request.workflow)
        if found is None:
            found = self._performed[request.workflow] = self._begin(request)
            self._forget_some()
        self._performed.move_to_end(request.workflow)
        return found

    def _begin(self, request: StepRequest) -> Performed:
        performed = Performed(self._callers, self._supervision, self._epoch)
        self._supervision.add(request.workflow, performed)
        return performed

    def forget(self, workflow: str) -> bool:
        """Drop what is kept of a workflow; False if some step of it may have a process."""
        performed = self._performed.get(workflow)
        if performed:
            return False
        if performed is not None:
            del self._performed[workflow]
            self._supervision.remove(workflow)
        return True

    def _forget_some(self) -> None:
        idle = [name for name, performed in self._performed.items() if not performed]
        for name in idle[: max(0, len(self._performed) - _MOST_WORKFLOWS)]:
            del self._performed[name]
            self._supervision.remove(name)

    def _folder(self, workflow: str) -> Path:
        return self._callers.folder(workflow)


def _heartbeat() -> float:
    return (activity.info().heartbeat_timeout or timedelta(seconds=_BEAT)).total_seconds()


def _not_started() -> Outcome:
    now = time.time()
    return Outcome(Status.CANCELLED, message="not started", started_at=now, finished_at=now)


def _read(folder: Path, attempts: list[list[Any]]) -> tuple[list[list[Any]], int]:
    found: list[list[Any]] = []
    size = 0
    for done, (attempt, after, tail) in enumerate(attempts):
        for piece in output_log.read(folder / str(attempt), after=after, tail_lines=tail):
            if size >= _MOST_OUTPUT:
                return found, done
            body = base64.b64encode(piece.data).decode()
            found.append([attempt, piece.stream, piece.time, body, piece.end])
            size += len(piece.data)
    return found, len(attempts)
