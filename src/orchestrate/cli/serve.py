"""`orchestrate serve`: the daemon of a project."""

import sys
from typing import TYPE_CHECKING, Any

import click

from orchestrate.app import App, open_app
from orchestrate.cli.console import err
from orchestrate.errors import UsageError
from orchestrate.project.serving import is_address

if TYPE_CHECKING:
    from orchestrate.daemon.desk import Desk, Site


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

    if listen is not None and not is_address(listen):
        raise UsageError(f"--listen {listen} is no address", hint="Such as 127.0.0.1:8765.")
    app = open_app()
    log = as_json if log_format == "json" else as_text
    if app.project.settings.cluster is not None:
        from orchestrate.daemon.cluster_service import ClusterDaemon

        return ClusterDaemon(app, log, listen, _make_site).run()
    from orchestrate.daemon.service import Daemon

    return Daemon(app, log, listen, _make_site).run()


def _make_site(desk: "Desk") -> "Site | None":
    """The API and the console, if what these take is installed."""
    try:
        from orchestrate.web.site import ApiSite
    except ImportError:
        return None
    site = ApiSite(desk, _examine)
    if sys.stderr is not None and sys.stderr.isatty() and not desk.listen.endswith(":0"):
        from orchestrate.cli.token import sign_in_link

        err.line(f"sign in, once and within 5 minutes: {sign_in_link(desk.app)}")
    return site


def _examine(app: App) -> list[dict[str, Any]]:
    """What `orchestrate doctor` finds."""
    from orchestrate.cli.checkup import check_all

    return [finding._asdict() for finding in check_all(app)]
