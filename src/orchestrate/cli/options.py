"""Options that several verbs share."""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from orchestrate.app import App
    from orchestrate.errors import UsageError


class Minutes(click.ParamType[float]):
    """A time in minutes, or with units."""

    name = "minutes"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Minutes of `30`, `0.5`, `90s`, `1h30m`."""
        if isinstance(value, int | float):
            return float(value)
        from orchestrate.playbook.durations import parse_duration

        try:
            minutes = float(value)
        except ValueError:
            try:
                minutes = parse_duration(value) / 60
            except ValueError:
                minutes = 0.0
        if not 0 < minutes < _LONGEST:
            self.fail(f"{value!r} is no time: write minutes, such as 30, or `90s`, `5m`, `1h30m`",
                      param, ctx)  # fmt: skip
        return minutes


_LONGEST = 3650 * 24 * 60.0
"""Ten years, in minutes; more is taken for a mistake."""


def workflow_named(*, required: bool = True) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """A decorator: which workflow is said as an argument or with `--workflow`; the command gets it
    as `workflow`.
    """

    def decorate(command: Callable[..., int]) -> Callable[..., int]:
        @click.argument("identity", metavar="[ID]", required=False)
        @click.option("--workflow", metavar="ID", help="A workflow's id, or `current`.")
        @functools.wraps(command)
        def chosen(identity: str | None, workflow: str | None, **others: Any) -> int:
            return command(workflow=_the_one(identity, workflow, required=required), **others)

        return chosen

    return decorate


def playbook_named(command: Callable[..., int]) -> Callable[..., int]:
    """A decorator: which playbook is said as an argument or with `--playbook`; the command gets it
    as `playbook`, None if it was not said.
    """

    @click.argument("name", metavar="[PLAYBOOK]", required=False)
    @click.option("--playbook", metavar="NAME", help="A playbook's name or path.")
    @functools.wraps(command)
    def chosen(name: str | None, playbook: str | None, **others: Any) -> int:
        if name is not None and playbook not in (None, name):
            raise click.UsageError("name one playbook", click.get_current_context())
        return command(playbook=playbook or name, **others)

    return chosen


def no_playbook(app: "App", question: str, more: str = "") -> "UsageError":
    """Nobody said which playbook: what there is."""
    from orchestrate.errors import UsageError
    from orchestrate.library.catalogue import names

    known = sorted(names(app.project))
    return UsageError(question, hint="\n".join([f"Name one{more}:", *(f"  {it}" for it in known)]))


def _the_one(identity: str | None, workflow: str | None, *, required: bool) -> str | None:
    named = {name for name in (identity, workflow) if name is not None}
    if len(named) > 1:
        raise click.UsageError("name one workflow", click.get_current_context())
    if not named and required:
        raise _nameless()
    return named.pop() if named else None


def named(workflow: str | None) -> str:
    """The workflow, where another option could have stood instead of it."""
    if workflow is None:
        raise _nameless()
    return workflow


def _nameless() -> click.UsageError:
    problem = "name a workflow: its id, or `current`"
    return click.UsageError(problem, click.get_current_context())


minutes = Minutes()
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON on stdout, messages on stderr."
)
yes_option = click.option("--yes", is_flag=True, help="Do not ask, go on.")
reason_option = click.option("--reason", default="", metavar="TEXT", help="Why, for the record.")
parameters_option = click.option(
    "--parameters",
    multiple=True,
    metavar="KEY=VALUE",
    help="Values by name, repeated or separated by commas; `@file.yaml` or `@file.json` too.",
)
detach_option = click.option(
    "--detach",
    is_flag=True,
    help="Leave it to a background process, or to the cluster, and return at once.",
)
