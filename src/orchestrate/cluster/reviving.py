"""In a workflow: a workflow that never ends, and that somebody ended, is made again."""

from typing import Any

from temporalio import workflow
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from orchestrate.cluster import names


async def revive(kind: str) -> None:
    """Start the one of that kind, which is its id. What it knew is lost."""
    given: list[Any] = [b""]
    try:
        await workflow.start_child_workflow(
            kind,
            args=given,
            id=kind,
            task_queue=names.QUEUE,
            parent_close_policy=ParentClosePolicy.ABANDON,
        )
    except WorkflowAlreadyStartedError:
        return  # another one was faster
