"""The way to a Temporal server, for callers without coroutines: a loop in a thread of its own."""

import asyncio
import threading
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode, TLSConfig

from orchestrate.errors import OrchestrateError

Result = TypeVar("Result")
_CONNECTED_WITHIN = 10.0
PATIENCE = timedelta(seconds=15)
"""For one request to the server; one that needs a worker waits that long for it."""


class ClusterError(OrchestrateError):
    """The Temporal server, or the workers, cannot be reached or refuse."""

    code = "cluster"


class Address(NamedTuple):
    """Where the cluster is, and how to be let in."""

    target: str
    """`host:port`."""
    namespace: str = "default"
    tls: bool = False
    ca_file: Path | None = None
    """Who signed the server's certificate; None: whom the system trusts."""
    cert_file: Path | None = None
    """Our own certificate, for mTLS, with `key_file`."""
    key_file: Path | None = None
    api_key: str | None = None


async def connect(address: Address, identity: str | None = None) -> Client:
    """A client of that cluster. Raises ClusterError."""
    try:
        return await asyncio.wait_for(
            Client.connect(
                address.target,
                namespace=address.namespace,
                tls=_tls(address),
                api_key=address.api_key,
                identity=identity,
            ),
            _CONNECTED_WITHIN,
        )
    except (RuntimeError, RPCError, TimeoutError, ValueError) as error:
        raise ClusterError(
            f"the Temporal server at {address.target} cannot be reached: {_first_line(error)}",
            hint="Check `[engine] address` and that the server runs; `temporal operator cluster "
            f"health --address {address.target}` asks it.",
        ) from error


def _tls(address: Address) -> bool | TLSConfig:
    if not address.tls:
        return False
    return TLSConfig(
        server_root_ca_cert=_read(address.ca_file),
        client_cert=_read(address.cert_file),
        client_private_key=_read(address.key_file),
    )


def _read(file: Path | None) -> bytes | None:
    if file is None:
        return None
    try:
        return file.read_bytes()
    except OSError as error:
        raise ClusterError(
            f"{file} cannot be read: {error.strerror}", hint="Check `[engine.tls]`."
        ) from error


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "") or "no answer"


def is_missing(error: RPCError) -> bool:
    """Whether what was asked about does not exist, or has closed."""
    return error.status is RPCStatusCode.NOT_FOUND


def refused(error: RPCError) -> ClusterError:
    """What a server said that nobody expected."""
    if error.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
        return no_worker()
    return ClusterError(
        f"the Temporal server refuses: {_first_line(error)}",
        hint="See its log; `orchestrate doctor` checks the connection.",
    )


def no_worker() -> ClusterError:
    """Nobody answered in time."""
    return ClusterError(
        "no worker answers",
        hint="Start one with `orchestrate worker` on a machine that has this project, "
        "or see why those that run are busy.",
    )


class Connection:
    """One client and its loop. Close it; any thread may use it."""

    def __init__(self, address: Address, identity: str | None = None) -> None:
        """Raises ClusterError."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        try:
            self.client = self.wait(connect(address, identity))
        except BaseException:
            self.close()
            raise

    def wait(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """What the coroutine gives. ^C ends the waiting, and the coroutine."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """End what is under way, and the thread."""
        self._loop.call_soon_threadsafe(self._end)
        self._thread.join()
        self._loop.close()

    def _end(self) -> None:
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        ended = asyncio.ensure_future(
            asyncio.gather(*tasks, return_exceptions=True), loop=self._loop
        )
        ended.add_done_callback(lambda _: self._loop.stop())
