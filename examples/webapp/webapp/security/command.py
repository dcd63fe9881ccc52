"""The command line of `commands/security`."""

import argparse
import sys
from collections.abc import Sequence

from webapp.fleet.errors import InfraError
from webapp.fleet.settings import Settings, read_settings
from webapp.reporting import Report, hand_over, progress
from webapp.security.findings import SEVERITIES, Finding, at_least, highest
from webapp.security.rules import FULL, QUICK


def main(words: Sequence[str] | None = None) -> int:
    """Scan; 1 if something at least as bad as --fail-on was found."""
    options = _parser().parse_args(words)
    try:
        findings = scan(read_settings(), options.type)
    except InfraError as error:
        print(f"security: {error}", file=sys.stderr)
        return 2
    hand_over(_report(options.type, findings))
    refused = [] if options.fail_on == "never" else at_least(findings, options.fail_on)
    if refused:
        rules = ", ".join(sorted({each.rule for each in refused}))
        print(f"security: at least {options.fail_on}: {rules}", file=sys.stderr)
    return 1 if refused else 0


def scan(settings: Settings, kind: str) -> list[Finding]:
    """Every finding of a `quick` or `full` scan, the worst first."""
    rules = FULL if kind == "full" else QUICK
    findings: list[Finding] = []
    for number, rule in enumerate(rules, start=1):
        findings += rule(settings)
        progress(100 * number / len(rules))
    return sorted(findings, key=lambda each: (-SEVERITIES.index(each.severity), each.where))


def _report(kind: str, findings: Sequence[Finding]) -> Report:
    lines = [f"{each.severity:6}  {each.where}: {each.message}" for each in findings]
    worst = highest(findings)
    lines.append(f"{len(findings)} findings" + (f", the worst is {worst}" if worst else ""))
    values = {
        "type": kind,
        "count": len(findings),
        "highest": worst,
        "findings": [each._asdict() for each in findings],
    }
    return Report("\n".join(lines), values)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="security", description="Looks for weaknesses of the example application."
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    scanner = verbs.add_parser("scan", help="look for weaknesses")
    scanner.add_argument(
        "--type", choices=("quick", "full"), default="quick", help="full asks what runs, too"
    )
    scanner.add_argument(
        "--fail-on",
        choices=(*SEVERITIES, "never"),
        default="high",
        help="end with 1 if something as bad as this is found (default: high)",
    )
    return parser
