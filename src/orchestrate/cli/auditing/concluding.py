"""What `audit verify` found, for people and for programs."""

from orchestrate.cli.console import err, out
from orchestrate.cli.formats import counted, dump
from orchestrate.errors import ExitCode
from orchestrate.outlook.verification import Verdict


def conclude(verdict: Verdict, *, as_json: bool) -> int:
    """Tell it; the exit code."""
    if as_json:
        out.line(dump(verdict.to_json(), indent=2))
    else:
        _show(verdict)
    return ExitCode.FAILED if verdict.found else ExitCode.SUCCEEDED


def _show(found: Verdict) -> None:
    for finding in found.findings:
        where = f"{finding.workflow}: " if finding.workflow else ""
        out.line(f"✗ {finding.kind}: {where}{finding.message}")
    if found.found > len(found.findings):
        out.line(f"… and {found.found - len(found.findings)} more")
    at = f"{counted(found.events, 'event')} of {counted(found.workflows, 'workflow')}"
    at += f", {counted(found.actions, 'action')}"
    if found.checkpoints is not None:
        at += f", {counted(found.checkpoints, 'signed checkpoint')}"
    if found.found:
        out.line(f"✗ {counted(found.found, 'finding')} in {at}")
        err.line("docs/audit.md tells what each means; keep a copy of the store before you mend it")
        return
    out.line(f"✓ {at}: all as it was recorded")
    if found.head is not None:
        out.line(f"  action {found.head.number} has the digest {found.head.hash.hex()}")
