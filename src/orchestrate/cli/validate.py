"""`orchestrate validate`: check playbooks without running anything."""

import click

from orchestrate.app import open_app
from orchestrate.errors import ExitCode


@click.command()
@click.option("--playbook", required=True, metavar="NAME", help="A playbook's name or path.")
@click.option("--environment", metavar="NAME", help="With that environment's values and commands.")
def validate(*, playbook: str, environment: str | None) -> int:
    """Check a playbook: everything that can be known before it runs, all at once.

    Values of required parameters are not needed. Ends with 2 if there is an error.
    """
    from orchestrate.cli.reports import text
    from orchestrate.library.checking import check

    app = open_app()
    report = check(app.project, app.registry_in, playbook, environment)
    text.write(report)
    return ExitCode.USAGE if report.diagnostics.errors else ExitCode.SUCCEEDED
