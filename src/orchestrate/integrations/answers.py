"""Answers that urllib3 receives, read within limits. Imported with libraries built on it."""

from io import BytesIO
from typing import Any

from urllib3 import HTTPResponse

from orchestrate.integrations.reading import Deadline


def bounded(answer: Any, deadline: Deadline) -> HTTPResponse:
    """The answer with as much of its body as is read, already unpacked. Its connection is not used
    again if there was more.
    """
    body = deadline.read(lambda size: answer.read1(size, decode_content=True))
    headers = answer.headers.copy()
    for name in ("Content-Encoding", "Content-Length", "Transfer-Encoding"):
        headers.discard(name)
    made = HTTPResponse(
        body=BytesIO(body),
        headers=headers,
        status=answer.status,
        reason=answer.reason,
        preload_content=False,
    )
    if len(body) < deadline.room:
        answer.release_conn()
    else:
        answer.close()
    return made
