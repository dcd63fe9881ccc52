"""Writing to the two streams of the process, whatever becomes of them.

Data goes to stdout, messages to stderr. A reader that went away (`| head`) or a terminal that was
closed must never break what is being recorded: the stream is marked as gone and later writes are
dropped.
"""

import errno
import os
import sys
from typing import TextIO

_GONE = frozenset({errno.EPIPE, errno.EIO, errno.EBADF, errno.ENXIO, errno.ESHUTDOWN})


class Stream:
    """One output stream. `alive` turns False when nobody can read it any more."""

    def __init__(self, raw: TextIO | None) -> None:
        self._raw = raw
        self.alive = raw is not None

    @property
    def encoding(self) -> str:
        """The encoding's name in lower case."""
        return (getattr(self._raw, "encoding", None) or "").lower()

    @property
    def raw(self) -> TextIO:
        """The stream itself, for libraries that draw on it."""
        if self._raw is None:
            raise ValueError("the process was started without this stream")
        return self._raw

    def fileno(self) -> int:
        """The descriptor; raises ValueError or OSError if there is none."""
        return self.raw.fileno()

    def lose(self) -> None:
        """Nobody reads this stream any more."""
        self.alive = False

    def write(self, text: str) -> None:
        """Write text as it is; what the encoding cannot show is replaced."""
        if self._raw is None or not self.alive:
            return
        try:
            self._raw.write(text)
            self._raw.flush()
        except UnicodeEncodeError:
            encoding = self._raw.encoding or "ascii"
            self.write(text.encode(encoding, "replace").decode(encoding))
        except (OSError, ValueError) as error:
            self._lost(error)

    def line(self, text: str = "") -> None:
        """Write one line."""
        self.write(text + "\n")

    def write_bytes(self, data: bytes) -> None:
        """Write bytes unchanged."""
        if self._raw is None or not self.alive:
            return
        try:
            self._raw.flush()
            self._raw.buffer.write(data)
            self._raw.buffer.flush()
        except (OSError, ValueError) as error:
            self._lost(error)

    def is_terminal(self) -> bool:
        """Whether a person may be looking."""
        try:
            return self._raw is not None and self.alive and self._raw.isatty()
        except (OSError, ValueError):
            return False

    def _lost(self, error: OSError | ValueError) -> None:
        """Only a stream that went away is forgiven; a full disk behind `>` is not."""
        self.alive = False
        if isinstance(error, OSError) and error.errno not in _GONE:
            raise error


out = Stream(sys.stdout)
err = Stream(sys.stderr)


def leave(code: int) -> None:
    """End the process at once: everything of ours is flushed and closed by now, and taking the
    interpreter down module by module would cost more than a short run itself.
    """
    os._exit(code)
