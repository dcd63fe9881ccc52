"""From the settings of a project to its cluster."""

import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager

from orchestrate.cluster.connection import Address, Connection
from orchestrate.cluster.coordinating.settings import Settings
from orchestrate.cluster.engine import ClusterEngine, ClusterSettings
from orchestrate.cluster.outlasting import Notice
from orchestrate.cluster.shipping.sending import Sender
from orchestrate.cluster.storing.keys import keys_of
from orchestrate.errors import UsageError
from orchestrate.project.cluster import ClusterEngine as Configured
from orchestrate.project.model import Project
from orchestrate.workflow.audit import Author


class Lines:
    """Connections that stay, for a process that asks again and again. Any thread may use them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[Address, Connection] = {}

    def to(self, address: Address) -> Connection:
        """The one to that cluster. Raises ClusterError; then it is tried again the next time."""
        with self._lock:
            if address not in self._open:
                self._open[address] = Connection(address)
            return self._open[address]

    def close(self) -> None:
        """End all of them, and what is under way."""
        with self._lock:
            for connection in self._open.values():
                connection.close()
            self._open.clear()


@contextmanager
def open_cluster(
    project: Project,
    configured: Configured,
    env: Mapping[str, str],
    author: Author,
    notice: Notice | None = None,
    lines: Lines | None = None,
) -> Generator[ClusterEngine]:
    """The engine, closed at the end, unless its connection is one of `lines`; workflows go on.
    `notice`: see `ClusterEngine`. Raises ClusterError.
    """
    address = address_of(project, configured, env)
    if lines is None:
        connection = Connection(address, f"{author.actor}@orchestrate")
    else:
        connection = lines.to(address)
    settings = ClusterSettings(
        configured.pool,
        configured.worker_lost_after,
        configured.worker_lease,
        author.actor,
        author.origin,
        shared=Settings.of_project(project.settings),
        kill_grace=project.settings.kill_grace,
        project=project.root.name,
    )
    sender = None if configured.project_files == "local" else Sender(connection, project)
    engine = ClusterEngine(connection, settings, sender, notice)
    try:
        yield engine
    finally:
        if lines is None:
            engine.close()


def address_of(project: Project, configured: Configured, env: Mapping[str, str]) -> Address:
    """Where the cluster is. Raises UsageError if that cannot be, or if a key is not there."""
    host, _, port = configured.address.rpartition(":")
    if not host or "/" in host or not port.isdigit():
        raise UsageError(
            f"{configured.address!r} is no address of a cluster",
            hint="Write HOST:PORT; Temporal's port is usually 7233.",
        )
    api_key = None
    if configured.api_key_variable is not None:
        api_key = env.get(configured.api_key_variable)
        if not api_key:
            raise UsageError(
                f"{configured.api_key_variable} is not set: it holds the key for the cluster",
                hint="`[engine] api_key_variable` names it.",
            )
    root = project.root
    return Address(
        configured.address,
        configured.namespace,
        configured.tls,
        None if configured.ca_file is None else root / configured.ca_file,
        None if configured.cert_file is None else root / configured.cert_file,
        None if configured.key_file is None else root / configured.key_file,
        api_key,
        keys_of(project, configured, env),
    )
