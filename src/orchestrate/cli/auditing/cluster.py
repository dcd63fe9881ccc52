"""`orchestrate audit` on a cluster: from the journals that Temporal has."""

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
from orchestrate.launching.signing import Seal
from orchestrate.workflow.audit import Finding


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
