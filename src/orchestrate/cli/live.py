"""A run as a tree that is redrawn, with progress, an estimate from earlier runs, and the last
output line of what is running. Terminals only: this module is the one that loads rich.
"""

import shlex
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TypeAlias

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderResult
from rich.control import Control
from rich.live import Live as RichLive
from rich.segment import ControlType
from rich.text import Text

from orchestrate.cli.console import Stream
from orchestrate.cli.excerpts import EndOfOutput, last_lines
from orchestrate.cli.foreground import Foreground
from orchestrate.cli.formats import cut, duration, visible
from orchestrate.cli.holders import Holders
from orchestrate.cli.style import MARKS, STATE_STYLES, style_of
from orchestrate.cli.tree import Line, Tree, fitted, render_line
from orchestrate.cli.wrapping import rows_more
from orchestrate.workflow.engine import Engine, Filter
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.standing import all_events, usual_duration
from orchestrate.workflow.state import WorkflowView

_STYLES = {"good": "green", "bad": "red", "busy": "cyan", "warn": "yellow", "dim": "dim", "": ""}
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_ASCII_SPINNER = "|/-\\"
_RATE = 8
_TALKING = 6
"""Running steps whose last line of output is shown."""
Usual: TypeAlias = Callable[[str], str]
"""How long the step at a path usually takes, in words; "" if that is not known."""


class Picture(RichLive):
    """Lines that are drawn over the last ones, also if the terminal was made narrower since."""

    def __init__(self, draw: Callable[[ConsoleOptions], Iterator[Text]], console: Console) -> None:
        self._draw = draw
        self._widths: list[int] = []
        """Of the lines that stand there now."""
        super().__init__(
            self, console=console, refresh_per_second=_RATE, transient=True, redirect_stdout=False
        )

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines as they are now."""
        lines = list(self._draw(options))
        self._widths = [line.cell_len for line in lines[: options.size.height]]
        yield from lines

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        """What rich writes for the next picture: it goes up as many rows as it has drawn lines."""
        found = super().process_renderables(renderables)
        more = rows_more(self._widths, self.console.width)
        if not more:
            return found
        erased = (ControlType.ERASE_IN_LINE, 2)
        up = ((ControlType.CURSOR_UP, 1), erased) * more
        return [Control(ControlType.CARRIAGE_RETURN, erased, *up), *found]


class Live:
    """The display; it is redrawn by rich's own thread, eight times a second."""

    def __init__(
        self,
        engine: Engine,
        workflow: str,
        stream: Stream,
        planned: Sequence[str],
        end_of_output: EndOfOutput,
        usual: Usual | None = None,
    ) -> None:
        self._end_of_output = end_of_output
        self._usual = usual
        self._attempts: dict[str, int] = {}
        """Running attempts by step path."""
        self._stream = stream
        self._lock = threading.RLock()
        self._wish = Wish()
        self._holders = Holders(engine)
        self._tree = Tree(WorkflowView(workflow), planned)
        self._plain = style_of(stream)
        self._expected = _expected_duration(engine, workflow)
        for event in all_events(engine, workflow):
            self._tree.apply(event)
        console = Console(
            file=stream.raw, force_terminal=True, no_color=not self._plain.colour, highlight=False
        )
        self._picture = Picture(self._draw, console)
        self._foreground = Foreground(stream)
        self._start()

    def event(self, event: Event) -> None:
        """Something happened."""
        with self._lock:
            self._tree.apply(event)
            self._wish.apply(event)
            if event.type is EventType.ATTEMPT_STARTED:
                self._attempts[event.path] = event.seq
            elif event.type is EventType.ATTEMPT_FINISHED:
                self._attempts.pop(event.path, None)

    @property
    def last_seq(self) -> int:
        """The position of the last event that is shown."""
        return self._tree.view.last_seq

    def close(self) -> None:
        """Leave the final picture standing."""
        self._foreground.close()
        try:
            self._picture.stop()
        except (OSError, ValueError):
            self._stream.lose()
        for line in self._tree.lines(time.time()):
            self._stream.line(render_line(self._plain, line))

    def _start(self) -> None:
        try:
            self._picture.start()
        except (OSError, ValueError):
            self._stream.lose()

    def _draw(self, options: ConsoleOptions) -> Iterator[Text]:
        """The picture as it is now."""
        now = time.time()
        height = max(4, (options.size.height or 24) - 4)
        width = options.max_width
        with self._lock:
            self._holders.refresh(self._tree.view)
            running = dict(islice(self._attempts.items(), _TALKING))
            lines = self._tree.lines(now, height - len(running))
            finished, total = self._tree.progress()
            started = self._tree.view.started_at
            state = str(self._tree.view.state)
            wish = self._wish.text(self._tree.view)
            still = state != State.RUNNING and not running
        for line in lines:
            # What contains steps is open, but nothing in it moves.
            resting = still and line.state == "running"
            if self._usual is not None and line.path in running:
                usual = self._usual(line.path)
                line = line._replace(figures=f"{line.figures}  {usual}" if usual else line.figures)
            yield self._text(line._replace(state="paused") if resting else line, now, width)
            if line.path in running:
                yield from self._said(line, running[line.path], width)
        dim = "dim" if self._plain.colour else ""
        footer = self._footer(state, finished, total, started, now)
        yield Text(cut(footer, width - 1), dim, no_wrap=True)
        if wish:
            warn = "yellow" if self._plain.colour else ""
            yield Text(cut(wish, width - 1), warn, no_wrap=True)

    def _said(self, line: Line, attempt: int, width: int) -> Iterator[Text]:
        """The last line that a running step wrote."""
        for said in last_lines(self._end_of_output(self._tree.view.id, attempt), 1):
            text = f"{'  ' * line.depth}  | {said}"
            dim = "dim" if self._plain.colour else ""
            yield Text(cut(text, width - 1), dim, no_wrap=True)

    def _text(self, line: Line, now: float, width: int) -> Text:
        colour = self._plain.colour
        style = _STYLES[STATE_STYLES.get(line.state, "")] if colour else ""
        dim = "dim" if colour else ""
        rich_mark, plain_mark = MARKS.get(line.state, ("·", "."))
        mark = rich_mark if self._plain.unicode else plain_mark
        if line.state == "running":
            frames = _SPINNER if self._plain.unicode else _ASCII_SPINNER
            mark = frames[int(now * _RATE) % len(frames)]
        name, rest = fitted(line, width)
        text = Text(no_wrap=True, end="\n")
        text.append("  " * line.depth)
        text.append(mark if line.state else " ", style)
        text.append(f" {name}", dim if line.state in ("pending", "skipped") else "")
        text.append(rest, "red" if style == "red" else dim)
        return text

    def _footer(
        self, state: str, finished: int, total: int, started: float | None, now: float
    ) -> str:
        words = [f"{state}  {finished}/{total} {'step' if total == 1 else 'steps'}"]
        if started is not None:
            elapsed = now - started
            words.append(duration(elapsed))
            if self._expected is not None and elapsed < self._expected:
                words.append(f"about {duration(self._expected - elapsed)} left")
        return "  ".join(words)


class Wish:
    """What somebody wants of the workflow that has not come about yet, and how to go on."""

    def __init__(self) -> None:
        self._now = ""

    def apply(self, event: Event) -> None:
        """Take an event."""
        match event.type:
            case EventType.CANCEL_REQUESTED if event.data.get("hard"):
                self._now = "stopping everything, undoing and finally too"
            case EventType.CANCEL_REQUESTED:
                self._now = "cancelling; ^C again also stops undoing and finally"
            case EventType.COMPLETION_REQUESTED:
                self._now = "completing"
            case EventType.PAUSE_REQUESTED if not self._now:
                self._now = "pausing"
            case EventType.PAUSED | EventType.UNPAUSED if self._now == "pausing":
                self._now = ""
            case EventType.RESUMED:
                self._now = ""
            case _:
                pass

    def text(self, view: WorkflowView) -> str:
        """One line, or "" if it simply goes on."""
        reason = f": {visible(view.reason)}" if view.reason else ""
        if view.state is State.PAUSED:
            return f"go on: orchestrate resume --workflow {view.id}   paused{reason}"
        if view.approvals.awaited and not self._now:
            return how_to_approve(view)
        return f"{self._now}{reason}" if self._now == "pausing" else self._now


def how_to_approve(view: WorkflowView) -> str:
    """What to type on another terminal."""
    waiting = view.approvals.awaited
    step = f" --step {shlex.quote(waiting[0].path)}" if len(waiting) > 1 else ""
    return f"approve: orchestrate approve {view.id}{step}   or --reject"


def _expected_duration(engine: Engine, workflow: str) -> float | None:
    """How long the last successful runs of the same playbook took."""
    playbook = engine.get(workflow).playbook
    return usual_duration(
        engine.find(Filter(states=(State.SUCCEEDED,), playbook=playbook, limit=10))
    )
