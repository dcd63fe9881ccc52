"""`orchestrate audit verify`: whether everything that was recorded is still there, as it was."""

from pathlib import Path

import click

from orchestrate.app import open_app
from orchestrate.cli.auditing.concluding import conclude
from orchestrate.cli.console import err
from orchestrate.cli.options import json_option
from orchestrate.outlook.verification import Compared
from orchestrate.outlook.verification import verify as look_at_all


@click.command()
@click.option("--public-key", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Verify signed checkpoints, too. Default: the key of [audit].")  # fmt: skip
@click.option("--checkpoints", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="The signed checkpoints, such as a copy that is kept elsewhere.")  # fmt: skip
@click.option("--exported", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Compare with what `audit export` wrote earlier (JSON lines).")  # fmt: skip
@json_option
def verify(
    *, public_key: Path | None, checkpoints: Path | None, exported: Path | None, as_json: bool
) -> int:
    """Find rows that were changed, removed, moved or added: exit code 1 if any were."""
    found = look_at_all(open_app(), Compared(public_key, checkpoints, exported))
    if found.unverified is not None:
        err.line(f"the checkpoints in {found.unverified} are not verified: say --public-key FILE")
    return conclude(found, as_json=as_json)
