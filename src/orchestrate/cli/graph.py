"""`orchestrate graph`: a playbook, or a workflow with its states, as a picture."""

from typing import TYPE_CHECKING

import click

from orchestrate.app import App, open_app
from orchestrate.cli.console import out
from orchestrate.cli.writing import write_file
from orchestrate.errors import UsageError

if TYPE_CHECKING:
    from orchestrate.library.drawing.figure import Group

FORMATS = ("terminal", "mermaid", "dot", "svg")
_BY_ENDING = {".svg": "svg", ".mmd": "mermaid", ".mermaid": "mermaid", ".dot": "dot", ".gv": "dot"}

_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf")
"""Files for which it takes another program."""


@click.command()
@click.argument("name", metavar="[PLAYBOOK]", required=False)
@click.option("--playbook", metavar="NAME", help="A playbook's name or path.")
@click.option(
    "--workflow", metavar="ID", help="A workflow: its steps in the colours of their state."
)
@click.option("--environment", metavar="NAME", help="With that environment's variables.")
@click.option("--format", "format_", type=click.Choice(FORMATS),
              help="Default: by the ending of --output, else for the terminal.")  # fmt: skip
@click.option("--output", metavar="FILE", help="Where to write it; `-` is stdout.")
def graph(
    *,
    name: str | None,
    playbook: str | None,
    workflow: str | None,
    environment: str | None,
    format_: str | None,
    output: str | None,
) -> int:
    """Draw the steps of a playbook or a workflow: what follows on what, branches, handlers."""
    named = [given for given in (name, playbook) if given is not None]
    if len(named) + (workflow is not None) != 1:
        raise UsageError(
            "name one playbook or one workflow",
            hint="Such as `orchestrate graph deploy`, or `--workflow WF-2026-001`.",
        )
    from orchestrate.library.drawing.writing import written

    chosen = format_ or _by_ending(output or "-")
    app = open_app()
    title, groups = (
        _of_workflow(app, workflow) if workflow else _of_playbook(app, named[0], environment)
    )
    if chosen == "terminal" and output in (None, "-"):
        _show(title, groups)
        return 0
    write_file(output or "-", written(chosen, title, groups))
    return 0


def _by_ending(output: str) -> str:
    """The format of a file; without an ending that says anything it is text."""
    for end, found in _BY_ENDING.items():
        if output.endswith(end):
            return found
    for end in _PICTURES:
        if output.endswith(end):
            raise UsageError(
                f"graph draws no {end} files",
                hint=f"Give a file that ends with .svg; or with Graphviz: `orchestrate graph … "
                f"--format dot | dot -T{end[1:]} -o {output}`.",
            )
    return "terminal"


def _of_playbook(app: App, name: str, environment: str | None) -> tuple[str, "tuple[Group, ...]"]:
    from orchestrate.library.drawing.figure import draw, held
    from orchestrate.library.plans import load_plan

    plan = load_plan(app.project, environment, name).plan
    return f"{plan.name} {held(plan)}".rstrip(), draw(plan)


def _of_workflow(app: App, named: str) -> tuple[str, "tuple[Group, ...]"]:
    from orchestrate.cli.selection import select_any
    from orchestrate.library.drawing.figure import draw, held
    from orchestrate.workflow.standing import view_of

    with app.open_workflows() as engine:
        workflow = select_any(engine, named)
        plan = engine.plan(workflow)
        view = view_of(engine, workflow)
    states = {path: str(step.state) for path, step in view.steps.items()}
    return f"{workflow} {plan.name} {held(plan)}".rstrip(), draw(plan, states)


def _show(title: str, groups: "tuple[Group, ...]") -> None:
    """For the eyes: in colours, cut to the width of the terminal."""
    from orchestrate.cli.formats import cut, visible
    from orchestrate.cli.style import style_of
    from orchestrate.library.drawing.lines import ASCII, UNICODE, rows

    style = style_of(out)
    out.line(style.strong(visible(title)))
    for row in rows(groups, UNICODE if style.unicode else ASCII):
        mark = f"{style.mark(row.state)} " if row.state else ""
        name = style.strong(visible(row.name)) if row.call else style.dim(row.name)
        room = style.width - len(row.rail) - len(row.name) - (2 if row.state else 0) - 2
        call = visible(row.call)
        if style.width:
            call = cut(call, max(room, 0))
        out.line(f"{row.rail}{mark}{name}" + (f"  {style.dim(call)}" if call else ""))
