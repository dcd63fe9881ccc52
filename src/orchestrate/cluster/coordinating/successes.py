"""Whether a playbook, as it is now, has succeeded somewhere before. Memos tell, for as long as
Temporal keeps workflows that have ended.
"""

from typing import Any

from temporalio.client import Client

from orchestrate.cluster import names
from orchestrate.cluster.looking import listing
from orchestrate.cluster.looking.reading import Found, Reader
from orchestrate.cluster.payloads import Data
from orchestrate.errors import NotFoundError
from orchestrate.playbook.plan import Plan
from orchestrate.workflow.engine import Filter
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.program import RunOptions

_MOST = 200
"""Successes of a playbook that are looked at, the newest."""
PLAN, WHOLE = "plan", "whole"
"""What the memo tells of it: the digest of the plan, and whether nothing of it is left out."""


def told(plan: Plan, options: RunOptions) -> Data:
    """What the memo of a new workflow tells."""
    return {PLAN: plan.digest, WHOLE: not options.only and not options.skip}


async def told_before(found: Found) -> Data:
    """What the memo of a workflow told when it closed."""
    memo: dict[str, Any] = (await found.description.memo()).get(names.SUMMARY, {})
    return {PLAN: memo.get(PLAN), WHOLE: memo.get(WHOLE, False)}


async def has_succeeded(client: Client, reader: Reader, plan: Plan, environment: str) -> bool:
    """The whole of this very playbook, as it was when it started."""
    which = Filter(
        states=(State.SUCCEEDED,), playbook=plan.name, environment=environment, limit=_MOST
    )
    for summary in await listing.find(client, reader, which):
        try:
            before = await told_before(await reader.find(summary.id))
        except NotFoundError:
            continue  # its retention has just ended
        if before[WHOLE] and before[PLAN] == plan.digest:
            return True
    return False
