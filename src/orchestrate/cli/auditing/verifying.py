"""`orchestrate audit verify`: whether everything that was recorded is still there, as it was."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TextIO

import click

from orchestrate.app import App, open_app
from orchestrate.cli.auditing.concluding import MOST, Looked, conclude
from orchestrate.cli.console import err
from orchestrate.cli.options import json_option
from orchestrate.embedded.auditing.verifying import Verification
from orchestrate.embedded.store import Store
from orchestrate.errors import OrchestrateError, StoreError, UsageError
from orchestrate.launching.signing import PublicKey, checkpoints_of, seal_of
from orchestrate.workflow.audit import Finding


@click.command()
@click.option("--public-key", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Verify signed checkpoints, too. Default: the key of [audit].")  # fmt: skip
@click.option("--checkpoints", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="The signed checkpoints, such as a copy that is kept elsewhere.")  # fmt: skip
@click.option("--exported", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Compare with what `audit export` wrote earlier (JSON lines).")  # fmt: skip
@json_option
def verify(
    *, public_key: Path | None, checkpoints: Path | None, exported: Path | None, as_json: bool
) -> int:
    """Find rows that were changed, removed, moved or added: exit code 1 if any were."""
    app = open_app()
    if app.project.settings.cluster is not None:
        from orchestrate.cli.auditing.cluster import verify_cluster

        return verify_cluster(app, public_key, checkpoints, exported, as_json=as_json)
    if not Store.exists(app.project.state_dir):
        raise _nothing(checkpoints or checkpoints_of(app.project))
    with app.open_engine() as engine:
        verification = Verification(engine.store)
        findings, count = list[Finding](), 0
        for finding in chain(verification, _check_export(engine.store, exported)):
            count += 1
            if count <= MOST:
                findings.append(finding)
        signed = _check_signatures(app, engine.store, public_key, checkpoints)
    if signed is not None:
        findings += signed[1]
        count += len(signed[1])
    figures, checkpointed = verification.figures, None if signed is None else signed[0]
    looked = Looked(figures.workflows, figures.events, figures.actions, checkpointed, figures.head)
    return conclude(findings, count, looked, as_json=as_json)


def _nothing(checkpoints: Path) -> OrchestrateError:
    """There is no store: none yet, or no longer."""
    if checkpoints.exists():
        return StoreError(
            f"there is no store, although checkpoints were signed: {checkpoints}",
            hint="Restore a backup with `orchestrate state restore FILE`.",
        )
    return UsageError("nothing was ever recorded here", hint="There is nothing to verify.")


def _check_export(store: Store, file: Path | None) -> Iterator[Finding]:
    if file is None:
        return
    from orchestrate.embedded.auditing import exports

    with reading(file) as lines:
        yield from exports.check(store, lines, str(file))


@contextmanager
def reading(file: Path) -> Generator[TextIO]:
    """An export, to be compared. Raises UsageError."""
    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            yield lines
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read: {error.strerror}",
            hint="It is what `orchestrate audit export --output FILE` wrote.",
        ) from error


def _check_signatures(
    app: App, store: Store, public_key: Path | None, file: Path | None
) -> tuple[int, list[Finding]] | None:
    """How many checkpoints were verified, and what is wrong with them; None without a key."""
    key, path = key_and_file(app, public_key, file)
    if key is None:
        return None
    from orchestrate.embedded.auditing import signatures

    found = signatures.check(store, path, key)
    findings = list(found.findings)
    if found.amount == 0 and not findings and (public_key is not None or file is not None):
        findings.append(none_signed(path))
    return found.amount, findings


def key_and_file(
    app: App, public_key: Path | None, file: Path | None
) -> tuple[PublicKey | None, Path]:
    """With which key checkpoints are verified, None if there is none, and where they are."""
    seal = seal_of(app.project)
    source = public_key or (None if seal is None else seal.key)
    path = file or checkpoints_of(app.project)
    if source is None:
        if file is not None or path.exists():
            err.line(f"the checkpoints in {path} are not verified: say --public-key FILE")
        return None, path
    if file is not None and not file.is_file():
        raise UsageError(f"there is no file {file}", hint="It holds the signed checkpoints.")
    return PublicKey.read(source), path


def none_signed(path: Path) -> Finding:
    """Somebody asked for checkpoints to be verified, and there are none."""
    return Finding("unsigned", f"{path} has no checkpoint that this key has signed")
