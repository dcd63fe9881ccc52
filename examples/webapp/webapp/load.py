"""A load generator: keep-alive connections that ask at a steady rate and check every answer."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from webapp.http.messages import (
    MAX_HEAD,
    BadMessageError,
    pieces,
    read_head,
    render_head,
    response_body,
)

DEADLINE = 10.0
SLOW_PATH = "/slow?seconds=2"


@dataclass
class Tally:
    """What came back. `versions` counts the answers of each version in each phase."""

    expected: frozenset[str]
    phase: str = "before"
    requests: int = 0
    slow: int = 0
    failures: list[str] = field(default_factory=list[str])
    versions: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])
    latencies: list[float] = field(default_factory=list[float])

    def count(self, path: str, status: str, content: bytes, took: float) -> None:
        """One answer, right or wrong."""
        self.requests += 1
        try:
            version = json.loads(content).get("version")
        except (ValueError, AttributeError):
            version = None
        if status != "200" or version not in self.expected:
            self.failures.append(f"{path}: status {status}, {content[:120]!r}")
            return
        self.versions.setdefault(self.phase, Counter())[version] += 1
        if path == SLOW_PATH:
            self.slow += 1
        else:
            self.latencies.append(took)

    def lose(self, path: str, error: Exception) -> None:
        """A request without an answer."""
        self.requests += 1
        self.failures.append(f"{path}: {error or type(error).__name__}")

    def percentile(self, share: float) -> float:
        """Seconds that this share of the quick answers took at most."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class Load:
    """`rate` requests a second over `connections`, and `slow` more that always have a request
    of two seconds in flight.
    """

    def __init__(self, port: int, tally: Tally, rate: float, connections: int, slow: int) -> None:
        self._port = port
        self._tally = tally
        self._pause = connections / rate
        self._connections = connections
        self._slow = slow
        self._stopping = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Ask until the block ends, then let every request be answered."""
        began = time.monotonic()
        # Spread over one pause, so that they do not all ask at the same moment.
        quick = [
            self._ask_at(began + self._pause * number / self._connections)
            for number in range(self._connections)
        ]
        slow = [self._ask_slowly() for _ in range(self._slow)]
        tasks = [asyncio.create_task(each) for each in (*quick, *slow)]
        try:
            yield
        finally:
            self._stopping = True
            await asyncio.gather(*tasks)

    async def _ask_at(self, turn: float) -> None:
        link = Link(self._port)
        while not self._stopping:
            await asyncio.sleep(max(0.0, turn - time.monotonic()))
            await self._one(link, "/")
            turn += self._pause
        link.close()

    async def _ask_slowly(self) -> None:
        link = Link(self._port)
        while not self._stopping:
            await self._one(link, SLOW_PATH)
        link.close()

    async def _one(self, link: "Link", path: str) -> None:
        began = time.monotonic()
        try:
            async with asyncio.timeout(DEADLINE):
                status, content = await link.ask(path)
        except (OSError, TimeoutError, BadMessageError) as error:
            link.close()
            self._tally.lose(path, error)
            await asyncio.sleep(self._pause)  # nobody there: do not ask in a tight loop
        else:
            self._tally.count(path, status, content, time.monotonic() - began)


class Link:
    """A connection to the proxy, opened when it is needed and kept."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, path: str) -> tuple[str, bytes]:
        """The status and the content that `path` answers."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=MAX_HEAD)
        reader, writer = self._streams
        writer.write(render_head(("GET", path, "HTTP/1.1"), (("host", "webapp"),)))
        head = await read_head(reader)
        if head is None:
            raise BadMessageError("the connection was closed without an answer")
        content = b"".join([piece async for piece in pieces(reader, response_body(head, "GET"))])
        if head.has_token("connection", "close"):
            self.close()
        return head.start[1], content

    def close(self) -> None:
        """Close it; the next question opens a new one."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None
