"""What a server and its namespace lack: nothing that keeps workflows from running."""

import math
import re
from collections.abc import AsyncIterator

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from orchestrate.cluster.errors import PATIENCE
from orchestrate.cluster.looking import searching
from orchestrate.cluster.roster.versions import Warned

_TESTED = (1, 29)
"""The server of the tests."""
_DAY = 86400


async def shortcomings(
    client: Client, version: str, retention_days: float
) -> AsyncIterator[Warned]:
    """All of them. `version`: the server's; `retention_days`: for how long the project wants to
    look back.
    """
    for found in (
        _old(version),
        _forgets(await _kept_for(client), retention_days, client.namespace),
        None if await searching.are_registered(client) else _SLOW_LISTS,
    ):
        if found is not None:
            yield found


_SLOW_LISTS = Warned(
    "the namespace has no search attributes: lists with filters look at every workflow",
    "Whoever may do that has them registered: `orchestrate doctor --register-search-attributes`.",
)


def _old(version: str) -> Warned | None:
    found = re.match(r"(\d+)\.(\d+)", version)
    if found is None or (int(found[1]), int(found[2])) >= _TESTED:
        return None
    tested = ".".join(map(str, _TESTED))
    return Warned(
        f"the server is Temporal {version}; the oldest one that this program is tested with is "
        f"{tested}",
        "Upgrade the server, one minor version after the other, as Temporal's documentation says.",
    )


def _forgets(kept: int | None, retention_days: float, namespace: str) -> Warned | None:
    if kept is None or kept >= retention_days:
        return None
    days = "1 day" if kept == 1 else f"{kept} days"
    return Warned(
        f"the namespace forgets workflows {days} after their end; `[state] retention_days` is "
        f"{retention_days}",
        f"`temporal operator namespace update --namespace {namespace} --retention "
        f"{math.ceil(retention_days)}d`; or set retention_days = {kept or 1}.",
    )


async def _kept_for(client: Client) -> int | None:
    """Whole days; None if whoever asks may not know it."""
    request = DescribeNamespaceRequest(namespace=client.namespace)
    try:
        found = await client.workflow_service.describe_namespace(request, timeout=PATIENCE)
    except RPCError:
        return None
    return found.config.workflow_execution_retention_ttl.seconds // _DAY
