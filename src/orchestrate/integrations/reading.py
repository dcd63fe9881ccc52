"""Answers of other systems, read within limits of time and size, and what they say of a next try.

The libraries of vendors know a timeout for each read of a socket, and read whatever comes. A server
that sends a byte now and then, or without end, would hold a delivery forever.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime

from orchestrate.integrations.service import Limits, RetryLater

_BROKEN_OFF = {
    "RemoteDisconnected",
    "IncompleteRead",
    "ConnectionResetError",
    "BrokenPipeError",
    "ProtocolError",
    "ChunkedEncodingError",
    "BadStatusLine",
}
_CHUNK = 16 << 10
_LONGEST_WAIT = 3600.0
"""Seconds of a Retry-After that are obeyed; a server that says more is asked again after these."""


class Overlong(OSError):  # noqa: N818 - what the answer is
    """An answer that took too long, or never ended."""


class Deadline:
    """The end of one attempt to deliver, over all of its requests."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._end = time.monotonic() + limits.total
        self.room = limits.answer
        """How many bytes of one answer are read."""

    def left(self) -> float:
        """Seconds that remain. Raises Overlong if there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise Overlong(f"it took longer than {self._limits.total:g} s")
        return left

    def timeouts(self) -> tuple[float, float]:
        """Seconds to connect within, and to wait for each read."""
        left = self.left()
        return min(self._limits.connect, left), left

    def read(self, read1: Callable[[int], bytes]) -> bytes:
        """What `read1` gives, as far as an answer is read. Raises Overlong."""
        parts: list[bytes] = []
        room = self.room
        while room > 0:
            self.left()
            part = read1(min(_CHUNK, room))
            if not part:
                break
            parts.append(part)
            room -= len(part)
        return b"".join(parts)


def retry_after(headers: Mapping[str, str], *names: str) -> float | None:
    """Seconds to wait, as the headers say; in `names`, or Retry-After, in seconds or as a date."""
    known = {name.lower(): value for name, value in headers.items()}
    for name in (*names, "Retry-After"):
        seconds = _seconds(known.get(name.lower(), "").strip())
        if seconds is not None:
            return min(max(0.0, seconds), _LONGEST_WAIT)
    return None


def _seconds(value: str) -> float | None:
    try:
        return float(value) if value[:1].isdigit() else _until(value)
    except ValueError:
        return None


def _until(date: str) -> float:
    return parsedate_to_datetime(date).timestamp() - time.time()


def unanswered(who: str, error: Exception) -> RetryLater:
    """What an error on the way to `who`, or in its answer, means: that it is to be asked again."""
    chain = list(_causes(error))
    names = {type(each).__name__ for each in chain}
    if any(isinstance(each, ssl.SSLError) for each in chain):
        return RetryLater(None, f"the certificate of {who} is not to be trusted")
    if any(isinstance(each, TimeoutError | Overlong) for each in chain) or any(
        "Timeout" in name for name in names
    ):
        return RetryLater(None, f"{who} did not answer in time")
    if any(isinstance(each, socket.gaierror) for each in chain) or "NameResolutionError" in names:
        return RetryLater(None, f"the address of {who} is unknown to the network")
    if names & _BROKEN_OFF:
        return RetryLater(None, f"{who} closed the connection before it had answered")
    if any(isinstance(each, OSError) for each in chain) and "JSONDecodeError" not in names:
        said = [each.strerror for each in chain if isinstance(each, OSError) and each.strerror]
        return RetryLater(None, f"{who} cannot be reached" + (f": {said[0]}" if said else ""))
    return RetryLater(None, f"{who} answered with something that is not its own")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and the errors within it: libraries wrap them in their own."""
    seen: list[BaseException] = [error]
    for each in seen:
        yield each
        within = (each.__cause__, each.__context__, getattr(each, "reason", None), *each.args)
        seen += [one for one in within if isinstance(one, BaseException) and one not in seen]
