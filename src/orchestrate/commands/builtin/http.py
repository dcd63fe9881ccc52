"""One HTTP request with a deadline over all of it, on the standard library's client."""

import http.client
import socket
import time
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

BODY_LIMIT = 1024 * 1024
"""Bytes of a body that are read; expectations see no more."""


class Response(NamedTuple):
    """What came back. `latency` is seconds until the body was read."""

    status: int
    body: str
    latency: float


class RequestError(Exception):
    """No response: the sentence says why."""


def request(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: str | None = None,
    timeout: float = 10.0,
) -> Response:
    """Ask `url` once; redirects are not followed, so that they can be expected.

    Raises RequestError if there is no complete response within `timeout` seconds.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise RequestError(f"{url} is not an http or https address")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    start = time.monotonic()
    try:
        connection = kind(parts.hostname, parts.port, timeout=timeout)
    except (ValueError, http.client.InvalidURL) as error:
        raise RequestError(f"{url} is not an address: {error}") from error
    try:
        data = None if body is None else body.encode()
        connection.request(method, target, body=data, headers=dict(headers or {}))
        response = connection.getresponse()
        text = _read(response, connection.sock, start + timeout)
        return Response(response.status, text, time.monotonic() - start)
    except TimeoutError as error:
        raise RequestError(f"{url}: no complete answer within {timeout:g} s") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise RequestError(f"{url}: {str(error) or type(error).__name__}") from error
    finally:
        connection.close()


def _read(response: http.client.HTTPResponse, sock: socket.socket | None, deadline: float) -> str:
    """The body up to BODY_LIMIT; TimeoutError once `deadline` (monotonic) is over."""
    pieces: list[bytes] = []
    size = 0
    while size < BODY_LIMIT:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if sock is not None and sock.fileno() != -1:
            sock.settimeout(left)
        piece = response.read1(65536)
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)[:BODY_LIMIT].decode(errors="replace")
