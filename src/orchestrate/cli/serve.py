"""`orchestrate serve`: the daemon of a project."""

import click

from orchestrate.app import open_app


@click.command()
@click.option("--log-format", type=click.Choice(("text", "json")), default="text",
              show_default=True, help="How it tells, on stderr, what happens.")  # fmt: skip
def serve(*, log_format: str) -> int:
    """Start what is due and look after what runs, until SIGTERM.

    Schedules are started at their times, workflows whose process died are taken up, pauses end when
    their time is over. A second one stands by. SIGHUP has settings and playbooks read anew.
    """
    from orchestrate.daemon.log import as_json, as_text
    from orchestrate.daemon.service import Daemon

    app = open_app()
    return Daemon(app, as_json if log_format == "json" else as_text).run()
