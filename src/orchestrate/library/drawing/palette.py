"""What the pictures share: colours of states, and how long a text may be."""

COLOURS = {
    "succeeded": ("#dff3e4", "#2f855a"),
    "failed": ("#fde2e1", "#c53030"),
    "timed_out": ("#fde2e1", "#c53030"),
    "cancelled": ("#fdf0d5", "#b7791f"),
    "unknown": ("#fdf0d5", "#b7791f"),
    "needs_attention": ("#fdf0d5", "#b7791f"),
    "parked": ("#fdf0d5", "#b7791f"),
    "waiting": ("#fdf0d5", "#b7791f"),
    "running": ("#dbeafe", "#2b6cb0"),
    "skipped": ("#f3f4f6", "#9ca3af"),
}
"""Fill and line of a step in that state."""

LONGEST = 48
"""Characters of a call that a picture shows."""


def shortened(text: str) -> str:
    """A text cut to what a picture has room for."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
