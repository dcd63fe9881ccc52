"""What the command line adds to a request for a workflow: a person who can be asked and agrees."""

import sys
from collections.abc import Sequence

from orchestrate.app import App
from orchestrate.cli.console import err
from orchestrate.commands.trace_context import VARIABLE as TRACEPARENT
from orchestrate.commands.trace_context import parse
from orchestrate.errors import ConflictError
from orchestrate.intake import Ask, Request, compose, read_values, values_to_resume
from orchestrate.playbook.parameters import convert, parse_options
from orchestrate.playbook.plan import Json, Parameter, Plan
from orchestrate.project.git import GitState
from orchestrate.workflow.engine import NewWorkflow, Summary


def prepare(app: App, request: Request) -> NewWorkflow:
    """Everything that is decided before a workflow exists; asks on a terminal where it may."""
    git = GitState(app.project.root)
    try:
        new = compose(app, request, asker())
        if app.environment(new.environment).protected and not request.yes:
            confirm(f"{new.environment} is protected. Run {new.plan.name} there?")
        caller = app.env.get(TRACEPARENT)
        if caller is not None and parse(caller) is None:
            caller = None  # what is not valid counts as absent
        return new._replace(traceparent=caller, git_commit=git.commit, git_dirty=git.dirty())
    finally:
        git.close()


def can_ask() -> bool:
    """Whether a person is there to answer."""
    return err.is_terminal() and sys.stdin is not None and sys.stdin.isatty()


def asker() -> Ask | None:
    """Who gives values that are missing; None if nobody is there."""
    return ask if can_ask() else None


def ask(parameter: Parameter) -> Json:
    """The value of a parameter, from the terminal."""
    import click

    words = parameter.name
    if parameter.description:
        words = f"{parameter.name} ({parameter.description})"
    if parameter.choices:
        words += f" [{', '.join(str(choice) for choice in parameter.choices)}]"
    while True:
        typed = str(click.prompt(words, hide_input=parameter.secret, err=True))
        try:
            convert(parameter, typed)
        except ValueError as error:
            what = "has a value that does not fit" if parameter.secret else error
            err.line(f"{parameter.name} {what}")
        else:
            return typed


def confirm(question: str) -> None:
    """Go on only if a person says yes; without a person that takes `--yes`."""
    if not can_ask():
        raise ConflictError(question, hint="Nobody can be asked here; say `--yes`.")
    import click

    if not click.confirm(question, err=True):
        raise ConflictError("not confirmed, nothing was done", hint="Say yes, or use `--yes`.")


def resume_values(
    app: App, plan: Plan, which: Summary, parameters: Sequence[str]
) -> tuple[dict[str, Json], dict[str, str]]:
    """What `resume` is told anew: (changed parameters, typed; every secret value)."""
    typed = parse_options(parameters, plan, read_values)
    return values_to_resume(app, plan, which, typed, asker())
