"""What goes wrong with a cluster."""

from datetime import timedelta

from temporalio.service import RPCError, RPCStatusCode

from orchestrate.errors import OrchestrateError

PATIENCE = timedelta(seconds=15)
"""For one request to the server; one that needs a worker waits that long for it."""
_SILENT = frozenset({RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED})


_NOT_LET_IN = frozenset({RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNAUTHENTICATED})


class ClusterError(OrchestrateError):
    """The Temporal server, or the workers, cannot be reached or refuse."""

    code = "cluster"


class UnansweredError(ClusterError):
    """The server answers, and no worker does: they are busy, or away, or there are none."""


def first_line(error: BaseException) -> str:
    """What an error says, without what follows."""
    return next(iter(str(error).splitlines()), "") or "no answer"


def is_missing(error: RPCError) -> bool:
    """Whether what was asked about does not exist, or has closed."""
    return error.status is RPCStatusCode.NOT_FOUND


def has_no_namespace(error: RPCError) -> bool:
    """Whether it is the namespace that does not exist: then all that is asked about is missing."""
    status = error.grpc_status
    return any(one.type_url.endswith(".NamespaceNotFoundFailure") for one in status.details)


def is_away(error: RPCError) -> bool:
    """Whether the server said nothing, or could not be reached: it may answer later."""
    return error.status in _SILENT or error.status is RPCStatusCode.UNAVAILABLE


def refused(error: RPCError) -> ClusterError:
    """What a server said that nobody expected, or that it said nothing."""
    hint = "See its log; `orchestrate doctor` checks the connection."
    if error.status in _SILENT:
        return ClusterError("the Temporal server does not answer", hint=hint)
    if error.status is RPCStatusCode.UNAVAILABLE:
        said = first_line(error)
        return ClusterError(f"the Temporal server cannot be reached: {said}", hint=hint)
    if error.status in _NOT_LET_IN:
        hint = "What `[engine]` says of keys and certificates may be meant for another namespace."
    elif error.status is RPCStatusCode.UNIMPLEMENTED:
        hint = "It may be too old: `orchestrate doctor` shows its version, and which are tested."
    return ClusterError(f"the Temporal server refuses: {first_line(error)}", hint=hint)


def unanswered(error: RPCError) -> ClusterError:
    """The same, of what a worker would have answered."""
    return no_worker() if error.status in _SILENT else refused(error)


def no_worker() -> UnansweredError:
    """Nobody answered in time."""
    return UnansweredError(
        "no worker answers",
        hint="Start one with `orchestrate worker` on a machine that has this project, "
        "or see why those that run are busy.",
    )
