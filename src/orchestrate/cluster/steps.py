"""What a worker does for workflows: its activities. Processes run under the worker's supervisor, so
they outlive the worker; it takes them up again when it comes back under the same name.
"""

import asyncio
import base64
from collections import OrderedDict
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from orchestrate.cluster import names
from orchestrate.cluster.flights import DETACHED
from orchestrate.cluster.payloads import Data, StepRequest, outcome_data
from orchestrate.cluster.performing import EPOCH, End, Performed
from orchestrate.commands.trace_context import trace_of
from orchestrate.errors import OrchestrateError
from orchestrate.launching.calls import Caller, Declared
from orchestrate.launching.services import LaunchServices
from orchestrate.launching.supervision import Supervision
from orchestrate.processes import output_log

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
        services: LaunchServices,
        supervision: Supervision,
        sampling: float,
    ) -> None:
        """`directory` holds the worker's supervisors and the output of its steps. `sampling`: the
        share of workflows whose traces are sampled.
        """
        self._worker = worker
        self._directory = directory
        self._services = services
        self._supervision = supervision
        self._sampling = sampling
        self._performed: OrderedDict[str, Performed] = OrderedDict()
        self._reattached: set[str] = set()

    @property
    def busy(self) -> bool:
        """Whether some step may have a process."""
        return any(self._performed.values())

    @activity.defn(name=names.RUN_STEP)
    async def run_step(self, data: Data, stop: bool) -> Data:  # noqa: FBT001 - Temporal's way
        """Execute an attempt. What is given is its outcome, whatever became of it."""
        del stop  # it was not to be stopped when it was asked for
        activity.heartbeat(self._worker)  # from here on it is known who had it
        request = StepRequest.of(data)
        performed = self._of(request)
        return await self._watch(request, performed, await performed.perform(request))

    @activity.defn(name=names.ADOPT_STEP)
    async def adopt_step(self, data: Data, stop: bool) -> Data:  # noqa: FBT001 - Temporal's way
        """Take an attempt up again that this worker began; with `stop`, to end it."""
        activity.heartbeat(self._worker)
        request = StepRequest.of(data)
        self._reattached.add(request.key)
        performed = self._of(request)
        try:
            future = performed.adopt(request, self._directory / "supervisors")
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
        many of the attempts were read to their end.
        """
        folder = self._folder(data["workflow"])
        loop = asyncio.get_running_loop()
        deadline = loop.time() + float(data["wait"])
        while True:
            pieces, done = _read(folder, data["attempts"])
            if pieces or loop.time() >= deadline:
                return {"pieces": pieces, "done": done}
            await asyncio.sleep(_LOOK_EVERY)

    async def _watch(
        self, request: StepRequest, performed: Performed, future: "asyncio.Future[End]"
    ) -> Data:
        """Give signs of life until it ends; stop it if that is asked for."""
        while True:
            try:
                await asyncio.wait({future}, timeout=_BEAT)
            except asyncio.CancelledError:
                self._cancelled(request, performed)
            if future.done():
                end = future.result()
                return {
                    "outcome": outcome_data(end.outcome),
                    "warnings": list(end.warnings),
                    "worker": self._worker,
                }
            activity.heartbeat(self._worker, performed.percent.get(request.attempt.id))

    def _cancelled(self, request: StepRequest, performed: Performed) -> None:
        details = activity.cancellation_details()
        if details is not None and details.worker_shutdown and not details.cancel_requested:
            message = f"the worker {self._worker} leaves; the step goes on without it"
            raise ApplicationError(message, self._worker, type=DETACHED, non_retryable=True)
        if details is None or details.cancel_requested:
            performed.stop(request)
            return
        # Temporal has given this worker up, or the workflow was terminated. Unless somebody takes
        # the step up again within the lease, nobody will.
        self._reattached.discard(request.key)
        loop = asyncio.get_running_loop()
        loop.call_later(request.lease, self._give_up, request, performed)
        message = f"the worker {self._worker} had lost touch"
        raise ApplicationError(message, self._worker, type=DETACHED, non_retryable=True)

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
        folder = self._folder(request.workflow)
        folder.mkdir(parents=True, exist_ok=True)
        caller = Caller(
            self._services,
            request.workflow,
            Declared(request.secrets, frozenset(request.withheld)),
            request.environment,
            {},
            folder,
            EPOCH,
            trace_of(request.workflow, request.created_at, request.traceparent, self._sampling),
        )
        performed = Performed(caller, self._supervision)
        self._supervision.add(request.workflow, performed)
        return performed

    def _forget_some(self) -> None:
        idle = [name for name, performed in self._performed.items() if not performed]
        for name in idle[: max(0, len(self._performed) - _MOST_WORKFLOWS)]:
            del self._performed[name]
            self._supervision.remove(name)

    def _folder(self, workflow: str) -> Path:
        return self._directory / "workflows" / workflow


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
