"""What `audit verify` found, for people and for programs."""

from typing import NamedTuple

from orchestrate.cli.console import err, out
from orchestrate.cli.formats import counted, dump
from orchestrate.embedded.actions import Head
from orchestrate.errors import ExitCode
from orchestrate.workflow.audit import Finding

MOST = 100
"""Findings that are shown; all are counted."""


class Looked(NamedTuple):
    """At how much it was looked. On a cluster there are no actions beside journals."""

    workflows: int
    events: int
    actions: int | None
    checkpoints: int | None
    """None: there was no key to verify them with."""
    head: Head | None
    """The last action."""


def conclude(findings: list[Finding], count: int, looked: Looked, *, as_json: bool) -> int:
    """Tell it; the exit code. `count` is that of all findings, of which some are given."""
    if as_json:
        _print(findings, count, looked)
    else:
        _show(findings, count, looked)
    return ExitCode.FAILED if count else ExitCode.SUCCEEDED


def _show(findings: list[Finding], count: int, looked: Looked) -> None:
    for finding in findings:
        where = f"{finding.workflow}: " if finding.workflow else ""
        out.line(f"✗ {finding.kind}: {where}{finding.message}")
    if count > len(findings):
        out.line(f"… and {count - len(findings)} more")
    at = f"{counted(looked.events, 'event')} of {counted(looked.workflows, 'workflow')}"
    if looked.actions is not None:
        at += f", {counted(looked.actions, 'action')}"
    if looked.checkpoints is not None:
        at += f", {counted(looked.checkpoints, 'signed checkpoint')}"
    if count:
        out.line(f"✗ {counted(count, 'finding')} in {at}")
        err.line("docs/audit.md tells what each means; keep a copy of the store before you mend it")
        return
    out.line(f"✓ {at}: all as it was recorded")
    if looked.head is not None:
        out.line(f"  action {looked.head.number} has the digest {looked.head.hash.hex()}")


def _print(findings: list[Finding], count: int, looked: Looked) -> None:
    head = looked.head
    body = {
        "sound": count == 0,
        "findings": [
            {key: value for key, value in finding._asdict().items() if value not in ("", None)}
            for finding in findings
        ],
        "found": count,
        "workflows": looked.workflows,
        "events": looked.events,
        "actions": looked.actions,
        "checkpoints": looked.checkpoints,
        "head": None if head is None else {"action": head.number, "hash": head.hash.hex()},
    }
    out.line(dump(body, indent=2))
