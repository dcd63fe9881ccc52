"""A keep-alive HTTP server that ends without cutting a request that it has begun to answer."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from webapp.http.messages import (
    MAX_HEAD,
    BadMessageError,
    Head,
    pieces,
    read_head,
    render_head,
    request_body,
)

REASONS = {
    200: "OK",
    201: "Created",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}

Connection = Callable[[Head, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bool]]
"""Answers one request; false if the connection cannot carry another."""


class Request(NamedTuple):
    """A request read whole, for handlers that do not stream."""

    method: str
    path: str
    query: str
    head: Head
    content: bytes


class Response(NamedTuple):
    """A status and what becomes the JSON body."""

    status: int
    content: Mapping[str, Any]


Handler = Callable[[Request], Awaitable[Response]]


def wants_to_stay(head: Head) -> bool:
    """Whether the sender of this request head keeps its connection open."""
    if head.start[2] == "HTTP/1.0":
        return head.has_token("connection", "keep-alive")
    return not head.has_token("connection", "close")


def send_json(writer: asyncio.StreamWriter, response: Response, *, stays: bool) -> None:
    """Write a small JSON response."""
    content = json.dumps(response.content).encode() + b"\n"
    status = str(response.status)
    headers = (
        ("content-type", "application/json"),
        ("content-length", str(len(content))),
        ("connection", "keep-alive" if stays else "close"),
    )
    start = ("HTTP/1.1", status, REASONS[response.status])
    writer.write(render_head(start, headers) + content)


def answering(handler: Handler, limit: int = 1024 * 1024) -> Connection:
    """A connection handler around one that takes whole requests of at most `limit` bytes."""

    async def answer(
        head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        content = bytearray()
        async for piece in pieces(reader, request_body(head)):
            content += piece
            if len(content) > limit:
                raise BadMessageError(f"the body is longer than {limit} bytes")
        path, _, query = head.start[1].partition("?")
        response = await handler(Request(head.start[0], path, query, head, bytes(content)))
        stays = wants_to_stay(head)
        send_json(writer, response, stays=stays)
        await writer.drain()
        return stays

    return answer


class Server:
    """Accepts connections and answers the requests of each, one after another."""

    def __init__(self, answer: Connection) -> None:
        self._answer = answer
        self._listener: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle: set[asyncio.StreamWriter] = set()
        self._stopping = False

    async def start(self, port: int = 0) -> int:
        """Listen on loopback; returns the port."""
        self._listener = await asyncio.start_server(
            self._serve, "127.0.0.1", port, limit=MAX_HEAD, backlog=512
        )
        return int(self._listener.sockets[0].getsockname()[1])

    async def stop(self, grace: float) -> None:
        """Accept no more, close what is idle, and give the rest `grace` seconds to finish."""
        self._stopping = True
        if self._listener is not None:
            self._listener.close()
        for writer in self._idle:
            writer.close()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while not self._stopping and await self._one(reader, writer):
                pass
        except BadMessageError as error:
            send_json(writer, Response(400, {"error": str(error)}), stays=False)
        except (ConnectionError, TimeoutError):
            pass  # the client has gone; there is nobody left to tell
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        self._idle.add(writer)
        try:
            head = await read_head(reader)
        finally:
            self._idle.discard(writer)
        if head is None:
            return False
        if head.start[2] not in ("HTTP/1.1", "HTTP/1.0"):
            raise BadMessageError("only HTTP/1.1 and HTTP/1.0 are spoken here")
        if head.has_token("expect", "100-continue"):
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return await self._answer(head, reader, writer)
