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
@click.option("--visual", is_flag=True, help="Put it together in a browser.")
@click.option("--force", is_flag=True, help="Replace a playbook of that name.")
def create(
    *,
    name: str | None,
    template: str | None,
    description: str | None,
    validate_: bool,
    interactive: bool,
    visual: bool,
    force: bool,
) -> int:
    """Make a new playbook, with a scenario file that `orchestrate test` runs."""
    if visual:
        _check_visual(name, template, validate=validate_, force=force)
        return _build(name, template, description)
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
        creation = _from_template(app, name, template or "blank", description)
    creating.write_creation(app.project, creation, force=force)
    _tell(creation)
    return _validate(creation) if validate_ else ExitCode.SUCCEEDED


def _from_template(app: App, name: str, template: str, description: str | None) -> "Creation":
    from orchestrate.library import creating

    playbook = creating.template_text(template, name, description)
    scenarios = creating.template_text(template, name, description, test=True)
    return creating.plan_creation(app.project, name, template, playbook, scenarios)


def _require_terminal(
    name: str | None, template: str | None,
    why: str = "--interactive asks questions, and nobody can be asked here",
) -> None:  # fmt: skip
    from orchestrate.cli.confirming import can_confirm

    if can_confirm() and out.is_terminal():
        return
    example = f"orchestrate create --name {name or 'my-playbook'} --template {template or 'blank'}"
    raise UsageError(why, hint=f"Use it on a terminal, or without questions: `{example}`.")


def _check_visual(
    name: str | None, template: str | None, *, validate: bool, force: bool
) -> None:  # fmt: skip
    """What goes with --visual, and what it takes."""
    from orchestrate.cli.visual import check_installed

    for option, given in (("--validate", validate), ("--force", force)):
        if given:
            raise UsageError(
                f"{option} does not go with --visual",
                hint="The builder checks all the time, and asks before it overwrites anything.",
            )
    why = "--visual shows a link, serves until Ctrl+C, and nobody is there to do either"
    _require_terminal(name, template, why)
    check_installed()


def _build(name: str | None, template: str | None, description: str | None) -> int:
    """Have it built in a browser. From a template it is made first; without a name, there."""
    from orchestrate.cli import visual
    from orchestrate.library import creating

    app = open_app()
    if name is not None:
        creating.check_name(name)
    if name is not None and template is not None:
        creating.check_free(app.project, name, force=False)
        creation = _from_template(app, name, template, description)
        creating.write_creation(app.project, creation, force=False)
        _tell(creation)
    asked = template if name is None else None
    return visual.build(app, visual.Beginning(name, description, asked))


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
