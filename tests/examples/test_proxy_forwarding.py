"""The proxy against upstreams that the test controls byte by byte."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Self

from webapp.http.server import Server
from webapp.proxy.forwarding import Forwarder
from webapp.proxy.routes import Route, Table, Upstream

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class House:
    """A proxy in front of upstreams, in this event loop."""

    def __init__(self) -> None:
        self.forwarder = Forwarder()
        self.front = Server(self.forwarder.answer)
        self.port = 0
        self.seen: list[bytes] = []
        self.connections = 0
        self._listeners: list[asyncio.Server] = []

    async def __aenter__(self) -> Self:
        self.port = await self.front.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.front.stop(1)
        for each in self._listeners:
            each.close()
        for peer in self.forwarder.peers:
            peer.close_idle()

    async def upstream(self, answer: Callable[[Streams], Awaitable[None]]) -> int:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.connections += 1
            try:
                while True:
                    self.seen.append(await reader.readuntil(b"\r\n\r\n"))
                    await answer((reader, writer))
            except (asyncio.IncompleteReadError, ConnectionError):
                pass
            finally:
                writer.close()

        listener = await asyncio.start_server(serve, "127.0.0.1", 0)
        self._listeners.append(listener)
        return int(listener.sockets[0].getsockname()[1])

    def route(self, *ports: int, weight: int = 100, draining: bool = True) -> None:
        upstreams = tuple(Upstream(f"up-{port}", port) for port in ports)
        self.forwarder.replace(Table((Route("blue", weight, False, upstreams),), draining))

    async def connect(self) -> Streams:
        return await asyncio.open_connection("127.0.0.1", self.port)


async def say(streams: Streams, text: bytes) -> None:
    streams[1].write(text)
    await streams[1].drain()


async def hear(streams: Streams, size: int | None = None) -> tuple[bytes, bytes]:
    head = await streams[0].readuntil(b"\r\n\r\n")
    if size is None:
        size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    return head, await streams[0].readexactly(size)


async def fine(streams: Streams) -> None:
    await say(streams, OK)


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_connections_are_kept_on_both_sides() -> None:
    async def scenario() -> None:
        async with House() as house:
            house.route(await house.upstream(fine))
            client = await house.connect()
            for _ in range(3):
                await say(client, b"GET /a HTTP/1.1\r\nhost: x\r\n\r\n")
                head, body = await hear(client)
                assert head.startswith(b"HTTP/1.1 200 OK\r\n")
                assert body == b"ok"
            assert house.connections == 1
            client[1].close()

    asyncio.run(scenario())


def test_headers_for_one_hop_are_not_passed_on() -> None:
    async def scenario() -> None:
        async with House() as house:
            house.route(await house.upstream(fine))
            client = await house.connect()
            await say(
                client,
                b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close, x-private\r\n"
                b"x-private: 1\r\nx-public: 2\r\n\r\n",
            )
            head, _ = await hear(client)
            assert house.seen == [b"GET / HTTP/1.1\r\nhost: x\r\nx-public: 2\r\n\r\n"]
            assert b"connection: close" in head
            assert await client[0].read() == b""
            client[1].close()

    asyncio.run(scenario())


def test_a_dead_upstream_is_passed_over_when_nothing_was_sent() -> None:
    async def scenario() -> None:
        async with House() as house:
            dead = unused_port()
            house.route(dead, await house.upstream(fine))
            client = await house.connect()
            for _ in range(4):
                await say(client, b"POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\nhi")
                assert (await hear(client))[0].startswith(b"HTTP/1.1 200")
            peer = house.forwarder.peers.get(f"up-{dead}")
            assert peer is not None
            assert peer.failed == 2
            client[1].close()

    # The upstream reads heads only, so the two bytes of each body come before the next head.
    asyncio.run(scenario())


def test_a_request_that_was_sent_is_never_sent_again() -> None:
    async def hang_up(streams: Streams) -> None:
        streams[1].close()
        raise ConnectionError

    async def scenario() -> None:
        async with House() as house:
            house.route(await house.upstream(hang_up), await house.upstream(hang_up))
            client = await house.connect()
            await say(client, b"GET / HTTP/1.1\r\n\r\n")
            assert (await hear(client))[0].startswith(b"HTTP/1.1 502")
            assert len(house.seen) == 1
            client[1].close()

    asyncio.run(scenario())


def test_nobody_to_ask_is_503() -> None:
    async def scenario() -> None:
        async with House() as house:
            house.route(unused_port())
            client = await house.connect()
            await say(client, b"GET / HTTP/1.1\r\n\r\n")
            assert (await hear(client))[0].startswith(b"HTTP/1.1 503")
            client[1].close()

    asyncio.run(scenario())


def test_an_answer_is_passed_on_while_it_arrives() -> None:
    async def scenario() -> None:
        go_on = asyncio.Event()

        async def in_two_parts(streams: Streams) -> None:
            await say(streams, b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n")
            await go_on.wait()
            await say(streams, b"3\r\ntwo\r\n0\r\n\r\n")

        async with House() as house:
            house.route(await house.upstream(in_two_parts))
            client = await house.connect()
            await say(client, b"GET / HTTP/1.1\r\n\r\n")
            head, first = await hear(client, 8)
            assert b"transfer-encoding: chunked" in head
            assert first == b"3\r\none\r\n"
            go_on.set()
            assert await client[0].readexactly(13) == b"3\r\ntwo\r\n0\r\n\r\n"
            client[1].close()

    asyncio.run(scenario())


def test_a_part_of_an_answer_is_never_taken_for_the_whole() -> None:
    async def scenario() -> None:
        async def break_off(streams: Streams) -> None:
            await say(streams, b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
            streams[1].close()
            raise ConnectionError

        async with House() as house:
            house.route(await house.upstream(break_off))
            client = await house.connect()
            await say(client, b"GET / HTTP/1.1\r\n\r\n")
            await client[0].readuntil(b"\r\n\r\n")
            try:
                rest = await client[0].read()
            except ConnectionError:
                rest = b""
            assert len(rest) < 10
            client[1].close()

    asyncio.run(scenario())


def test_a_request_with_two_lengths_is_refused() -> None:
    async def scenario() -> None:
        async with House() as house:
            house.route(await house.upstream(fine))
            for headers in (
                b"content-length: 1\r\ncontent-length: 2\r\n",
                b"content-length: 1\r\ntransfer-encoding: chunked\r\n",
                b"content-length: +1\r\n",
                b"bad header: 1\r\n",
            ):
                client = await house.connect()
                await say(client, b"POST / HTTP/1.1\r\n" + headers + b"\r\n")
                assert (await hear(client))[0].startswith(b"HTTP/1.1 400")
                client[1].close()
            assert house.seen == []

    asyncio.run(scenario())


def test_what_is_taken_out_finishes_what_it_has() -> None:
    assert asyncio.run(_taken_out(draining=True)) == b"HTTP/1.1 200 OK"


def test_without_draining_it_is_cut() -> None:
    assert asyncio.run(_taken_out(draining=False)) == b"HTTP/1.1 502 Bad Gateway"


async def _taken_out(*, draining: bool) -> bytes:
    """The first line of the answer to a request whose upstream leaves the rotation."""
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def wait_for_it(streams: Streams) -> None:
        arrived.set()
        await go_on.wait()
        await fine(streams)

    async with House() as house:
        old, new = await house.upstream(wait_for_it), await house.upstream(fine)
        house.route(old, draining=draining)
        client = await house.connect()
        await say(client, b"GET / HTTP/1.1\r\n\r\n")
        await arrived.wait()
        peer = house.forwarder.peers.get(f"up-{old}")
        assert peer is not None
        assert peer.in_flight == 1
        house.route(new, draining=draining)
        if draining:
            go_on.set()
        head, _ = await hear(client)
        go_on.set()
        await peer.drained()
        assert peer.in_flight == 0
        client[1].close()
        return head.split(b"\r\n")[0]
