"""`orchestrate audit sign` and `audit key`: signed checkpoints, and keys for them."""

from pathlib import Path

import click

from orchestrate.app import open_app
from orchestrate.cli.console import err, out
from orchestrate.cli.formats import dump
from orchestrate.errors import UsageError
from orchestrate.launching.identity import current_author


@click.command()
def sign() -> int:
    """Sign how far everything went; prints the checkpoint, to be kept elsewhere too."""
    from orchestrate.embedded.auditing import signing
    from orchestrate.launching.signing import seal_of

    app = open_app()
    seal = seal_of(app.project)
    if seal is None:
        raise UsageError(
            "there is no key to sign with",
            hint="Make one with `orchestrate audit key FILE` and name it in [audit] key.",
        )
    if app.project.settings.cluster is not None:
        from orchestrate.cli.auditing.cluster import sign_cluster

        line = sign_cluster(app, seal)._asdict()
    else:
        with app.open_engine() as engine:
            line = signing.sign(engine.store, seal, current_author())._asdict()
    out.line(dump(line))
    err.line(f"added to {seal.file}")
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
