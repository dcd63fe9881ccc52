"""Server-sent events: one workflow, or the list."""

import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse

from orchestrate.web.engines import Engines
from orchestrate.web.feed import HELLO, Feed, Listener, Message
from orchestrate.web.identity import Caller, CallerDep, Doorkeeper
from orchestrate.web.parts import DoorkeeperDep, EnginesDep, FeedDep, Id, StandingsDep, allowed
from orchestrate.web.standings import Standings

router = APIRouter(tags=["live"])
_HEARTBEAT = 15.0
_RETRY = b"retry: 1000\n\n"
After = Annotated[int | None, Query(ge=0, le=1 << 53)]
LastId = Annotated[str | None, Header(alias="Last-Event-ID", max_length=20)]


@router.get("/workflows/{id}/stream", response_class=StreamingResponse)
async def stream(
    request: Request, identity: Id, caller: CallerDep, engines: EnginesDep,
    standings: StandingsDep, feed: FeedDep, doorkeeper: DoorkeeperDep,
    after: After = None, last_event_id: LastId = None,
) -> StreamingResponse:  # fmt: skip
    """One workflow as it goes on."""
    now = await run_in_threadpool(_position, engines, standings, caller, identity)
    known = after
    if last_event_id is not None and last_event_id.isascii() and last_event_id.isdecimal():
        known = int(last_event_id)
    seq = now if known is None else known
    listener = Listener(caller.rights, identity, seq)
    listener.put(Message(HELLO, f'{{"seq":{seq}}}', seq))
    return _answer(_told(request, listener, feed, doorkeeper))


@router.get("/stream", response_class=StreamingResponse)
async def all_streams(
    request: Request, caller: CallerDep, feed: FeedDep, doorkeeper: DoorkeeperDep
) -> StreamingResponse:
    """What changes in the list of workflows."""
    listener = Listener(caller.rights)
    return _answer(_told(request, listener, feed, doorkeeper))


def _position(engines: Engines, standings: Standings, caller: Caller, identity: str) -> int:
    with engines.looking() as engine:
        allowed(caller, engine, identity)
        return standings.of(engine, identity)[1].seq


def _answer(told: AsyncIterator[bytes]) -> StreamingResponse:
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(told, media_type="text/event-stream", headers=headers)


async def _told(
    request: Request, listener: Listener, feed: Feed, doorkeeper: Doorkeeper
) -> AsyncIterator[bytes]:
    feed.add(listener)
    try:
        yield _RETRY
        looked = time.monotonic()
        while True:
            try:
                message = await listener.next(_HEARTBEAT)
            except TimeoutError:
                yield b": still here\n\n"
            else:
                if message is None:
                    return
                yield message.encoded()
            if time.monotonic() - looked >= _HEARTBEAT:
                looked = time.monotonic()
                if not await run_in_threadpool(doorkeeper.is_good, request):
                    return
    finally:
        feed.remove(listener)
