"""Whether a stream may have colours and how wide it is, and the few styles that are used.

Small and without libraries, because every verb uses it; only the live tree loads rich.
"""

import os

from orchestrate.cli.console import Stream

_CODES = {"good": "32", "bad": "31", "busy": "36", "warn": "33", "dim": "2", "strong": "1"}

STATE_STYLES = {
    "succeeded": "good",
    "completed": "good",
    "failed": "bad",
    "timed_out": "bad",
    "cancelled": "warn",
    "unknown": "warn",
    "needs_attention": "warn",
    "paused": "warn",
    "waiting": "warn",
    "running": "busy",
    "skipped": "dim",
    "queued": "dim",
    "pending": "dim",
}

MARKS = {
    "succeeded": ("✓", "+"),
    "completed": ("✓", "+"),
    "failed": ("✗", "x"),
    "timed_out": ("✗", "x"),
    "cancelled": ("■", "-"),
    "unknown": ("?", "?"),
    "needs_attention": ("!", "!"),
    "paused": ("‖", "="),
    "waiting": ("…", "."),
    "running": ("▶", ">"),
    "skipped": ("○", "o"),
    "queued": ("·", "."),
    "pending": ("·", "."),
}


class Style:
    """How one stream is written to."""

    def __init__(self, *, colour: bool, unicode: bool, width: int) -> None:
        self.colour = colour
        self.unicode = unicode
        self.width = width

    def apply(self, name: str, text: str) -> str:
        """The text in a named style, if there are colours."""
        return f"\x1b[{_CODES[name]}m{text}\x1b[0m" if self.colour and name in _CODES else text

    def bad(self, text: str) -> str:
        """Something went wrong."""
        return self.apply("bad", text)

    def warn(self, text: str) -> str:
        """Somebody should look."""
        return self.apply("warn", text)

    def dim(self, text: str) -> str:
        """Less important."""
        return self.apply("dim", text)

    def strong(self, text: str) -> str:
        """More important."""
        return self.apply("strong", text)

    def state(self, state: str, text: str | None = None) -> str:
        """A state, or text about something in that state."""
        shown = state.replace("_", " ") if text is None else text
        return self.apply(STATE_STYLES.get(state, ""), shown)

    def mark(self, state: str) -> str:
        """One character for a state."""
        rich, plain = MARKS.get(state, ("·", "."))
        return self.state(state, rich if self.unicode else plain)


def style_of(stream: Stream) -> Style:
    """How to write to a stream: colours only on a terminal that wants them."""
    terminal = stream.is_terminal()
    return Style(
        colour=terminal and not os.environ.get("NO_COLOR") and not is_dumb(),
        unicode=stream.encoding in ("utf8", "utf-8"),
        width=_width(stream) if terminal else 0,
    )


def can_redraw(stream: Stream) -> bool:
    """Whether the stream can show a picture that changes."""
    return stream.is_terminal() and not is_dumb()


def is_dumb() -> bool:
    """A terminal that can do nothing but take lines."""
    return os.environ.get("TERM", "dumb") == "dumb"


def _width(stream: Stream) -> int:
    """Columns of the terminal."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        return int(columns)
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
