"""Blocking requests of JSON, for programs that ask one thing after another."""

import http.client
import json
from collections.abc import Mapping
from typing import Any, NamedTuple


class UnreachableError(Exception):
    """Nobody answered, or not with JSON."""


class Answer(NamedTuple):
    """A status and the JSON of the body."""

    status: int
    content: Any
    headers: Mapping[str, str]


def ask(
    port: int,
    path: str,
    *,
    method: str = "GET",
    content: object = None,
    authorization: str = "",
    timeout: float = 5.0,
) -> Answer:
    """Ask 127.0.0.1:`port`; raises `UnreachableError`. `content` is sent as JSON."""
    headers = {"Authorization": authorization} if authorization else {}
    body = None if content is None else json.dumps(content).encode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return Answer(response.status, json.loads(response.read()), dict(response.getheaders()))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise UnreachableError(f"127.0.0.1:{port}{path}: {error}") from error
    finally:
        connection.close()
