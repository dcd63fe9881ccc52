"""`orchestrate doctor`: look for what could keep workflows from running well."""

import click

from orchestrate.app import App, open_app
from orchestrate.cli.checkup import check_all
from orchestrate.cli.console import err, out
from orchestrate.cli.formats import dump
from orchestrate.cli.options import json_option
from orchestrate.cli.style import style_of
from orchestrate.errors import ExitCode, UsageError

_STATES = {"good": "succeeded", "warn": "needs_attention", "bad": "failed"}


@click.command()
@click.option("--register-search-attributes", "registers", is_flag=True,
              help="Have a cluster find workflows faster; takes its administrator.")  # fmt: skip
@json_option
def doctor(*, registers: bool, as_json: bool) -> int:
    """Check machine, state directory, store, supervisors and workflows. Changes nothing.

    Ends with 1 if something keeps workflows from running.
    """
    app = open_app()
    if registers:
        _register(app)
    findings = list(check_all(app))
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


def _register(app: App) -> None:
    if app.project.settings.cluster is None:
        raise UsageError(
            "workflows of this project run on one machine: there is nothing to register",
            hint="Leave --register-search-attributes out.",
        )
    from orchestrate.cluster.looking.searching import register

    with app.open_cluster() as engine:
        fresh = engine.connection.wait(register(engine.connection.client))
    err.line(f"registered {', '.join(fresh)}" if fresh else "all attributes were there")
