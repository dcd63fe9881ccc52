"""`orchestrate courier`: delivers what other systems are to be told. Called by orchestrate."""

import click

from orchestrate.app import open_app


@click.command(hidden=True)
@click.option("--lock", type=int, default=None, help="The open lock that it was started with.")
def courier(lock: int | None) -> int:
    """Deliver what is due."""
    from orchestrate.courier.process import deliver

    deliver(open_app(), lock)
    return 0
