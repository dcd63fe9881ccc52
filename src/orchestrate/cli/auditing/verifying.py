"""`orchestrate audit verify`: whether everything that was recorded is still there, as it was."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import click

from orchestrate.app import App, open_app
from orchestrate.cli.console import err, out
from orchestrate.cli.formats import counted, dump
from orchestrate.cli.options import json_option
from orchestrate.embedded.auditing.verifying import Verification, Verified
from orchestrate.embedded.store import Store
from orchestrate.errors import ExitCode, OrchestrateError, StoreError, UsageError
from orchestrate.launching.signing import PublicKey, checkpoints_of, seal_of
from orchestrate.workflow.audit import Finding

_MOST = 100
"""Findings that are shown; all are counted."""


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
    if not Store.exists(app.project.state_dir):
        raise _nothing(checkpoints or checkpoints_of(app.project))
    with app.open_engine() as engine:
        verification = Verification(engine.store)
        findings, count = list[Finding](), 0
        for finding in chain(verification, _check_export(engine.store, exported)):
            count += 1
            if count <= _MOST:
                findings.append(finding)
        signed = _check_signatures(app, engine.store, public_key, checkpoints)
    if signed is not None:
        findings += signed[1]
        count += len(signed[1])
    figures = verification.figures
    if as_json:
        _print(findings, count, figures, signed)
    else:
        _show(findings, count, figures, signed)
    return ExitCode.FAILED if count else ExitCode.SUCCEEDED


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

    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            yield from exports.check(store, lines, str(file))
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read: {error.strerror}",
            hint="It is what `orchestrate audit export --output FILE` wrote.",
        ) from error


def _check_signatures(
    app: App, store: Store, public_key: Path | None, file: Path | None
) -> tuple[int, list[Finding]] | None:
    """How many checkpoints were verified, and what is wrong with them; None without a key."""
    seal = seal_of(app.project)
    source = public_key or (None if seal is None else seal.key)
    path = file or checkpoints_of(app.project)
    if source is None:
        if file is not None or path.exists():
            err.line(f"the checkpoints in {path} are not verified: say --public-key FILE")
        return None
    from orchestrate.embedded.auditing import signatures

    if file is not None and not file.is_file():
        raise UsageError(f"there is no file {file}", hint="It holds the signed checkpoints.")
    found = signatures.check(store, path, PublicKey.read(source))
    findings = list(found.findings)
    if found.amount == 0 and not findings and (public_key is not None or file is not None):
        said = f"{path} has no checkpoint that this key has signed"
        findings.append(Finding("unsigned", said))
    return found.amount, findings


def _show(
    findings: list[Finding], count: int, figures: Verified, signed: tuple[int, list[Finding]] | None
) -> None:
    for finding in findings:
        where = f"{finding.workflow}: " if finding.workflow else ""
        out.line(f"✗ {finding.kind}: {where}{finding.message}")
    if count > len(findings):
        out.line(f"… and {count - len(findings)} more")
    looked = (
        f"{counted(figures.events, 'event')} of {counted(figures.workflows, 'workflow')}, "
        f"{counted(figures.actions, 'action')}"
    )
    if signed is not None:
        looked += f", {counted(signed[0], 'signed checkpoint')}"
    if count:
        out.line(f"✗ {counted(count, 'finding')} in {looked}")
        err.line("docs/audit.md tells what each means; keep a copy of the store before you mend it")
    else:
        out.line(f"✓ {looked}: all as it was recorded")
        out.line(f"  action {figures.head.number} has the digest {figures.head.hash.hex()}")


def _print(
    findings: list[Finding], count: int, figures: Verified, signed: tuple[int, list[Finding]] | None
) -> None:
    body = {
        "sound": count == 0,
        "findings": [
            {key: value for key, value in finding._asdict().items() if value not in ("", None)}
            for finding in findings
        ],
        "found": count,
        "workflows": figures.workflows,
        "events": figures.events,
        "actions": figures.actions,
        "checkpoints": None if signed is None else signed[0],
        "head": {"action": figures.head.number, "hash": figures.head.hash.hex()},
    }
    out.line(dump(body, indent=2))
