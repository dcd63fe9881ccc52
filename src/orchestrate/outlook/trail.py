"""The audit of a project, wherever its workflows run: what people did, and everything."""

import heapq
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from orchestrate.app import App
from orchestrate.embedded.auditing import trail
from orchestrate.embedded.auditing.trail import Wanted
from orchestrate.embedded.store import Store
from orchestrate.errors import NotFoundError
from orchestrate.workflow.audit import Entry
from orchestrate.workflow.engine import Filter
from orchestrate.workflow.events import ACTIONS

if TYPE_CHECKING:
    from orchestrate.cluster.engine import ClusterEngine

_LATELY = 100
"""Workflows that are looked at, the newest ones, unless one is named."""


@contextmanager
def done(app: App, wanted: Wanted) -> Generator[Iterator[Entry]]:
    """What people and triggers did, the latest first. On a cluster with what was done on this
    machine beside workflows: to tokens, to playbooks.
    """
    if app.project.settings.cluster is None:
        with app.open_engine() as engine:
            yield trail.recent(engine.store, wanted)
        return
    store = Store(app.project.state_dir, app.project.settings.state_group)
    try:
        here = trail.recent(store, wanted) if wanted.workflow is None else iter(())
        with app.open_cluster() as engine:
            yield heapq.merge(recent(engine, wanted), here, key=lambda entry: -entry.at)
    finally:
        store.close()


@contextmanager
def recorded(app: App, wanted: Wanted) -> Generator[Iterator[Entry]]:
    """Every action and every event."""
    if app.project.settings.cluster is None:
        with app.open_engine() as engine:
            yield trail.everything(engine.store, wanted)
        return
    with app.open_cluster() as engine:
        yield everything(engine, wanted)


def recent(engine: "ClusterEngine", wanted: Wanted) -> Iterator[Entry]:
    """What people and triggers did in workflows of a cluster and beside them, the latest first."""
    from orchestrate.cluster.auditing.journals import Journals

    journals, named = Journals(engine.connection), wanted.workflow
    which = [named] if named is not None else [one.id for one in engine.find(Filter(limit=_LATELY))]
    found = [
        entry
        for workflow in which
        for entry in journals.entries(workflow)
        if entry.action in ACTIONS and wanted.admits(entry)
    ]
    if named is None:
        found += filter(wanted.admits, journals.actions()[0].entries())
    return iter(sorted(found, key=lambda one: -one.at))


def everything(engine: "ClusterEngine", wanted: Wanted) -> Iterator[Entry]:
    """All that a cluster knows: actions beside workflows, then journal after journal."""
    from orchestrate.cluster.auditing.journals import Journals

    journals, named = Journals(engine.connection), wanted.workflow
    if named is None:
        yield from filter(wanted.admits, journals.actions()[0].entries())
    for workflow in [named] if named is not None else journals.runs():
        try:
            yield from filter(wanted.admits, journals.entries(workflow))
        except NotFoundError:
            continue  # its retention is over
