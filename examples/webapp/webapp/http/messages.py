"""HTTP/1.1 messages: heads, and bodies in pieces, read from and written to asyncio streams."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from typing import NamedTuple

MAX_HEAD = 32 * 1024
PIECE = 64 * 1024

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
SIZE = re.compile(rb"[0-9A-Fa-f]{1,15}\Z")

HOP_BY_HOP = frozenset(
    {
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that are meant for the next hop alone and that a proxy must not pass on."""


class BadMessageError(Exception):
    """What came is not HTTP as this side understands it."""


class Head(NamedTuple):
    """The first line's three words and the headers, names in lower case.

    Of a request: method, target, version. Of a response: version, status, reason.
    """

    start: tuple[str, str, str]
    headers: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str | None:
        """The first header of that name (in lower case)."""
        return next((value for key, value in self.headers if key == name), None)

    def has_token(self, name: str, token: str) -> bool:
        """Whether the comma-separated headers of that name list `token`."""
        values = ",".join(value for key, value in self.headers if key == name)
        return token in (part.strip().lower() for part in values.split(","))


class Body(NamedTuple):
    """How a body is delimited: none, length, chunked, or (responses only) until the end."""

    kind: str
    length: int = 0


NO_BODY = Body("none")


async def read_head(reader: asyncio.StreamReader) -> Head | None:
    """The next head; None if the peer closed the connection between two messages."""
    try:
        block = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise BadMessageError("the connection ended inside a head") from error
        return None
    except asyncio.LimitOverrunError as error:
        raise BadMessageError(f"the head is longer than {MAX_HEAD} bytes") from error
    return parse_head(block)


def parse_head(block: bytes) -> Head:
    """A head from its bytes, the empty line at its end included."""
    first, *lines = block[:-4].decode("latin-1").split("\r\n")
    words = first.split(" ", 2)
    if len(words) == 2:  # a response without a reason phrase
        words.append("")
    if len(words) != 3:
        raise BadMessageError("the first line has not three words")
    headers: list[tuple[str, str]] = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not TOKEN.match(name):
            raise BadMessageError("a header line has no valid name")
        headers.append((name.lower(), value.strip(" \t")))
    return Head((words[0], words[1], words[2]), tuple(headers))


def render_head(start: Iterable[str], headers: Iterable[tuple[str, str]]) -> bytes:
    """The bytes of a head."""
    lines = [" ".join(start), *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def request_body(head: Head) -> Body:
    """How the body of this request is delimited."""
    return _delimited(head) or NO_BODY


def response_body(head: Head, method: str) -> Body:
    """How the body of this response to `method` is delimited."""
    status = head.start[1]
    if method == "HEAD" or status in ("204", "304") or status.startswith("1"):
        return NO_BODY
    return _delimited(head) or Body("until_end")


def _delimited(head: Head) -> Body | None:
    encoding, lengths = (
        head.get("transfer-encoding"),
        {value for key, value in head.headers if key == "content-length"},
    )
    if encoding is not None:
        # Two ways to tell the end of one body are how requests get smuggled past a proxy.
        if lengths or encoding.strip().lower() != "chunked":
            raise BadMessageError("the body is delimited in more than one way")
        return Body("chunked")
    if not lengths:
        return None
    if len(lengths) > 1 or not (length := lengths.pop()).isascii() or not length.isdigit():
        raise BadMessageError("content-length is not one number")
    return Body("length", int(length))


async def pieces(reader: asyncio.StreamReader, body: Body) -> AsyncIterator[bytes]:
    """The payload of a body as it arrives; raises if the peer goes away inside it."""
    match body.kind:
        case "length":
            async for piece in _exactly(reader, body.length):
                yield piece
        case "chunked":
            async for piece in _chunks(reader):
                yield piece
        case "until_end":
            while piece := await reader.read(PIECE):
                yield piece
        case _:
            return


async def _exactly(reader: asyncio.StreamReader, length: int) -> AsyncIterator[bytes]:
    while length:
        piece = await reader.read(min(PIECE, length))
        if not piece:
            raise BadMessageError("the connection ended inside a body")
        length -= len(piece)
        yield piece


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while True:
        size = (await _line(reader)).partition(b";")[0].strip()
        if not SIZE.match(size):
            raise BadMessageError("a chunk has no valid size")
        if not (length := int(size, 16)):
            break
        async for piece in _exactly(reader, length):
            yield piece
        if await _line(reader):
            raise BadMessageError("a chunk is longer than it says")
    while await _line(reader):
        pass  # trailers are meant for this hop


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return (await reader.readuntil(b"\r\n"))[:-2]
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise BadMessageError("the connection ended inside a body") from error


async def send_pieces(
    writer: asyncio.StreamWriter, content: AsyncIterator[bytes], *, chunked: bool
) -> None:
    """Write a payload as it comes, no faster than the peer takes it."""
    async for piece in content:
        writer.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        await writer.drain()
    if chunked:
        writer.write(b"0\r\n\r\n")
    await writer.drain()
