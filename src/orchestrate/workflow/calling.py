"""A step that calls a command: attempts, retries, and outcomes that nobody knows."""

from orchestrate.playbook.plan import Command, Retry, Script, Shell, Step
from orchestrate.workflow.attempts import Ended, MismatchError, Request
from orchestrate.workflow.calls import render_call, render_number, render_pool
from orchestrate.workflow.ending import Why
from orchestrate.workflow.frames import Frame
from orchestrate.workflow.kinds import ends_with_success, is_plain
from orchestrate.workflow.outcomes import Outcome, Status
from orchestrate.workflow.parking import MISMATCH, SURVIVORS, UNKNOWN
from orchestrate.workflow.results import Failure, Result, from_outcome
from orchestrate.workflow.scope import Cancelled

_CHOICES = ("rerun", "skip", "fail")


async def run_call(frame: Frame, step: Step, action: Command | Shell | Script, path: str) -> Result:
    """Perform the call, again if `retry` says so, until it is over."""
    calling = _Calling(frame, step, path)
    try:
        while True:
            result = await calling.attempt(action)
            if not calling.may_retry(result.status, result.exit_code):
                return result
            await pause_before_retry(frame, step.retry, path, calling.tries)
    except Cancelled:
        return calling.cancelled


async def run_probe(
    frame: Frame, step: Step, action: Command | Shell | Script, path: str, after: int
) -> Result:
    """One call inside a step that goes on after it; `after`: how many attempts there were."""
    calling = _Calling(frame, step, path, number=after, is_whole=False)
    return await calling.attempt(action)


async def pause_before_retry(frame: Frame, retry: Retry, path: str, tries: int) -> None:
    """Wait until the next try is due; the moment counts as it was when it was first computed."""
    delay = render_number(frame, retry.delay, "retry.delay") if retry.delay != 0 else 0.0
    if delay <= 0:
        return
    runtime = frame.run.runtime

    def due() -> float:
        seconds = delay * retry.backoff ** (tries - 1)
        if retry.max_delay is not None:
            seconds = min(seconds, retry.max_delay)
        if retry.jitter:
            seconds += seconds * retry.jitter * (2 * runtime.random() - 1)
        return runtime.now() + seconds

    await frame.run.timers.reach(frame.scope, path, f"retry-{tries}", due)


def tries_allowed(frame: Frame, retry: Retry) -> int:
    """How often a step may be tried in all."""
    if not isinstance(retry.attempts, int):
        return max(1, int(render_number(frame, retry.attempts, "retry.attempts")))
    return retry.attempts


class _Calling:
    """The attempts of one step so far. `number` counts all of them, `tries` those that count
    against `retry`: an attempt that is repeated after a pause or a crash does not.
    """

    __slots__ = (
        "_allowed",
        "_begun",
        "_doubt",
        "_ends_step",
        "_frame",
        "_number",
        "_path",
        "_step",
        "_success_ends_step",
        "tries",
    )

    def __init__(
        self, frame: Frame, step: Step, path: str, *, number: int = 0, is_whole: bool = True
    ) -> None:
        self._frame = frame
        self._step = step
        self._path = path
        self._allowed = tries_allowed(frame, step.retry)
        self._number = self._begun = number
        self._doubt = ""
        self._ends_step = is_whole and is_plain(step)
        self._success_ends_step = is_whole and ends_with_success(step)
        self.tries = 0

    @property
    def cancelled(self) -> Result:
        """Its result if it was cancelled between attempts, or before somebody decided."""
        return Result(Status.CANCELLED, attempts=self._begun, doubt=self._doubt)

    def may_retry(self, status: Status, exit_code: int | None) -> bool:
        if status is not Status.FAILED and status is not Status.TIMED_OUT:
            return False
        if self.tries >= self._allowed or self._frame.scope.cancelled:
            return False
        codes = self._step.retry.on_exit_codes
        return codes is None or exit_code in codes

    def _ends(self, outcome: Outcome) -> bool:
        if outcome.survivors or outcome.status is Status.UNKNOWN:
            return False
        if outcome.status is Status.SUCCEEDED:
            return self._success_ends_step
        if not self._ends_step:
            return False
        return not self.may_retry(outcome.status, outcome.exit_code)

    async def attempt(self, action: Command | Shell | Script) -> Result:
        """One try: an attempt whose outcome is known, or about which somebody decided."""
        self.tries += 1
        request = self._request(action)
        while True:
            self._number += 1
            ended = await self._perform(request)
            self._begun = self._number
            if isinstance(ended, Result):
                return ended
            if ended.again:
                request.of += 1
                continue
            result = await self._settle(ended)
            if result is not None:
                return result
            request.of += 1

    def _request(self, action: Command | Shell | Script) -> Request:
        frame, step = self._frame, self._step
        timeout = None
        if step.timeout is not None:
            timeout = render_number(frame, step.timeout, "timeout")
        return Request(
            step,
            self._path,
            render_call(frame, step, action),
            timeout,
            self._allowed + self._number - self.tries + 1,
            self._ends,
            frame.playbook.parameters,
            frame.playbook.secret_parameters,
            frame.run.claims.tokens(self._path),
            render_pool(frame, step),
        )

    async def _perform(self, request: Request) -> Ended | Result:
        attempts, scope = self._frame.run.attempts, self._frame.scope
        try:
            return await attempts.perform(scope, request, self._number)
        except MismatchError as mismatch:
            message = str(mismatch)
        choice = await self._frame.run.parking.ask(
            scope, self._path, MISMATCH, message, ("keep", *_CHOICES)
        )
        ended = await attempts.settle_mismatch(scope, request, self._number, keep=choice == "keep")
        if choice == "keep":
            return ended
        if choice == "rerun":
            ended.again = True
            return ended
        return self._decided(choice, ended, message)

    async def _settle(self, ended: Ended) -> Result | None:
        """The result of an attempt; None if it is to be performed again."""
        outcome = ended.outcome
        if outcome.status is Status.UNKNOWN:
            return await self._settle_unknown(ended)
        if outcome.survivors:
            names = ", ".join(outcome.survivors)
            return await self._ask(ended, SURVIVORS, f"could not be stopped: {names}")
        return from_outcome(outcome, self._path, self._number, ended.seq, recorded=ended.final)

    async def _settle_unknown(self, ended: Ended) -> Result | None:
        idempotent = self._step.idempotent
        repeatable = ended.outcome.read_only if idempotent is None else idempotent
        if repeatable:
            if self._frame.scope.cancelled:
                return Result(Status.CANCELLED, attempts=self._number)
            return None
        why = ended.outcome.message or "the supervisor or the machine that ran it is gone"
        return await self._ask(ended, UNKNOWN, f"nobody knows how it ended: {why}")

    async def _ask(self, ended: Ended, subject: str, message: str) -> Result | None:
        run, scope = self._frame.run, self._frame.scope
        self._doubt = message
        if scope.cancelled:
            if not self._is_undone():
                run.need_attention(self._path, message)
            return self.cancelled._replace(message=message)
        choice = await run.parking.ask(scope, self._path, subject, message, _CHOICES)
        self._doubt = ""
        return None if choice == "rerun" else self._decided(choice, ended, message)

    def _is_undone(self) -> bool:
        """Whether its transaction will ask what to do about it."""
        if self._frame.undo is None or not self._step.compensate:
            return False
        return self._frame.run.ending.why is not Why.COMPLETION

    def _decided(self, choice: str, ended: Ended, message: str) -> Result:
        if choice == "skip":
            return Result(Status.SKIPPED, message=message, attempts=self._number)
        exit_code = ended.outcome.exit_code
        failure = Failure(self._path, message, exit_code, ended.seq)
        # The person's word is final: what counts as failed by decision is not tried again.
        self.tries = max(self.tries, self._allowed)
        return Result(
            Status.FAILED, exit_code, message=message, attempts=self._number, failure=failure
        )
