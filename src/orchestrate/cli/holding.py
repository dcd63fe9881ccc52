"""`orchestrate pause --all` and `resume --all`: whether new workflows begin at all."""

from collections.abc import Sequence

from orchestrate.app import open_app
from orchestrate.cli.console import out
from orchestrate.cli.formats import counted, dump
from orchestrate.errors import UsageError
from orchestrate.launching.identity import current_actor
from orchestrate.workflow.engine import Filter
from orchestrate.workflow.outcomes import State


def check_alone(workflow: str | None, others: Sequence[str]) -> None:
    """`--all` is about workflows that are still to begin; `others`: what else was given."""
    if workflow is not None:
        raise UsageError(
            f"--all is about new workflows, {workflow} about one that exists",
            hint="Leave one of them out.",
        )
    if others:
        raise UsageError(
            f"--all is about new workflows, {', '.join(others)} about one that exists",
            hint="Leave one of them out.",
        )


def hold(reason: str, *, as_json: bool) -> int:
    """Let nothing new begin."""
    app = open_app()
    with app.open_coordination() as shared:
        shared.hold(actor=current_actor(), reason=reason)
    with app.open_workflows() as engine:
        running = len(engine.find(Filter(states=(State.RUNNING,), limit=1000)))
    if as_json:
        out.line(dump({"held": True, "reason": reason, "running": running}))
        return 0
    out.line("no new workflows begin from now on")
    if running:
        out.line(f"{counted(running, 'workflow')} that run go on; pause them one by one")
    out.line("let them begin again: orchestrate resume --all")
    return 0


def unhold(*, as_json: bool) -> int:
    """Let new ones begin again."""
    with open_app().open_coordination() as shared:
        reason = shared.unhold(actor=current_actor())
    if as_json:
        out.line(dump({"held": False, "reason": reason}))
    else:
        out.line("new workflows begin again; those that waited go first")
    return 0
