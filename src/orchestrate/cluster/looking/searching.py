"""Search attributes: with them a list of some workflows takes no look at all of them. Somebody who
may registers them; without them everything works, too.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate, TypedSearchAttributes
from temporalio.service import RPCError

from orchestrate.cluster.errors import PATIENCE, refused
from orchestrate.workflow.engine import Filter

_KEYS = {
    field: SearchAttributeKey.for_keyword(f"Orchestrate{field.capitalize()}")
    for field in ("playbook", "environment", "state")
}
"""By what lists show."""
_SETTLED = 600.0
"""Seconds after which visibility knows how something closed, clocks that differ included."""


async def are_registered(client: Client) -> bool:
    """Whether they can be used. Who may not ask has none."""
    try:
        return not await _missing(client)
    except RPCError:
        return False


async def register(client: Client) -> list[str]:
    """Register those that are missing; their names are given. Raises ClusterError."""
    try:
        missing = await _missing(client)
        if missing:
            kind = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
            request = AddSearchAttributesRequest(
                namespace=client.namespace, search_attributes=dict.fromkeys(missing, kind)
            )
            await client.operator_service.add_search_attributes(request, timeout=PATIENCE)
    except RPCError as error:
        raise refused(error) from error
    return missing


async def _missing(client: Client) -> list[str]:
    request = ListSearchAttributesRequest(namespace=client.namespace)
    found = await client.operator_service.list_search_attributes(request, timeout=PATIENCE)
    return [key.name for key in _KEYS.values() if key.name not in found.custom_attributes]


def updates(
    shown: Mapping[str, Any], known: TypedSearchAttributes
) -> list[SearchAttributeUpdate[Any]]:
    """What is news of what lists show of a workflow."""
    return [
        key.value_set(str(shown[field]))
        for field, key in _KEYS.items()
        if known.get(key) != str(shown[field])
    ]


def query(which: Filter) -> str:
    """The part of a query that leaves out what a filter certainly does not let through: never what
    has none of these attributes, nor what may have changed since visibility heard of it.
    """
    return "".join(_conditions(which))


def _conditions(which: Filter) -> Iterator[str]:
    for field, wanted in (("playbook", which.playbook), ("environment", which.environment)):
        if wanted is not None:
            yield f" AND {_is_one_of(field, [wanted])}"
    if which.states is not None:
        lately = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - _SETTLED))
        changing = f"ExecutionStatus = 'Running' OR CloseTime > '{lately}'"
        yield f" AND ({changing} OR {_is_one_of('state', map(str, which.states))})"


def _is_one_of(field: str, values: Iterable[str]) -> str:
    name = _KEYS[field].name
    quoted = ", ".join("'{}'".format(value.replace("'", "''")) for value in values)
    return f"({name} IS NULL OR {name} IN ({quoted}))"
