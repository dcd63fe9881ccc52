"""Whether all that a project recorded is still there as it was, wherever its workflows run."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TextIO

from orchestrate.app import App
from orchestrate.embedded.actions import Head
from orchestrate.embedded.auditing.verifying import Verification
from orchestrate.embedded.store import Store
from orchestrate.errors import OrchestrateError, StoreError, UsageError
from orchestrate.launching.signing import PublicKey, checkpoints_of, seal_of
from orchestrate.playbook.plan import Json
from orchestrate.workflow.audit import Finding

MOST = 100
"""Findings that are kept; all are counted."""


class Compared(NamedTuple):
    """With what it is compared, beside itself. `public_key` None: the key of `[audit]`; then
    `checkpoints` None: those of the project. `exported`: what `audit export` wrote earlier.
    """

    public_key: Path | None = None
    checkpoints: Path | None = None
    exported: Path | None = None


class Verdict(NamedTuple):
    """What was found, and at how much it was looked."""

    findings: Sequence[Finding]
    """The first ones."""
    found: int
    """How many there are in all."""
    workflows: int
    events: int
    actions: int
    checkpoints: int | None
    """None: there was no key to verify them with."""
    head: Head | None
    """The last action."""
    unverified: Path | None
    """Signed checkpoints that were left out, as there was no key."""

    def to_json(self) -> dict[str, Json]:
        """As in `audit verify --json`."""
        head = self.head
        return {
            "sound": self.found == 0,
            "findings": [
                {key: value for key, value in one._asdict().items() if value not in ("", None)}
                for one in self.findings
            ],
            "found": self.found,
            "workflows": self.workflows,
            "events": self.events,
            "actions": self.actions,
            "checkpoints": self.checkpoints,
            "head": None if head is None else {"action": head.number, "hash": head.hash.hex()},
        }


class _Found:
    """Findings, of which only the first are kept."""

    def __init__(self) -> None:
        self.kept: list[Finding] = []
        self.count = 0

    def take(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.count += 1
            if self.count <= MOST:
                self.kept.append(finding)


def verify(app: App, compared: Compared) -> Verdict:
    """Look at all of it. Raises UsageError if nothing was ever recorded."""
    if app.project.settings.cluster is not None:
        return _verify_cluster(app, compared)
    if not Store.exists(app.project.state_dir):
        raise _nothing(compared.checkpoints or checkpoints_of(app.project))
    found = _Found()
    with app.open_engine() as engine:
        verification = Verification(engine.store)
        found.take(chain(verification, _check_export(engine.store, compared.exported)))
        key, path, unverified = _key_and_file(app, compared)
        amount = None
        if key is not None:
            amount = _check_signatures(engine.store, key, path, compared, found)
    seen = verification.figures
    return Verdict(
        found.kept, found.count, seen.workflows, seen.events, seen.actions, amount, seen.head,
        unverified,
    )  # fmt: skip


def _verify_cluster(app: App, compared: Compared) -> Verdict:
    from orchestrate.cluster.auditing import checkpoints
    from orchestrate.cluster.auditing.journals import Journals
    from orchestrate.cluster.auditing.verifying import (
        Expectations,
        Verification,
        exported_before,
        signed_before,
    )

    key, path, unverified = _key_and_file(app, compared)
    found = _Found()
    with app.open_cluster() as engine, ExitStack() as opened:
        client = engine.connection.client
        signed = None if key is None else checkpoints.read(path, key, client.namespace)
        expected: Expectations = {} if signed is None else signed_before(signed)
        if signed is not None:
            found.take(signed.findings)
            if not (signed.amount or signed.findings) and _asked_for(compared):
                found.take([_none_signed(path)])
        if compared.exported is not None:
            lines = opened.enter_context(_reading(compared.exported))
            found.take(exported_before(lines, str(compared.exported), expected))
        verification = Verification(Journals(engine.connection), expected)
        found.take(verification)
    number, digest = verification.head
    head = Head(number, bytes.fromhex(digest)) if number else None
    return Verdict(
        found.kept, found.count, verification.workflows, verification.events, number,
        None if signed is None else signed.amount, head, unverified,
    )  # fmt: skip


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

    with _reading(file) as lines:
        yield from exports.check(store, lines, str(file))


@contextmanager
def _reading(file: Path) -> Generator[TextIO]:
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
    store: Store, key: PublicKey, path: Path, compared: Compared, found: _Found
) -> int:
    """How many checkpoints were verified."""
    from orchestrate.embedded.auditing import signatures

    checked = signatures.check(store, path, key)
    findings = list(checked.findings)
    if checked.amount == 0 and not findings and _asked_for(compared):
        findings.append(_none_signed(path))
    found.kept += findings  # however many others there are: these say that the whole was replaced
    found.count += len(findings)
    return checked.amount


def _key_and_file(app: App, compared: Compared) -> tuple[PublicKey | None, Path, Path | None]:
    """With which key checkpoints are verified, None if there is none; where they are; and the file
    that is left out.
    """
    seal = seal_of(app.project)
    source = compared.public_key or (None if seal is None else seal.key)
    path = compared.checkpoints or checkpoints_of(app.project)
    if source is None:
        return None, path, path if compared.checkpoints is not None or path.exists() else None
    if compared.checkpoints is not None and not compared.checkpoints.is_file():
        raise UsageError(
            f"there is no file {compared.checkpoints}", hint="It holds the signed checkpoints."
        )
    return PublicKey.read(source), path, None


def _asked_for(compared: Compared) -> bool:
    """Whether somebody wants checkpoints to be verified, so that there have to be some."""
    return compared.public_key is not None or compared.checkpoints is not None


def _none_signed(path: Path) -> Finding:
    return Finding("unsigned", f"{path} has no checkpoint that this key has signed")
