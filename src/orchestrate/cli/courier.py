"""`orchestrate courier`: delivers what other systems are to be told. Called by orchestrate."""

import click

from orchestrate.app import open_app


@click.command(hidden=True)
def courier() -> int:
    """Deliver what is due."""
    from orchestrate.courier.process import deliver

    deliver(open_app())
    return 0
