"""A worker as a process: until a signal, on the settings of a project."""

import asyncio
import signal
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from orchestrate.cluster.connection import connect, namespace_of
from orchestrate.cluster.coordinating.client import Coordinator
from orchestrate.cluster.coordinating.settings import Settings
from orchestrate.cluster.opening import address_of
from orchestrate.cluster.roster.traits import traits_of
from orchestrate.cluster.working.calling import Services
from orchestrate.cluster.working.directory import check_name, claimed
from orchestrate.cluster.working.leaving import run
from orchestrate.cluster.working.worker import Serving, WorkerOptions, work
from orchestrate.errors import UsageError
from orchestrate.launching.services import LaunchServices
from orchestrate.project.cluster import ClusterEngine
from orchestrate.project.model import Project


def options_of(
    configured: ClusterEngine,
    name: str | None,
    pools: tuple[str, ...],
    labels: tuple[str, ...],
    max_steps: int,
) -> WorkerOptions:
    """What was asked for, and the rest from the settings and the machine. Raises UsageError."""
    pools = tuple(dict.fromkeys(pools)) or (configured.pool,)
    for pool in pools:
        check_name(pool)
    for label in labels:
        _check_label(label)
    return WorkerOptions(
        check_name(name or socket.gethostname()),
        pools,
        max_steps,
        labels=tuple(sorted(set(labels))),
        lost_after=configured.worker_lost_after,
    )


def _check_label(label: str) -> None:
    if not 0 < len(label) <= 100 or not label.isprintable() or any(c in label for c in " ,"):
        raise UsageError(
            f"{label!r} cannot be a label",
            hint="A label is a word such as `gpu` or `zone=eu`, without spaces and commas.",
        )


def _without_keys(
    configured: ClusterEngine, services: Services, folder: Path | None
) -> LaunchServices:
    """What opens the cluster is no step's."""
    hidden = (configured.api_key_variable, configured.encryption_variable)
    found = services(folder)
    inherited = {name: v for name, v in found.environment.items() if name not in hidden}
    return found._replace(environment=inherited)


def run_worker(
    project: Project,
    configured: ClusterEngine,
    env: Mapping[str, str],
    services: Services,
    options: WorkerOptions,
    ready: Callable[[], None],
    serving: Serving | None,
) -> None:
    """Until SIGTERM or SIGINT; `ready` is called when it takes steps. `serving`: see `work`. Raises
    ConflictError if a worker of that name runs here, and ClusterError.
    """
    sampling = project.settings.telemetry.sample
    address = address_of(project, configured, env)
    traits = traits_of(project, configured, address)._replace(serves=serving is not None)

    async def until_told() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        client = await connect(address, options.name)
        shared = Settings.of_project(project.settings)
        if shared.digest != Settings().digest:  # one that only says where the cluster is says none
            await Coordinator(client).apply(shared, options.name)
        namespace = await namespace_of(client)
        with claimed(project.state_dir, options.name, namespace) as directory:
            await work(
                client,
                directory,
                partial(_without_keys, configured, services),
                options._replace(sampling=sampling, traits=traits),
                stop,
                ready,
                serving,
            )

    with suppress(KeyboardInterrupt):  # before the handlers were there
        run(until_told())
