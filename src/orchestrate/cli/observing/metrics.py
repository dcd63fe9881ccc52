"""`orchestrate metrics`: the figures that monitoring reads, once."""

import click

from orchestrate.app import open_app
from orchestrate.cli.console import out
from orchestrate.cli.formats import dump
from orchestrate.cli.options import json_option
from orchestrate.cli.writing import write_file
from orchestrate.errors import UsageError
from orchestrate.observe.exposition import FORMATS, plain, render_as

_PATIENCE = 60.0
"""Seconds; then it tells what can be told without the store."""


@click.command()
@click.option("--format", "format_", type=click.Choice(FORMATS),
              help="The form of the text. Default: prometheus.")  # fmt: skip
@click.option("--output", metavar="FILE", help="Write a file instead of stdout.")
@json_option
def metrics(*, format_: str | None, output: str | None, as_json: bool) -> int:
    """Print metrics of this project: workflows, steps, queue, locks, schedules, engine.

    The same as `/metrics` of `orchestrate serve` and the textfile of `[metrics] textfile`.
    """
    if as_json and format_ is not None:
        raise UsageError("--json is a form of its own", hint=f"Leave out --format {format_}.")
    app = open_app()
    series = app.gather(app.gatherer(), counts_for=float("inf"), patience=_PATIENCE)
    labels = app.project.settings.monitoring.labels
    if as_json:
        text = dump(plain(series, labels)) + "\n"
    else:
        text = render_as(series, format_ or FORMATS[0], labels)
    if output is None:
        out.write(text)
    else:
        write_file(output, text)
    return 0
