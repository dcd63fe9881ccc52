"""`orchestrate schema`: the JSON Schemas by which editors complete and check a project's files."""

import click

from orchestrate.cli.console import out
from orchestrate.cli.writing import write_file
from orchestrate.errors import UsageError

_KINDS = ("playbook", "environment", "scenario", "settings")


@click.command()
@click.argument("kind", required=False, type=click.Choice(_KINDS))
@click.option("--output", metavar="FILE", help="Write it to a file; `-` is stdout.")
def schema(*, kind: str | None, output: str | None) -> int:
    """Print the JSON Schema of a kind of file; without KIND, bring the project's up to date."""
    from orchestrate.library.schemas import schema_text

    if kind is None:
        if output is not None:
            raise UsageError(
                "--output needs to know which schema is meant",
                hint=f"Name one: {', '.join(_KINDS)}.",
            )
        return _update()
    write_file(output or "-", schema_text(kind))
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
