"""A worker leaves in bounded time, whatever the server does."""

import asyncio
import gc
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from cluster.conftest import Cluster, Server
from cluster.proxy import Proxy
from cluster.test_cluster_verbs import Verbs
from temporalio.client import Client

from orchestrate.cluster.connection import connect
from orchestrate.cluster.roster.draining import until_left
from orchestrate.cluster.roster.presence import Presence
from orchestrate.cluster.roster.registration import Traits
from orchestrate.cluster.working import leaving
from orchestrate.cluster.working.contact import keeping_touch


def silenced(cluster: Cluster, do: Callable[[Client, Proxy], Coroutine[Any, Any, None]]) -> None:
    """Do it with a client to which the server answers until the way is cut."""
    proxy = Proxy(cluster.address.target)

    async def done() -> None:
        await do(await connect(cluster.address._replace(target=proxy.target)), proxy)

    try:
        leaving.run(done())
    finally:
        proxy.close()


def presence(client: Client) -> Presence:
    return Presence(client, "one", ("default",), (), 1, 10.0, lambda: 0, Traits())


def test_who_waits_for_an_answer_can_be_called_back(cluster: Cluster):
    async def called_back(client: Client, proxy: Proxy) -> None:
        async with keeping_touch(client, cluster.root) as touch:
            while touch.silence() > 0.5:
                await asyncio.sleep(0.01)
            proxy.cut()
            while touch.silence() < 1.5:  # the next question is under way
                await asyncio.sleep(0.01)
        assert touch.silence() < 60

    silenced(cluster, called_back)


def test_a_worker_that_waits_for_the_server_leaves_when_it_is_told_to(cluster: Cluster):
    async def told(client: Client, proxy: Proxy) -> None:
        proxy.cut()
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(0.3, stop.set)
        assert not await presence(client).register(stop)

    silenced(cluster, told)


def test_a_drained_worker_that_nobody_lets_go_of_leaves_when_it_is_told_to(cluster: Cluster):
    class Kept:
        async def shutdown(self) -> None:
            await asyncio.Event().wait()

    class Busy:
        running = 1

        def leave(self) -> None: ...

    async def told(client: Client, proxy: Proxy) -> None:
        del proxy
        drained, stop = presence(client), asyncio.Event()
        drained.draining.set()
        asyncio.get_running_loop().call_later(0.3, stop.set)
        await until_left(stop, drained, [Kept()], Busy())  # pyright: ignore[reportArgumentType]

    silenced(cluster, told)


def test_what_does_not_let_go_is_left_behind(capfd):
    release, entered = threading.Event(), threading.Event()

    @asynccontextmanager
    async def clinging() -> AsyncIterator[None]:
        yield
        entered.set()
        while not release.is_set():  # it does not heed a cancel
            try:
                await asyncio.sleep(0.05)
            except asyncio.CancelledError:
                continue

    async def worked() -> None:
        waiting = asyncio.ensure_future(asyncio.to_thread(release.wait))
        async with leaving.Entered(lambda: 60.0) as running:
            await running.enter_async_context(clinging())
        assert not waiting.done()

    try:
        leaving.run(worked())
        assert entered.is_set()
    finally:
        release.set()
    assert capfd.readouterr().err == (
        "the cluster does not let go of this worker: it leaves without a word to it\n"
    )


class Waiting:
    """It leaves when somebody has answered it, which nobody does."""

    def __init__(self, left: list[str], name: str) -> None:
        self._left, self._name = left, name

    async def __aenter__(self) -> None: ...

    async def __aexit__(self, *_: object) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self._left.append(self._name)


class Stubborn(Waiting):
    """It does not heed a cancel, either."""

    async def __aexit__(self, *_: object) -> None:
        while True:
            try:
                await asyncio.sleep(0.05)
            except asyncio.CancelledError:
                continue


def left_by(*those: Waiting) -> None:
    async def worked() -> None:
        async with leaving.Entered(lambda: 60.0) as running:
            for one in those:
                await running.enter_async_context(one)

    leaving.run(worked())


def test_all_that_heed_a_cancel_leave_one_after_the_other():
    left: list[str] = []
    left_by(*(Waiting(left, name) for name in ("first", "second", "third")))
    assert left == ["third", "second", "first"]


def test_what_was_left_behind_is_thrown_away_in_silence(capfd):
    """Those that follow would begin to leave, without a loop, whenever memory is tidied up."""
    left: list[str] = []
    complaints: list[object] = []
    before, sys.unraisablehook = sys.unraisablehook, complaints.append
    try:
        left_by(Waiting(left, "first"), Stubborn(left, "second"), Stubborn(left, "third"))
        gc.collect()
    finally:
        sys.unraisablehook = before
    assert complaints == []
    assert left == ["first"]
    assert capfd.readouterr().err.count("\n") == 1


def test_a_worker_whose_server_stands_still_leaves(server: Server, tmp_path):
    site = Verbs(server, tmp_path)
    try:
        process = site.worker()
        with server.standing_still():
            process.send_signal(signal.SIGTERM)
            assert process.wait(120) == 0
    finally:
        site.close()
