"""What attempts wrote: by ranges of bytes, so that the end of a large log is there at once."""

import re
from itertools import chain
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from orchestrate.app import App
from orchestrate.errors import NotFoundError
from orchestrate.web.identity import CallerDep
from orchestrate.web.parts import EnginesDep, Id, allowed
from orchestrate.web.problems import RefusedError
from orchestrate.workflow.engine import Engine
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
        log = _Log(engines.app, engine, identity, started[0].path, attempt)
        size = log.size
        start, end = _range(request.headers.get("range"), size)
        data = log.read(start, end)
    shown = f"bytes {start}-{start + len(data) - 1}/{size}" if data else f"bytes */{size}"
    return Response(
        data, 206 if data and len(data) < size else 200, media_type="text/plain; charset=utf-8",
        headers={"Content-Range": shown, "Accept-Ranges": "bytes",
                 "ETag": f'"{identity}-{attempt}-{size}"',
                 "Content-Disposition": f'inline; filename="{identity}-{attempt}.log"'},
    )  # fmt: skip


class _Log:
    """The bytes of one attempt: of a file here, or asked of the worker that has them."""

    def __init__(self, app: App, engine: Engine, workflow: str, path: str, attempt: int) -> None:
        self._file = None
        self._bytes = b""
        if app.project.settings.cluster is None:
            from orchestrate.embedded.hosting import workflow_folder
            from orchestrate.processes import output_log

            self._file = workflow_folder(app.project.state_dir, workflow) / str(attempt)
            self.size = output_log.size(self._file)
        else:
            number = engine.events(workflow, attempt - 1, 1)[0].data.get("number")
            pieces = (p for p in engine.output(workflow, path) if p.attempt == number)
            self._bytes = b"".join(chain(piece.data for piece in pieces))
            self.size = len(self._bytes)

    def read(self, start: int, end: int) -> bytes:
        """From `start` to `end` (exclusive)."""
        if self._file is None:
            return self._bytes[start:end]
        from orchestrate.processes.output_log import read_bytes

        return read_bytes(self._file, start, end)


def _range(header: str | None, size: int) -> tuple[int, int]:
    """First byte, and the one after the last. Raises RefusedError."""
    if header is None:
        return max(0, size - _TAIL), size
    found = _RANGE.fullmatch(header.replace(" ", ""))
    if found is None or not (found[1] or found[2]):
        raise RefusedError(400, "range", "this range cannot be read", "Such as `bytes=0-65535`.")
    if not found[1]:
        length = min(int(found[2]), _MOST)
        return max(0, size - length), size
    start = int(found[1])
    end = min(size, int(found[2]) + 1 if found[2] else size, start + _MOST)
    if start >= size or end <= start:
        raise RefusedError(
            416, "range", f"there are {size} bytes", "Ask for less.",
            **{"Content-Range": f"bytes */{size}"},
        )  # fmt: skip
    return start, end
