"""Temporal's SDK takes an activation of more than two seconds for a deadlock, and does it again.

A workflow of ours stops by itself after a share of work, which takes a twentieth of that. On a
machine with thirty busy processes for each processor that is not enough. The server waits for ten
seconds, then gives the task to another worker. The SDK has no setting for it, so its own variable
is set; a version that has none keeps its two seconds.
"""

from temporalio.worker import Worker

_SECONDS = 8.0


def patient(worker: Worker) -> Worker:
    """The same worker."""
    hosting = vars(worker).get("_workflow_worker")
    if hosting is not None and "_deadlock_timeout_seconds" in vars(hosting):
        vars(hosting)["_deadlock_timeout_seconds"] = _SECONDS
    return worker
