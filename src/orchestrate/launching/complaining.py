"""What a process says on stderr beside its own business."""

import sys
from contextlib import suppress


def say(message: str) -> None:
    """Say it, if anybody reads it."""
    if sys.stderr is not None:
        with suppress(OSError, ValueError):  # nobody reads it
            sys.stderr.write(f"{message}\n")
            sys.stderr.flush()


def say_waiting(message: str) -> None:
    """Say what this process waits for."""
    if message:
        say(f"waiting: {message}")
