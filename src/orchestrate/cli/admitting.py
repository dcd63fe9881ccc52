"""Options of the verbs that start workflows: how urgent one is, and past what it may go."""

from collections.abc import Callable
from typing import TypeVar

import click

from orchestrate.errors import UsageError

F = TypeVar("F", bound=Callable[..., object])


def admission_options(command: F) -> F:
    """`--priority`, `--wait` and the two overrides."""
    for option in reversed(
        (
            click.option("--priority", type=click.Choice(["critical", "high", "normal", "low"]),
                         help="Who goes first of those that wait."),
            click.option("--wait", is_flag=True, help="Queue if new workflows are held or frozen."),
            click.option("--override-freeze", metavar="REASON",
                         help="Begin in spite of a hold or freeze."),
            click.option("--override-required-success", metavar="REASON",
                         help="Run although it did not succeed elsewhere before."),
        )
    ):  # fmt: skip
        command = option(command)
    return command


def overrides(freeze: str | None, required_success: str | None) -> dict[str, str]:
    """What it is to be let past, with the reasons, which are recorded. Raises UsageError."""
    from orchestrate.workflow.admitting import FREEZE, REQUIRED_SUCCESS

    given = {FREEZE: freeze, REQUIRED_SUCCESS: required_success}
    for what, reason in given.items():
        if reason is not None and not reason.strip():
            raise UsageError(
                f"--override-{what.replace('_', '-')} has no reason",
                hint="Say why; it is kept with the workflow.",
            )
    return {what: reason for what, reason in given.items() if reason is not None}
