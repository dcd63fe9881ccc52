"""The audit of a cluster: what people and triggers did to workflows, from the journals of these."""

from collections.abc import Iterator

from orchestrate.embedded.auditing.trail import Wanted
from orchestrate.workflow.audit import Entry, entry_of_event
from orchestrate.workflow.engine import Engine, Filter
from orchestrate.workflow.events import ACTIONS
from orchestrate.workflow.standing import all_events

NO_CHAIN = (
    "On a cluster there is no chain of digests: whoever administers Temporal could write anything. "
    "`orchestrate audit` lists what was done."
)
MOST = 100
"""Workflows that are looked at, the newest ones, unless one is named."""


def recent(engine: Engine, wanted: Wanted) -> Iterator[Entry]:
    """The latest first."""
    named = wanted.workflow
    which = [named] if named is not None else [one.id for one in engine.find(Filter(limit=MOST))]
    found = [
        entry_of_event(workflow, event, "")
        for workflow in which
        for event in all_events(engine, workflow)
        if event.type in ACTIONS
    ]
    return (entry for entry in sorted(found, key=lambda one: -one.at) if wanted.admits(entry))
