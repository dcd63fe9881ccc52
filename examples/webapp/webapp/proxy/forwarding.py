"""Carries one request to an upstream and its answer back."""

import asyncio
from typing import NamedTuple

from webapp.http.messages import (
    HOP_BY_HOP,
    BadMessageError,
    Body,
    Head,
    pieces,
    read_head,
    render_head,
    request_body,
    response_body,
    send_pieces,
)
from webapp.http.server import Response, send_json, wants_to_stay
from webapp.proxy.peers import Link, Peer, Peers
from webapp.proxy.routes import Selection, Table, Upstream

POOLS = "/pools/"


class Forwarder:
    """The proxy's table and what it does with a request."""

    def __init__(self) -> None:
        self.selection = Selection(Table())
        self.peers = Peers()

    def replace(self, table: Table) -> None:
        """Use this table from the next request on; requests in flight keep their upstream."""
        left = self.selection.table.rotation - table.rotation
        self.selection = Selection(table)
        leaving = [peer for name in left if (peer := self.peers.get(name)) is not None]
        self.peers.replace(table.upstreams.values())
        if not table.draining:
            for peer in leaving:
                peer.cut()

    def route(self, target: str) -> tuple[str, list[Upstream]]:
        """The target for the upstream, and the upstreams to try. `/pools/NAME/…` reaches one
        pool whatever its weight.
        """
        if not target.startswith(POOLS):
            return target, self.selection.by_weight()
        pool, _, rest = target.removeprefix(POOLS).partition("/")
        return f"/{rest}", self.selection.of_pool(pool)

    async def answer(
        self, head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """One request of a client; false if its connection cannot carry another."""
        client = Client(head, request_body(head), reader, writer)
        target, upstreams = self.route(head.start[1])
        for upstream in upstreams:
            peer = self.peers.get(upstream.name)
            if peer is None:
                continue
            with peer.in_use():
                try:
                    link = await peer.connect()
                except (OSError, TimeoutError):
                    peer.failed += 1
                    continue  # nothing was sent, so another may have it
                return await _exchange(peer, link, target, client)
        return await client.refuse(503, "no upstream can be reached")


class Client(NamedTuple):
    """A request and where it came from."""

    head: Head
    body: Body
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def refuse(self, status: int, why: str) -> bool:
        """Answer with an error and end the connection."""
        send_json(self.writer, Response(status, {"error": why}), stays=False)
        await self.writer.drain()
        return False


async def _exchange(peer: Peer, link: Link, target: str, client: Client) -> bool:
    keep = False
    try:
        try:
            answer = await _ask(link, target, client)
        except (ConnectionError, BadMessageError) as error:
            # It may have been received: sending it again could do twice what it asks for.
            peer.failed += 1
            return await client.refuse(502, f"{peer.upstream.name}: {error}")
        body = response_body(answer, client.head.start[0])
        stays = wants_to_stay(client.head) and body.kind != "until_end"
        try:
            await _relay(link, answer, body, client, stays=stays)
        except (ConnectionError, BadMessageError):
            if not client.writer.is_closing():
                peer.failed += 1
                client.writer.transport.abort()  # so that a part is never taken for the whole
            return False
        peer.served += 1
        keep = body.kind != "until_end" and not answer.has_token("connection", "close")
        return stays
    finally:
        peer.release(link, keep=keep)


async def _ask(link: Link, target: str, client: Client) -> Head:
    head, chunked = client.head, client.body.kind == "chunked"
    start = (head.start[0], target, "HTTP/1.1")
    link.writer.write(render_head(start, _headers(head, chunked=chunked)))
    await send_pieces(link.writer, pieces(client.reader, client.body), chunked=chunked)
    while True:
        answer = await read_head(link.reader)
        if answer is None:
            raise BadMessageError("the upstream closed the connection without an answer")
        if not answer.start[1].startswith("1"):
            return answer


async def _relay(link: Link, answer: Head, body: Body, client: Client, *, stays: bool) -> None:
    chunked = body.kind == "chunked"
    if chunked and client.head.start[2] == "HTTP/1.0":
        raise BadMessageError("an HTTP/1.0 client cannot be sent chunks")
    headers = [
        *_headers(answer, chunked=chunked),
        ("connection", "keep-alive" if stays else "close"),
    ]
    client.writer.write(render_head(("HTTP/1.1", *answer.start[1:]), headers))
    await send_pieces(client.writer, pieces(link.reader, body), chunked=chunked)


def _headers(head: Head, *, chunked: bool) -> list[tuple[str, str]]:
    named = {name.strip().lower() for name in (head.get("connection") or "").split(",")}
    kept = [pair for pair in head.headers if pair[0] not in HOP_BY_HOP | named]
    return [*kept, ("transfer-encoding", "chunked")] if chunked else kept
