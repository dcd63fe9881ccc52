"""What attempts wrote: by ranges of bytes, so that the end of a large log is there at once."""

import re
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from orchestrate.errors import NotFoundError
from orchestrate.web.identity import CallerDep
from orchestrate.web.parts import EnginesDep, Id, allowed
from orchestrate.web.problems import RefusedError
from orchestrate.workflow.events import EventType

router = APIRouter(tags=["workflows"])
_MOST = 4 << 20
_TAIL = 64 << 10
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


@router.get("/workflows/{id}/output", response_class=Response)
def output(
    request: Request, identity: Id, caller: CallerDep, engines: EnginesDep,
    attempt: Annotated[int, Query(ge=1, le=1 << 53, description="`attempt` of a step's attempts.")],
) -> Response:  # fmt: skip
    """Bytes of what one attempt wrote; without `Range` the end."""
    with engines.looking() as engine:
        allowed(caller, engine, identity)
        started = engine.events(identity, attempt - 1, 1)
        if not started or started[0].type is not EventType.ATTEMPT_STARTED:
            raise NotFoundError(
                f"{identity} has no attempt {attempt}",
                hint="`GET /workflows/{id}/step` tells the attempts of a step.",
            )
        first, length = _wanted(request.headers.get("range"))
        part = engine.part_of_output(identity, attempt, first, length)
    data, size = part.data, part.size
    if first is not None and not data:
        raise RefusedError(
            416, "range", f"there are {size} bytes", "Ask for less.",
            **{"Content-Range": f"bytes */{size}"},
        )  # fmt: skip
    shown = f"bytes */{size}"
    if data:
        shown = f"bytes {part.start}-{part.start + len(data) - 1}/{size}"
    return Response(
        data, 206 if data and len(data) < size else 200, media_type="text/plain; charset=utf-8",
        headers={"Content-Range": shown, "Accept-Ranges": "bytes",
                 "ETag": f'"{identity}-{attempt}-{size}"',
                 "Content-Disposition": f'inline; filename="{identity}-{attempt}.log"'},
    )  # fmt: skip


def _wanted(header: str | None) -> tuple[int | None, int]:
    """The first byte, None for the end, and how many. Raises RefusedError."""
    if header is None:
        return None, _TAIL
    found = _RANGE.fullmatch(header.replace(" ", ""))
    if found is None or not (found[1] or found[2]):
        raise RefusedError(400, "range", "this range cannot be read", "Such as `bytes=0-65535`.")
    if not found[1]:
        return None, min(int(found[2]), _MOST)
    first = int(found[1])
    return first, min(int(found[2]) + 1 - first, _MOST) if found[2] else _MOST
