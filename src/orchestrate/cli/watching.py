"""A run in the foreground: shows what happens, survives a terminal that goes away, and ends with
a summary or with JSON.
"""

import signal
import time
from collections.abc import Callable
from typing import Protocol

from orchestrate.cli.console import Stream, err, out
from orchestrate.cli.excerpts import EndOfOutput
from orchestrate.cli.formats import dump
from orchestrate.cli.plain import Plain
from orchestrate.cli.style import can_redraw, style_of
from orchestrate.cli.summary import Finished, exit_code, summarize
from orchestrate.playbook.plan import Plan
from orchestrate.workflow.engine import Ended, Engine, Observer
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.outcomes import State

_TROUBLE = frozenset({"failed", "timed_out", "unknown"})


class Display(Protocol):
    """What is seen while a workflow runs."""

    def event(self, event: Event) -> None:
        """Something happened."""
        ...

    def close(self) -> None:
        """Nothing more will happen."""
        ...


def watch(
    engine: Engine,
    workflow: str,
    execute: Callable[[Observer], Ended | None],
    *,
    as_json: bool,
    plan: Plan,
    end_of_output: EndOfOutput,
    asking: bool = False,
    told_by: Display | None = None,
) -> int:
    """Run `execute` with a display for its events; returns the exit code.

    `asking`: questions are asked in between, so lines are shown, not a tree. `told_by`:
    another display than the usual ones.
    """
    stream = err if as_json else out
    began = time.time()
    _outlive_terminal()
    _headline(engine, workflow, stream)
    planned = [step.key for step in plan.steps]
    shown: Display = Plain(stream, style_of(stream))
    if told_by is not None:
        shown = told_by
    elif can_redraw(stream) and not asking:
        from orchestrate.cli.live import Live

        shown = Live(engine, workflow, stream, planned, end_of_output)
    display = _Guarded(shown)
    try:
        ended = execute(display.event)
    finally:
        display.close()
    if ended is None:
        stream.line(f"{workflow} goes on in the process that runs it")
        if as_json:
            _print_json(engine, workflow)
        return 0
    quiet = ended.state is State.SUCCEEDED and not plan.outputs and not display.troubled
    _finish(engine, Finished(ended, plan, began, end_of_output), stream, quiet=quiet)
    display.report()
    if as_json:
        _print_json(engine, ended.workflow)
    return exit_code(ended)


class _Guarded:
    """A display whose faults end it, never the run: they are told when the run has ended."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self._fault: Exception | None = None
        self.troubled = False
        """Something did not go well, or went on from an earlier run in which that may be."""

    def event(self, event: Event) -> None:
        """Pass an event on."""
        if event.type is EventType.RESUMED or event.data.get("status") in _TROUBLE:
            self.troubled = True
        if self._fault is None:
            try:
                self._display.event(event)
            except Exception as error:
                self._fault = error

    def close(self) -> None:
        """Close the display, whatever state it is in."""
        try:
            self._display.close()
        except Exception as error:
            self._fault = self._fault or error

    def report(self) -> None:
        """Tell about a fault, if there was one."""
        if self._fault is not None:
            from orchestrate.cli.errors import report

            report(self._fault, debug=False)


def _headline(engine: Engine, workflow: str, stream: Stream) -> None:
    which = engine.get(workflow)
    style = style_of(stream)
    stream.line(f"{style.strong(workflow)} {which.playbook} in {which.environment}")


def _finish(engine: Engine, finished: Finished, stream: Stream, *, quiet: bool) -> None:
    view = None
    if not quiet:
        from orchestrate.workflow.standing import view_of

        view = view_of(engine, finished.ended.workflow)
    summarize(stream, style_of(stream), engine, finished, view)


def _print_json(engine: Engine, workflow: str) -> None:
    from orchestrate.workflow.standing import workflow_json

    out.line(dump(workflow_json(engine, workflow)))


def _outlive_terminal() -> None:
    """A closed terminal ends the display, not the run: a handler (unlike "ignore") is not
    inherited by what the steps start.
    """

    def terminal_gone(_signal: int, _frame: object) -> None:
        out.lose()
        err.lose()

    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, terminal_gone)
