"""`orchestrate audit` on a cluster: from the journals that Temporal has."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

from orchestrate.app import App
from orchestrate.cli.auditing.concluding import MOST, Looked, conclude
from orchestrate.cli.auditing.verifying import key_and_file, none_signed, reading
from orchestrate.cluster.auditing import checkpoints
from orchestrate.cluster.auditing.journals import Journals
from orchestrate.cluster.auditing.verifying import (
    Expectations,
    Verification,
    exported_before,
    signed_before,
)
from orchestrate.cluster.engine import ClusterEngine
from orchestrate.embedded.auditing.trail import Wanted
from orchestrate.errors import NotFoundError
from orchestrate.launching.signing import Seal
from orchestrate.workflow.audit import Entry, Finding
from orchestrate.workflow.engine import Filter
from orchestrate.workflow.events import ACTIONS

_LATELY = 100
"""Workflows that are looked at, the newest ones, unless one is named."""


def recent(engine: ClusterEngine, wanted: Wanted) -> Iterator[Entry]:
    """What people and triggers did, the latest first."""
    journals, named = Journals(engine.connection), wanted.workflow
    which = [named] if named is not None else [one.id for one in engine.find(Filter(limit=_LATELY))]
    found = [
        entry
        for workflow in which
        for entry in journals.entries(workflow)
        if entry.action in ACTIONS and wanted.admits(entry)
    ]
    return iter(sorted(found, key=lambda one: -one.at))


def everything(engine: ClusterEngine, wanted: Wanted) -> Iterator[Entry]:
    """All events, journal after journal."""
    journals, named = Journals(engine.connection), wanted.workflow
    for workflow in [named] if named is not None else journals.runs():
        try:
            yield from filter(wanted.admits, journals.entries(workflow))
        except NotFoundError:
            continue  # its retention is over


def sign_cluster(app: App, seal: Seal) -> checkpoints.Checkpoint:
    """Sign how far all journals went."""
    with app.open_cluster() as engine:
        namespace = engine.connection.client.namespace
        return checkpoints.sign(Journals(engine.connection), namespace, seal)


def verify_cluster(
    app: App, public_key: Path | None, file: Path | None, exported: Path | None, *, as_json: bool
) -> int:
    """Verify everything; the exit code."""
    key, path = key_and_file(app, public_key, file)
    findings: list[Finding] = []
    count = 0
    with app.open_cluster() as engine, ExitStack() as opened:
        client = engine.connection.client
        signed = None if key is None else checkpoints.read(path, key, client.namespace)
        expected: Expectations = {} if signed is None else signed_before(signed)
        early: list[Finding] = [] if signed is None else list(signed.findings)
        if signed is not None and not (signed.amount or early) and (public_key or file):
            early.append(none_signed(path))
        if exported is not None:
            lines = opened.enter_context(reading(exported))
            early += exported_before(lines, str(exported), expected)
        verification = Verification(Journals(engine.connection), expected)
        for finding in chain(early, verification):
            count += 1
            if count <= MOST:
                findings.append(finding)
    checkpointed = None if signed is None else signed.amount
    looked = Looked(verification.workflows, verification.events, None, checkpointed, None)
    return conclude(findings, count, looked, as_json=as_json)
