"""`orchestrate create`: a new playbook from a template, or put together at the terminal."""

from typing import TYPE_CHECKING

import click

from orchestrate.app import App, open_app
from orchestrate.cli.console import err, out
from orchestrate.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from orchestrate.library.creating import Creation

_TEMPLATES = ("blank", "deployment", "maintenance", "recovery")
_EXAMPLE = "orchestrate create --name my-playbook --template deployment"


@click.command()
@click.option("--name", metavar="NAME", help="The playbook's name; its file is named after it.")
@click.option("--template", type=click.Choice(_TEMPLATES), help="Where to start; default: blank.")
@click.option("--description", metavar="TEXT", help="What it does, in a sentence.")
@click.option("--validate", "validate_", is_flag=True, help="Check it, and print what was found.")
@click.option("--interactive", is_flag=True, help="Put it together step by step on the terminal.")
@click.option("--force", is_flag=True, help="Replace a playbook of that name.")
def create(
    *,
    name: str | None,
    template: str | None,
    description: str | None,
    validate_: bool,
    interactive: bool,
    force: bool,
) -> int:
    """Make a new playbook, with a scenario file that `orchestrate test` runs."""
    if interactive:
        _require_terminal(name, template)
    app = open_app()
    from orchestrate.library import creating

    if name is not None:
        creating.check_name(name)
        creating.check_free(app.project, name, force=force)
    if interactive:
        from orchestrate.cli.wizard.session import Wanted, compose

        creation = compose(app, Wanted(name, template, description), force=force)
    elif name is None:
        raise UsageError("what shall the playbook be called?", hint=f"Such as `{_EXAMPLE}`.")
    else:
        chosen = template or "blank"
        playbook = creating.template_text(chosen, name, description)
        scenarios = creating.template_text(chosen, name, description, test=True)
        creation = creating.plan_creation(app.project, name, chosen, playbook, scenarios)
    creating.write_creation(app.project, creation, force=force)
    _tell(creation)
    return _validate(creation) if validate_ else ExitCode.SUCCEEDED


def _require_terminal(name: str | None, template: str | None) -> None:
    from orchestrate.cli.confirming import can_confirm

    if can_confirm() and out.is_terminal():
        return
    example = f"orchestrate create --name {name or 'my-playbook'} --template {template or 'blank'}"
    raise UsageError(
        "--interactive asks questions, and nobody can be asked here",
        hint=f"Use it on a terminal, or without questions: `{example}`.",
    )


def _tell(creation: "Creation") -> None:
    for path in creation.files:
        out.line(f"made {path}")
    for path in creation.replaced:
        if path.endswith(".json"):
            out.line(f"made {path}")
    for table in creation.added:
        out.line(f"added [{table}] to orchestrate.toml")
    name = creation.name
    steps = [f"orchestrate validate --playbook {name}", f"orchestrate run --playbook {name}"]
    if len(creation.files) > 1:
        steps.insert(1, f"orchestrate test {name}")
    err.line(f"next: edit {creation.playbook}, then {', '.join(steps)}")


def _validate(creation: "Creation") -> int:
    """As `orchestrate validate` does; the project is read again, since its settings may be new."""
    from orchestrate.cli.reports.text import write
    from orchestrate.library.checking import check

    app: App = open_app()
    report = check(app.project, app.registry_in, creation.name, None)
    write([report])
    return ExitCode.USAGE if report.count("error") else ExitCode.SUCCEEDED
