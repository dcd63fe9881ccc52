"""`orchestrate doctor`: look for what could keep workflows from running well."""

import click

from orchestrate.app import open_app
from orchestrate.cli.checkup import check_all
from orchestrate.cli.console import out
from orchestrate.cli.formats import dump
from orchestrate.cli.options import json_option
from orchestrate.cli.style import style_of
from orchestrate.errors import ExitCode

_STATES = {"good": "succeeded", "warn": "needs_attention", "bad": "failed"}


@click.command()
@json_option
def doctor(*, as_json: bool) -> int:
    """Check machine, state directory, store, supervisors and workflows. Changes nothing.

    Ends with 1 if something keeps workflows from running.
    """
    findings = list(check_all(open_app()))
    if as_json:
        out.line(dump([finding._asdict() for finding in findings]))
    else:
        style = style_of(out)
        for finding in findings:
            mark = style.mark(_STATES[finding.level])
            out.line(f"{mark} {finding.subject}: {finding.message}")
            if finding.hint:
                out.line(f"    {style.dim(finding.hint)}")
    bad = any(finding.level == "bad" for finding in findings)
    return ExitCode.FAILED if bad else ExitCode.SUCCEEDED
