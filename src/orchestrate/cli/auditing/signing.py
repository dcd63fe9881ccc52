"""`orchestrate audit sign` and `audit key`: signed checkpoints, and keys for them."""

from pathlib import Path

import click

from orchestrate.app import open_app
from orchestrate.cli.console import err, out
from orchestrate.cli.formats import dump


@click.command()
def sign() -> int:
    """Sign how far everything went; prints the checkpoint, to be kept elsewhere too."""
    from orchestrate.outlook.sealing import sign as seal

    signed = seal(open_app())
    out.line(dump(signed.line))
    err.line(f"added to {signed.file}")
    return 0


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def key(*, file: Path) -> int:
    """Make an Ed25519 key: FILE for whoever signs, FILE.pub for whoever verifies."""
    from orchestrate.launching.signing import make_key

    public = make_key(file)
    out.line(f"{file} signs: name it in [audit] key of orchestrate.toml")
    out.line(f"{public} verifies: `orchestrate audit verify --public-key {public}`")
    return 0
