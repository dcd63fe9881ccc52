"""What Temporal's library remarks on, a line for each: what it says with a traceback is for those
who write activities, not for those who run a worker.
"""

import logging
from collections.abc import Callable

_LIBRARY = "temporalio"


class _Remarks(logging.Handler):
    """Hands on the first line of a remark, and of the error that it is about."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        said = _first_line(record.getMessage())
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            said = f"{said}: {_first_line(str(error)) or type(error).__name__}"
        self._say(said)


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0].strip()


def hand_on(say: Callable[[str], None]) -> None:
    """From now on, for the whole process."""
    logger = logging.getLogger(_LIBRARY)
    logger.propagate = False
    logger.handlers = [_Remarks(say)]
