"""How a workflow has ended, once nothing of it runs any more."""

from collections.abc import Mapping
from typing import NamedTuple

from orchestrate.playbook.plan import Json
from orchestrate.workflow.ending import Why
from orchestrate.workflow.events import Event
from orchestrate.workflow.outcomes import State, Status
from orchestrate.workflow.results import Result
from orchestrate.workflow.run import Run


class Final(NamedTuple):
    """How a workflow ended. `error` has step, message, exit_code and timed_out, or is None."""

    state: State
    error: Mapping[str, Json] | None
    outputs: Mapping[str, Json]


def verdict(run: Run, result: Result) -> tuple[State, Mapping[str, Json] | None]:
    """State and error of a run whose steps ended with `result`."""
    why, message = run.ending.why, run.ending.message
    failure = result.failure
    error: dict[str, Json] | None = None
    if failure is not None and result.failed:
        error = {**failure.to_error(), "timed_out": False}
    match why:
        case None:
            ended = State.FAILED if result.failed else State.SUCCEEDED
            if result.status is Status.CANCELLED:
                ended = State.CANCELLED
        case Why.CANCEL:
            ended, error = State.CANCELLED, _error(message)
        case Why.TIMEOUT:
            ended, error = State.FAILED, {**_error(message), "timed_out": True}
        case Why.COMPLETION:
            ended, error = State.COMPLETED, None
    if run.ending.hard or run.attention:
        reasons = run.attention or [run.root.reason or "the clean-up was stopped"]
        timed_out = why is Why.TIMEOUT
        return State.NEEDS_ATTENTION, {**_error("; ".join(reasons)), "timed_out": timed_out}
    return ended, error


def _error(message: str) -> dict[str, Json]:
    return {"step": "", "message": message, "exit_code": None, "timed_out": False}


def final_of(event: Event) -> Final:
    """The end that a `workflow_finished` event tells of."""
    error, outputs = event.data.get("error"), event.data.get("outputs")
    return Final(
        State(str(event.data["state"])),
        error if isinstance(error, Mapping) else None,
        outputs if isinstance(outputs, Mapping) else {},
    )
