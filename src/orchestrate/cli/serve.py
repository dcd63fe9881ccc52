"""`orchestrate serve`: the daemon of a project."""

import click

from orchestrate.app import open_app
from orchestrate.errors import UsageError
from orchestrate.project.serving import is_address


@click.command()
@click.option("--listen", metavar="HOST:PORT",
              help="Where to take HTTP requests. Default: 127.0.0.1:8765.")  # fmt: skip
@click.option("--log-format", type=click.Choice(("text", "json")), default="text",
              show_default=True, help="How it tells, on stderr, what happens.")  # fmt: skip
def serve(*, listen: str | None, log_format: str) -> int:
    """Start what is due and look after what runs, until SIGTERM.

    Schedules are started at their times, workflows whose process died are taken up, pauses end when
    their time is over. A second one stands by. SIGHUP has settings and playbooks read anew.
    """
    from orchestrate.daemon.log import as_json, as_text
    from orchestrate.daemon.service import Daemon

    if listen is not None and not is_address(listen):
        raise UsageError(f"--listen {listen} is no address", hint="Such as 127.0.0.1:8765.")
    app = open_app()
    return Daemon(app, as_json if log_format == "json" else as_text, listen).run()
