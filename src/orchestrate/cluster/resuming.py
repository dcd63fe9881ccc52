"""The Temporal workflow that lets a closed workflow go on: one for each of its ends.

Its id is made of the run that closed, and is never used again. So of all who resume the same end,
at whatever time, one wins; and what that one wanted happens even if it is killed meanwhile.
"""

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.workflow import ParentClosePolicy

from orchestrate.cluster import names
from orchestrate.cluster.payloads import Data


def resumption(identity: str, run: str) -> str:
    """The id of the workflow that lets `identity` go on after its run `run`."""
    return f"{identity}.after-{run}"


@workflow.defn(name=names.RESUME)
class ResumeWorkflow:
    """Starts the next run."""

    @workflow.run
    async def run(self, about: Data, plan: bytes, journal: bytes, memo: Data) -> None:
        """The arguments of the next run, and what lists show of it."""
        await workflow.start_child_workflow(
            names.PLAYBOOK,
            args=[about, plan, journal],
            id=about["workflow"],
            task_queue=names.playbook_queue(),
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            parent_close_policy=ParentClosePolicy.ABANDON,
            memo={names.SUMMARY: memo},
            static_summary=summary(memo),
        )


def summary(memo: Data) -> str:
    """What Temporal's own tools show beside the id."""
    return f"{memo['playbook']} ({memo['environment']})"
