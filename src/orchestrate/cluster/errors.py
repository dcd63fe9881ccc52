"""What goes wrong with a cluster."""

from datetime import timedelta

from temporalio.service import RPCError, RPCStatusCode

from orchestrate.errors import OrchestrateError

PATIENCE = timedelta(seconds=15)
"""For one request to the server; one that needs a worker waits that long for it."""


class ClusterError(OrchestrateError):
    """The Temporal server, or the workers, cannot be reached or refuse."""

    code = "cluster"


def first_line(error: BaseException) -> str:
    """What an error says, without what follows."""
    return next(iter(str(error).splitlines()), "") or "no answer"


def is_missing(error: RPCError) -> bool:
    """Whether what was asked about does not exist, or has closed."""
    return error.status is RPCStatusCode.NOT_FOUND


def refused(error: RPCError) -> ClusterError:
    """What a server said that nobody expected."""
    if error.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
        return no_worker()
    return ClusterError(
        f"the Temporal server refuses: {first_line(error)}",
        hint="See its log; `orchestrate doctor` checks the connection.",
    )


def no_worker() -> ClusterError:
    """Nobody answered in time."""
    return ClusterError(
        "no worker answers",
        hint="Start one with `orchestrate worker` on a machine that has this project, "
        "or see why those that run are busy.",
    )
