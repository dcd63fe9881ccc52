"""A run as lines: for pipes, files, continuous integration, and terminals that cannot redraw."""

from orchestrate.cli.console import Stream
from orchestrate.cli.formats import clock, cut
from orchestrate.cli.narration import LARGE, Narrator, items_of
from orchestrate.cli.style import Style
from orchestrate.workflow.events import Event, EventType

_RECENT = 4096
"""Iterations that may run at once and are still told apart."""
_TROUBLE = frozenset({"failed", "timed_out", "cancelled", "unknown", "needs_attention"})
_STEPS = (
    EventType.ATTEMPT_STARTED,
    EventType.ATTEMPT_FINISHED,
    EventType.STEP_STARTED,
    EventType.STEP_FINISHED,
)


def _is_routine(event: Event) -> bool:
    """Whether it is one of the many that a large loop only counts."""
    return event.type in _STEPS and event.data.get("status") not in _TROUBLE


class _Loop:
    """How far a large loop is: iterations begun, without keeping all their keys."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.begun = 0
        self.told = 0
        self._recent: dict[str, None] = {}

    def begin(self, key: str) -> bool:
        """Something of an iteration started; whether another tenth is reached with it."""
        if key in self._recent:
            return False
        self._recent[key] = None
        if len(self._recent) > _RECENT:
            del self._recent[next(iter(self._recent))]
        self.begun += 1
        tenth = self.begun * 10 // self.total
        reached = tenth > self.told
        self.told = tenth
        return reached


class Plain:
    """Writes one line for each event."""

    def __init__(self, stream: Stream, style: Style) -> None:
        self._stream = stream
        self._style = style
        self._loops: dict[str, _Loop] = {}
        self._narrator = Narrator()

    def event(self, event: Event) -> None:
        """Tell an event."""
        total = items_of(event)
        if total is not None and total > LARGE:
            self._loops[event.path] = _Loop(total)
        large = self._large_loop(event.path) if self._loops else None
        if large is not None and _is_routine(event):
            self._count(large, event)
            return
        line = self._narrator.tell(event)
        if line is None:
            return
        if large is not None and line.state not in _TROUBLE:
            return
        style = self._style
        words = [style.dim(clock(event.at)), style.mark(line.state)]
        if line.path:
            words.append(style.strong(line.path))
        words.append(style.state(line.state, line.text) if not line.path else line.text)
        self._stream.line(cut(" ".join(words), 0))

    def close(self) -> None:
        """Nothing is held back."""

    def _large_loop(self, path: str) -> str | None:
        for loop in self._loops:
            if path.startswith(loop) and path[len(loop) : len(loop) + 1] == "[":
                return loop
        return None

    def _count(self, loop: str, event: Event) -> None:
        """Tell about every tenth part of a large loop."""
        state = self._loops[loop]
        key = event.path[len(loop) + 1 :].partition("]")[0]
        if state.begin(key):
            shown = f"{state.begun} of {state.total} begun"
            self._stream.line(f"{self._style.dim(clock(event.at))}   {loop} {shown}")
