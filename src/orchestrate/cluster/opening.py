"""From the settings of a project to its cluster."""

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


@contextmanager
def open_cluster(
    project: Project,
    configured: Configured,
    env: Mapping[str, str],
    author: Author,
    notice: Notice | None = None,
) -> Generator[ClusterEngine]:
    """The engine, closed at the end; workflows go on. `notice`: see `ClusterEngine`. Raises
    ClusterError.
    """
    connection = Connection(address_of(project, configured, env), f"{author.actor}@orchestrate")
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
        engine.close()


def address_of(project: Project, configured: Configured, env: Mapping[str, str]) -> Address:
    """Where the cluster is. Raises UsageError if a key is not there."""
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
