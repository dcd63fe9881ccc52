"""A picture that is redrawn hides the cursor; a shell that comes to the front has to find it."""

import os
import signal
import threading
from contextlib import suppress
from types import FrameType

from orchestrate.cli.console import Stream

_SHOW = b"\x1b[?25h"
_HIDE = b"\x1b[?25l"


class Foreground:
    """Shows the cursor when this process is stopped by ^Z, hides it when it is continued."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._active = threading.current_thread() is threading.main_thread()
        if self._active:
            signal.signal(signal.SIGTSTP, self._stop)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        self._write(_SHOW + b"\r\n")
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        # Continued: by `fg` or `bg`.
        signal.signal(number, self._stop)
        self._write(_HIDE)

    def _write(self, data: bytes) -> None:
        """Past the buffers: this interrupts whatever was being written."""
        with suppress(OSError, ValueError):
            os.write(self._stream.fileno(), data)

    def close(self) -> None:
        """The picture is final."""
        if self._active:
            signal.signal(signal.SIGTSTP, signal.SIG_DFL)
            self._active = False
