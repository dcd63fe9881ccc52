"""Connections to upstreams: kept alive between requests, counted while in use."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from webapp.http.messages import MAX_HEAD
from webapp.proxy.routes import Upstream

CONNECT_DEADLINE = 1.0
MAX_IDLE = 32


class Link(NamedTuple):
    """One connection to an upstream."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def usable(self) -> bool:
        """False once the upstream has closed it."""
        return not (self.reader.at_eof() or self.writer.is_closing())


class Peer:
    """One upstream as the proxy sees it."""

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream
        self.in_flight = 0
        self.served = 0
        self.failed = 0
        self._idle: list[Link] = []
        self._busy: set[Link] = set()
        self._drained = asyncio.Event()
        self._drained.set()

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """A request is on its way here. Counted from the moment of the choice, so that an
        upstream is never thought drained between choice and connection.
        """
        self.in_flight += 1
        self._drained.clear()
        try:
            yield
        finally:
            self.in_flight -= 1
            if not self.in_flight:
                self._drained.set()

    async def connect(self) -> Link:
        """A connection on which nothing was sent yet for this request. Raises OSError."""
        while self._idle:
            link = self._idle.pop()
            if link.usable:
                self._busy.add(link)
                return link
            link.writer.close()
        async with asyncio.timeout(CONNECT_DEADLINE):
            link = Link(
                *await asyncio.open_connection("127.0.0.1", self.upstream.port, limit=MAX_HEAD)
            )
        self._busy.add(link)
        return link

    def release(self, link: Link, *, keep: bool) -> None:
        """The request on this connection is over."""
        self._busy.discard(link)
        if keep and link.usable and len(self._idle) < MAX_IDLE:
            self._idle.append(link)
        else:
            link.writer.close()

    async def drained(self) -> None:
        """Returns when no request is in flight here."""
        await self._drained.wait()

    def close_idle(self) -> None:
        """Close the connections that carry nothing."""
        while self._idle:
            self._idle.pop().writer.close()

    def cut(self) -> None:
        """Break the connections that carry a request."""
        for link in self._busy:
            link.writer.transport.abort()


class Peers:
    """All peers by name; those that left the table stay until they have nothing in flight."""

    def __init__(self) -> None:
        self._peers: dict[str, Peer] = {}

    def replace(self, upstreams: Iterable[Upstream]) -> None:
        """Know these; forget what is neither among them nor busy."""
        wanted = {each.name: each for each in upstreams}
        for name, peer in list(self._peers.items()):
            if name not in wanted:
                peer.close_idle()
                if not peer.in_flight:
                    del self._peers[name]
        for name, upstream in wanted.items():
            known = self._peers.get(name)
            if known is None or known.upstream != upstream:
                self._peers[name] = Peer(upstream)

    def get(self, name: str) -> Peer | None:
        """The peer of that name, if it is known."""
        return self._peers.get(name)

    def __iter__(self) -> Iterator[Peer]:
        return iter(self._peers.values())
