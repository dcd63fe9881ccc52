"""A worker leaves in bounded time, whatever the server does: a call that nobody answers, and a
thread that waits for somebody else, would keep it otherwise. Its steps go on without it anyway.
"""

import asyncio
import re
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, suppress
from inspect import CORO_CLOSED, getcoroutinestate
from types import TracebackType
from typing import Any, cast

from orchestrate.cluster.errors import ClusterError, first_line
from orchestrate.launching.complaining import say

_LET_GO_WITHIN = 45.0
"""Seconds. A delivery that has begun has 30 of them to come to its end."""
_SILENT_FOR = 5.0
"""A server that has not answered for so many seconds is not waited for any longer."""
_LOOK_EVERY = 0.5
_MOMENT = 2.0
"""Seconds that what was called back has to end."""
_STEP = 0.1
"""Seconds between two calls."""
_CLOSES = 100
"""More than there are in a stack."""


class Entered(AsyncExitStack):
    """What a worker does beside its own business, left in the order of a stack. What is not left
    in time is left behind.
    """

    def __init__(self, silence: Callable[[], float]) -> None:
        """`silence`: for how many seconds the server has not answered."""
        super().__init__()
        self._silence = silence

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """As a stack does it, for a while. Raises ClusterError if it is left because Temporal's
        library gave up: it cancels who has entered then, once for each of its workers.
        """
        leaving = asyncio.ensure_future(super().__aexit__(kind, error, trace))
        until = time.monotonic() + _LET_GO_WITHIN
        while not leaving.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait({leaving}, timeout=_LOOK_EVERY)
            late = time.monotonic() > until or self._silence() > _SILENT_FOR
            if late and not leaving.done():
                say("the cluster does not let go of this worker: it leaves without a word to it")
                break
        if kind is asyncio.CancelledError:
            failure = leaving.exception() if leaving.done() else None
            raise _given_up(failure) from failure
        return leaving.done() and bool(leaving.result())


def _given_up(failure: BaseException | None) -> ClusterError:
    """The library quotes what the server said."""
    said = "" if failure is None else str(failure.__cause__ or failure)
    quoted = re.search(r'message: "([^"]+)"', said)
    why = quoted[1] if quoted else first_line(failure or TimeoutError())
    return ClusterError(
        f"the Temporal server gives this worker nothing to do any more: {why}",
        hint="`orchestrate doctor` looks at the server. Then start it again under the same name; "
        "its steps go on for about as long as `[engine] worker_lease` says.",
    )


def run(working: Coroutine[Any, Any, None]) -> None:
    """Have a loop of its own do it, as `asyncio.run` does, which would wait without end for tasks
    that do not heed a cancel, and for threads: here these end with the process.
    """
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(working)
    finally:
        until = time.monotonic() + _MOMENT
        # A cancel takes a stack of those who wait no further than to the next one.
        while (left := asyncio.all_tasks(loop)) and time.monotonic() < until:
            for task in left:
                task.cancel()
            loop.run_until_complete(asyncio.wait(left, timeout=_STEP))
        if left:
            loop.set_exception_handler(_in_silence)  # it complains of what was left behind
        loop.close()
        for task in left:
            _throw_away(cast("Coroutine[Any, Any, Any]", task.get_coro()))


def _throw_away(coroutine: Coroutine[Any, Any, Any]) -> None:
    """As Python does it whenever it tidies up, which would complain of those that go on."""
    for _ in range(_CLOSES):
        if getcoroutinestate(coroutine) == CORO_CLOSED:
            return
        # It says that it goes on, or that it has no loop any more.
        with suppress(Exception, asyncio.CancelledError):
            coroutine.close()


def _in_silence(loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
    del loop, context
