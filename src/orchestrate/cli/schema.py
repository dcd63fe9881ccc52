"""`orchestrate schema`: the JSON Schemas by which editors complete and check a project's files."""

from pathlib import Path

import click

from orchestrate.cli.console import err, out
from orchestrate.errors import OrchestrateError, UsageError

_KINDS = ("playbook", "environment", "scenario", "settings")


@click.command()
@click.argument("kind", required=False, type=click.Choice(_KINDS))
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    metavar="FILE",
    help="Write it to a file; `-` is stdout.",
)
def schema(*, kind: str | None, output: Path | None) -> int:
    """Print the JSON Schema of a kind of file; without KIND, bring the project's up to date."""
    from orchestrate.library.schemas import schema_text

    if kind is None:
        if output is not None:
            raise UsageError(
                "--output needs to know which schema is meant",
                hint=f"Name one: {', '.join(_KINDS)}.",
            )
        return _update()
    text = schema_text(kind)
    if output is None or str(output) == "-":
        out.write(text)
        return 0
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OrchestrateError(
            f"{output} cannot be written: {error.strerror}",
            hint="Choose another file, or leave --output out.",
        ) from error
    err.line(f"made {output}")
    return 0


def _update() -> int:
    from orchestrate.app import open_app
    from orchestrate.library.creating import write_files
    from orchestrate.library.schemas import FOLDER, outdated

    project = open_app().project
    written = outdated(project)
    write_files(project, written, force=True)
    for path in written:
        out.line(f"made {path}")
    if not written:
        out.line(f"{FOLDER}/ is up to date")
    return 0
