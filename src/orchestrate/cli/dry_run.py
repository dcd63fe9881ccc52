"""`run --dry-run`: what a run would do. Nothing is executed, and no workflow is made."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from orchestrate.app import App
from orchestrate.cli.console import err, out
from orchestrate.cli.formats import dump
from orchestrate.cli.starting import asker
from orchestrate.cli.style import style_of
from orchestrate.errors import ExitCode
from orchestrate.intake import compose
from orchestrate.rehearsing.workflows import WorkflowRehearsal, rehearse_workflow

if TYPE_CHECKING:
    from orchestrate.intake import Request


def dry_run(app: App, request: "Request", *, as_json: bool, verbose: bool) -> int:
    """Show the plan of the run; 0 if it could run, 2 if something is in its way. `verbose`: with
    what would be executed word for word, and all iterations.
    """
    new = compose(app, request, asker())
    for warning in new.plan.warnings:
        err.line(warning)
    rehearsal = rehearse_workflow(app, new)
    mask = _masked(tuple(new.secret_values.values()))
    if as_json:
        from orchestrate.rehearsing.document import to_json

        out.line(mask(dump(to_json(rehearsal))))
    else:
        _show(app, rehearsal, mask, verbose=verbose)
    return ExitCode.SUCCEEDED if rehearsal.can_run else ExitCode.USAGE


def _show(
    app: App, rehearsal: WorkflowRehearsal, mask: Callable[[str], str], *, verbose: bool
) -> None:
    from orchestrate.cli.rehearsing.picture import (
        headline,
        lines_of,
        of_the_whole,
        render,
        summary,
    )

    style = style_of(out)
    new = rehearsal.new
    out.line(mask(headline(style, rehearsal)))
    out.line(style.dim("nothing is executed; what stands in < > is known only when it runs"))
    for text in of_the_whole(rehearsal):
        out.line(mask(text))
    out.line()
    for line in lines_of(rehearsal, verbose=verbose):
        out.line(mask(render(style, line)))
    out.line()
    for warning in rehearsal.planned.warnings:
        out.line(mask(f"{style.mark('unknown')} {warning}"))
    for problem in rehearsal.problems:
        case = f" (only if {' and '.join(problem.suppositions)})" if problem.suppositions else ""
        where = f"{problem.path}: " if problem.path else ""
        out.line(mask(f"{style.mark('failed')} {where}{problem.message}{case}"))
    if app.environment(new.environment).protected:
        out.line(f"{new.environment} is protected: a run asks first, unless you say --yes")
    for text in summary(rehearsal):
        out.line(mask(text))


def _masked(secrets: tuple[str, ...]) -> Callable[[str], str]:
    from orchestrate.processes.supervising.masking import Masker

    return Masker([secret for secret in secrets if secret]).mask
