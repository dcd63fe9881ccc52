"""What a scan finds."""

from collections.abc import Sequence
from typing import NamedTuple

SEVERITIES = ("low", "medium", "high")


class Finding(NamedTuple):
    """One weakness: which rule found it, how bad it is, where, and what to do about it."""

    rule: str
    severity: str
    where: str
    message: str


def at_least(findings: Sequence[Finding], severity: str) -> list[Finding]:
    """Those that are as bad as `severity`, or worse."""
    floor = SEVERITIES.index(severity)
    return [each for each in findings if SEVERITIES.index(each.severity) >= floor]


def highest(findings: Sequence[Finding]) -> str | None:
    """The worst severity found; None if nothing was."""
    return max((each.severity for each in findings), key=SEVERITIES.index, default=None)
