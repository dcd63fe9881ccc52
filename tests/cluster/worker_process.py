"""A worker as a process, for tests that kill it:

    worker_process.py TARGET NAMESPACE ROOT NAME POOLS

Says `ready`, and ends with SIGTERM.
"""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from contract.programs import Programs

from orchestrate.cluster.connection import Address, connect, namespace_of
from orchestrate.cluster.working import leaving
from orchestrate.cluster.working.directory import claimed
from orchestrate.cluster.working.worker import WorkerOptions, work
from orchestrate.launching.services import LaunchServices
from orchestrate.secrets.model import Fetched


def services(root: Path) -> LaunchServices:
    return LaunchServices(
        root=str(root),
        registry_for=lambda environment: Programs(),
        environment={"PATH": os.environ["PATH"], "ROOT": str(root)},
        rate_limits=(),
        output_limit=64 << 20,
        kill_grace=float(os.environ.get("KILL_GRACE", "2")),
        fetch_secret=lambda secret: fetch_secret(root),
        on_launch=(lambda *_: stall(root)) if "STALLS_LATE" in os.environ else None,
    )


def fetch_secret(root: Path) -> Fetched:
    """With STALLS in the environment it takes so long that the worker can be killed meanwhile."""
    if "STALLS" in os.environ:
        stall(root)
    return Fetched("hunter22")


def stall(root: Path) -> None:
    """Tell, and wait to be killed."""
    (root / "stalled").touch()
    threading.Event().wait()


def services_of(root: Path) -> Callable[[Path | None], LaunchServices]:
    """Of one project, whatever folder its files lie in."""
    return lambda folder: services(folder or root)


async def main(target: str, namespace: str, root: str, name: str, pools: str) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    client = await connect(Address(target, namespace), name)
    options = WorkerOptions(name, tuple(pools.split(",")), 20, lost_after=4.0)
    at = await namespace_of(client)
    with claimed(Path(root) / "state", name, at) as directory:
        await work(
            client, directory, services_of(Path(root)), options, stop,
            lambda: print("ready", flush=True),
        )  # fmt: skip


def begin(words: Sequence[str]) -> None:
    leaving.run(main(*words))


if __name__ == "__main__":
    begin(sys.argv[1:])
