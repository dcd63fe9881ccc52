"""The way to a Temporal server, for callers without coroutines: a loop in a thread of its own."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.converter import PayloadCodec
from temporalio.service import RPCError, TLSConfig

from orchestrate.cluster import names
from orchestrate.cluster.errors import (
    PATIENCE,
    ClusterError,
    first_line,
    has_no_namespace,
    is_missing,
    no_worker,
    refused,
)
from orchestrate.cluster.storing.values import converter_of

if TYPE_CHECKING:
    from orchestrate.cluster.storing.encryption import Key

__all__ = [
    "PATIENCE",
    "Address",
    "ClusterError",
    "Connection",
    "connect",
    "is_missing",
    "namespace_of",
    "no_worker",
    "refused",
]

Result = TypeVar("Result")
_CONNECTED_WITHIN = 10.0


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
    keys: "tuple[Key, ...]" = ()
    """What payloads are encrypted with; the first one writes. None: they are not."""


async def connect(address: Address, identity: str | None = None) -> Client:
    """A client of that cluster. Raises ClusterError."""
    converter, driver = converter_of(_encryption(address))
    try:
        client = await asyncio.wait_for(
            Client.connect(
                address.target,
                namespace=address.namespace,
                tls=_tls(address),
                api_key=address.api_key,
                identity=identity,
                data_converter=converter,
            ),
            _CONNECTED_WITHIN,
        )
    except (RuntimeError, RPCError, TimeoutError, ValueError) as error:
        raise _unreached(address, error) from error
    driver.bind(client)
    await _check_namespace(client)
    return client


def _unreached(address: Address, error: BaseException) -> ClusterError:
    from orchestrate.cluster.refusals import Offered, explain, unreached

    said = first_line(error)
    has_key = address.api_key is not None
    files = address.ca_file, address.cert_file, address.key_file
    refusal = explain(said, Offered(address.target, address.tls, *files, has_key))
    if refusal is not None:
        message, hint = refusal
        return ClusterError(f"the Temporal server at {address.target}: {message}", hint=hint)
    return ClusterError(
        f"the Temporal server at {address.target} cannot be reached: "
        f"{unreached(said, address.target)}",
        hint="Check `[engine] address` and that the server runs; `temporal operator cluster "
        f"health --address {address.target}` asks it.",
    )


async def _check_namespace(client: Client) -> None:
    """Raise ClusterError if there is no such namespace, or if what others stored in it cannot be
    read. Whoever writes under a key that they do not have would keep their workflows from going on.
    """
    handle = client.get_workflow_handle(names.COUNTER)
    try:
        first = await anext(handle.fetch_history_events(page_size=1, rpc_timeout=PATIENCE))
    except RPCError as error:
        if has_no_namespace(error):
            target, namespace = client.service_client.config.target_host, client.namespace
            raise ClusterError(
                f"the server at {target} has no namespace {namespace}",
                hint=f"Make it: `temporal operator namespace create --namespace {namespace} "
                f"--address {target}`; or correct `[engine] namespace`.",
            ) from error
        if is_missing(error):
            return  # nothing was stored yet
        raise refused(error) from error
    given = first.workflow_execution_started_event_attributes.input.payloads
    await client.data_converter.decode(given)


async def namespace_of(client: Client) -> str:
    """The id of its namespace: no other server has it, nor has a later one of the same name, and it
    stays when the server's address changes. Raises ClusterError.
    """
    request = DescribeNamespaceRequest(namespace=client.namespace)
    try:
        found = await client.workflow_service.describe_namespace(request, timeout=PATIENCE)
    except RPCError as error:
        raise refused(error) from error
    return found.namespace_info.id


def _encryption(address: Address) -> PayloadCodec | None:
    if not address.keys:
        return None
    from orchestrate.cluster.storing.encryption import Encryption

    return Encryption(address.keys)


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

    def post(self, callback: Callable[[], None]) -> None:
        """Have something done by the loop, unless it is closed."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(callback)

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
