"""Signed checkpoints of a cluster: how far each journal went, in a file away from Temporal.

A line names those that went on since the line before it, and that line; so the file grows by what
happened, and no line can be taken out of its midst.
"""

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from orchestrate.cluster.auditing.actions import SUBJECT
from orchestrate.cluster.auditing.journals import Journal, Journals
from orchestrate.errors import NotFoundError, UsageError
from orchestrate.launching.signing import PrivateKey, PublicKey, Seal, appending
from orchestrate.workflow.audit import Finding
from orchestrate.workflow.moments import parse_moment, rfc3339

_FIELDS = ("at", "namespace", "previous", "heads", "key", "signature")


class Head(NamedTuple):
    """How far a journal went: its last event, that one's digest (hex), when the workflow ended."""

    seq: int
    hash: str
    ended: float | None


class Checkpoint(NamedTuple):
    """A line of the file. `heads` by workflow, and that of the actions beside them; `previous` is
    the digest of the line before.
    """

    at: str
    namespace: str
    previous: str
    heads: Mapping[str, Head]
    key: str
    signature: str

    @property
    def text(self) -> bytes:
        """What is signed."""
        signed = json.dumps(self._replace(signature="")._asdict(), sort_keys=True)
        return f"orchestrate cluster checkpoint 1\n{signed}\n".encode()

    @property
    def digest(self) -> str:
        """Names the line."""
        return hashlib.sha256(self.text).hexdigest()


class Signed(NamedTuple):
    """What a file says that one key has signed."""

    amount: int
    heads: Mapping[str, Sequence[tuple[Head, str]]]
    """All of each workflow, and when each was signed. A later one takes back none: else whoever
    writes something anew would only have to wait for the next signature.
    """
    last: str
    """The digest of the last line."""
    findings: tuple[Finding, ...]


def head_of(journal: Journal) -> Head:
    """How far a journal goes now."""
    return Head(len(journal.events), journal.digests[-1].hex(), journal.found.summary.finished_at)


def sign(journals: Journals, namespace: str, seal: Seal) -> Checkpoint:
    """Say where all journals stand, and sign it. Raises an OrchestrateError."""
    key = PrivateKey(seal.key)
    before = read(seal.file, PublicKey.read(seal.key), namespace)
    heads: dict[str, Head] = {}
    number, digest = journals.actions()[0].head
    if number:
        heads[SUBJECT] = Head(number, digest, None)
    for workflow in journals.runs():
        try:
            head = head_of(journals.read(workflow))
        except NotFoundError:
            continue  # its retention is over
        heads[workflow] = head
    signed = {subject: told[-1][0] for subject, told in before.heads.items()}
    heads = {subject: head for subject, head in heads.items() if signed.get(subject) != head}
    now = rfc3339(time.time()) or ""
    made = Checkpoint(now, namespace, before.last, heads, key.name, "")
    made = made._replace(signature=key.sign(made.text))
    with appending(seal.file) as file:
        file.write(json.dumps(made._asdict()) + "\n")
    return made


def read(file: Path, key: PublicKey, namespace: str) -> Signed:
    """What of a file that key has signed for a namespace. Raises UsageError."""
    findings: list[Finding] = []
    heads: dict[str, list[tuple[Head, str]]] = {}
    amount, last = 0, ""
    for line, made in enumerate(_lines(file), 1):
        if made is None:
            findings.append(Finding("unsigned", f"line {line} of {file} is no checkpoint"))
        elif made.key != key.name or made.namespace != namespace:
            continue  # another key's, or another cluster's
        elif not key.signed(made.text, made.signature):
            said = f"line {line} of {file} was not signed with this key: it was changed"
            findings.append(Finding("unsigned", said))
        else:
            if made.previous != last:
                said = f"a checkpoint is missing before line {line} of {file}"
                findings.append(Finding("removed", said))
            amount, last = amount + 1, made.digest
            for workflow, head in made.heads.items():
                heads.setdefault(workflow, []).append((head, made.at))
    return Signed(amount, heads, last, tuple(findings))


def signed_at(told: str) -> float:
    """The moment of a line."""
    return parse_moment(told)


def _lines(file: Path) -> Iterator[Checkpoint | None]:
    """None for a line that is no checkpoint; those of one machine's store are passed over."""
    try:
        with file.open(encoding="utf-8", errors="replace") as stream:
            for line in stream:
                told = _object(line)
                if told is None or "number" not in told:
                    yield None if told is None else _checkpoint(told)
    except FileNotFoundError:
        return
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read: {error.strerror}", hint="It holds the signed checkpoints."
        ) from error


def _object(line: str) -> dict[str, Any] | None:
    try:
        told = json.loads(line)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None  # pyright: ignore[reportUnknownVariableType]


def _checkpoint(told: Mapping[str, Any]) -> Checkpoint | None:
    try:
        heads = {str(name): Head(*head) for name, head in told["heads"].items()}
        texts = {field: str(told[field]) for field in _FIELDS if field != "heads"}
        parse_moment(texts["at"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return Checkpoint(**texts, heads=heads)
