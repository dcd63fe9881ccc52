"""A page of workflows, newest first.

Temporal's visibility says which there are, with some delay; what is listed is then asked for one by
one, so that it is what holds now.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Container

from temporalio.client import Client
from temporalio.service import RPCError

from orchestrate.cluster import names
from orchestrate.cluster.connection import refused
from orchestrate.cluster.looking import searching
from orchestrate.cluster.looking.reading import Found, Reader
from orchestrate.cluster.payloads import Data
from orchestrate.errors import NotFoundError
from orchestrate.playbook.linting.walk import walk
from orchestrate.workflow.engine import Filter, Summary

_AT_ONCE = 20
"""Workflows asked for at a time."""
_LATELY = 40
"""Numbers below the newest one that is listed which are tried if they are not."""
_AHEAD = 20
"""Numbers above the newest one known that are tried."""


async def find(client: Client, reader: Reader, which: Filter) -> list[Summary]:
    """Those that the filter lets through."""
    found: list[Summary] = []
    batch: list[str] = []
    async for identity in _ids(client, reader, which):
        if which.before is not None and number(identity) >= number(which.before):
            continue
        batch.append(identity)
        if len(batch) == _AT_ONCE:
            found += await _described(reader, batch, which)
            batch = []
            if len(found) >= which.limit:
                break
    found += await _described(reader, batch, which)
    return found[: which.limit]


async def open_now(client: Client) -> list[Data]:
    """What lists show of each workflow that is open, as visibility has it. It takes no worker."""
    query = f"WorkflowType = '{names.PLAYBOOK}' AND ExecutionStatus = 'Running'"
    found: list[Data] = []
    try:
        async for entry in client.list_workflows(query):
            kept: Data | None = (await entry.memo()).get(names.SUMMARY)
            if kept is not None:
                found.append(kept)
    except RPCError as error:
        raise refused(error) from error
    return found


def number(identity: str) -> tuple[int, int]:
    """`WF-2026-012` as year and number; what is no id of ours comes last."""
    _, _, rest = identity.partition("-")
    year, _, count = rest.partition("-")
    return (int(year), int(count)) if year.isdigit() and count.isdigit() else (0, 0)


async def _ids(client: Client, reader: Reader, which: Filter) -> AsyncIterator[str]:
    """Newest first: those that visibility knows, and those of late that it does not know yet. What
    the filter certainly does not let through may be left out.
    """
    narrowed = searching.query(which)
    try:
        if narrowed and await searching.are_registered(client):
            listed = await _listed(client, narrowed, None)
            known = {**listed, **await _listed(client, "", _AT_ONCE)}
        else:
            known = listed = await _listed(client, "", None)
    except RPCError as error:
        raise refused(error) from error
    newest = max(map(number, known), default=(0, 0))
    found = [*listed, *await _missed(reader, newest, known)]
    for identity in sorted(found, key=number, reverse=True):
        yield identity


async def _listed(client: Client, narrowed: str, limit: int | None) -> dict[str, None]:
    query = f"WorkflowType = '{names.PLAYBOOK}'{narrowed}"
    return {entry.id: None async for entry in client.list_workflows(query, limit=limit)}


async def _missed(reader: Reader, newest: tuple[int, int], listed: Container[str]) -> list[str]:
    """What there is around the newest that is listed. Numbers are not given without holes: whoever
    got one may have died before it used it.
    """
    year, last = newest
    found: list[str] = []
    for this in sorted({year, time.gmtime().tm_year} - {0}):
        at = max(1, last - _LATELY) if this == year else 1
        known = last if this == year else 0
        while at <= known + _AHEAD:
            ids = [f"WF-{this}-{count:03d}" for count in range(at, at + _AT_ONCE)]
            tried = [identity for identity in ids if identity not in listed]
            there = await asyncio.gather(*(_one(reader, identity) for identity in tried))
            fresh = [one.summary.id for one in there if one is not None]
            found += fresh
            known = max([known, *(number(identity)[1] for identity in fresh)])
            at += _AT_ONCE
    return found


async def _described(reader: Reader, batch: list[str], which: Filter) -> list[Summary]:
    asked = await asyncio.gather(*(_one(reader, identity) for identity in batch))
    return [one.summary for one in asked if one is not None and await _fits(reader, one, which)]


async def _one(reader: Reader, identity: str) -> Found | None:
    try:
        return await reader.find(identity)
    except NotFoundError:
        return None  # its retention is over


async def _fits(reader: Reader, found: Found, which: Filter) -> bool:
    summary = found.summary
    if which.states is not None and summary.state not in which.states:
        return False
    if which.playbook is not None and summary.playbook != which.playbook:
        return False
    if which.environment is not None and summary.environment != which.environment:
        return False
    if which.since is not None and summary.created_at < which.since:
        return False
    if which.label is None:
        return True
    plan = await reader.plan(found)
    return any(located.step.label == which.label for located in walk(plan))
