"""A real Temporal development server, workers in threads or processes, engines on them."""

import asyncio
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from contract.programs import new_workflow
from polling import PATIENCE, eventually

sys.path.insert(0, str(Path(__file__).parent))

import worker_process
from cluster.preloaded import started

from orchestrate.cluster.connection import Address, Connection, connect, namespace_of
from orchestrate.cluster.engine import ClusterEngine, ClusterSettings
from orchestrate.cluster.working import leaving
from orchestrate.cluster.working.directory import claimed
from orchestrate.cluster.working.worker import Serving, WorkerOptions, work
from orchestrate.errors import OrchestrateError
from orchestrate.workflow.engine import NewWorkflow

_NAMESPACES = 400
"""More than tests of one run need; their number costs the server nothing."""
HEARTBEAT = 2.0
LEASE = 30.0


def temporal() -> str:
    """The development server's program: installed, or downloaded by Temporal's SDK."""
    installed = shutil.which("temporal") or str(Path.home() / "go" / "bin" / "temporal")
    if Path(installed).exists():
        return installed
    cache = Path(tempfile.gettempdir()) / f"temporal-{os.getuid()}"
    cache.mkdir(mode=0o700, exist_ok=True)
    if not any(cache.iterdir()):
        asyncio.run(download(cache))
    return str(next(cache.iterdir()))


async def download(cache: Path) -> None:
    from temporalio.testing import WorkflowEnvironment

    running = await WorkflowEnvironment.start_local(download_dest_dir=str(cache))
    await running.shutdown()


ALONE = """
name: alone
steps:
  - name: first
    idempotent: true
    shell: |
      mkdir $ROOT/runs || touch $ROOT/twice
      trap 'rmdir $ROOT/runs; exit 1' TERM
      echo x >> $ROOT/effects
      until test -e $ROOT/go; do sleep 0.05; done
      rmdir $ROOT/runs
"""
"""A step that leaves a mark if it runs beside itself."""


class Server:
    """One server; each test gets a namespace of its own."""

    def __init__(self, port: int) -> None:
        self.target = f"127.0.0.1:{port}"
        self._free = [f"test-{number}" for number in range(_NAMESPACES)]
        self.pid = 0

    @property
    def namespaces(self) -> list[str]:
        return list(self._free)

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """It takes connections and what they bring, and answers nothing."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def address(self) -> Address:
        return Address(self.target, self._free.pop())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def answers(target: str) -> bool:
    from orchestrate.cluster.connection import ClusterError

    try:
        await connect(Address(target, "default"))
    except ClusterError:
        return False
    return True


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(free_port())
    log = (tmp_path_factory.mktemp("temporal") / "log").open("w")
    port = made.target.rpartition(":")[2]
    command = [temporal(), "server", "start-dev", "--headless", "--port", port]
    command += ["--log-level", "error"]
    for name in made.namespaces:
        command += ["--namespace", name]
    process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    made.pid = process.pid
    try:
        eventually(lambda: asyncio.run(answers(made.target)), "the Temporal server")
        yield made
    finally:
        process.kill()  # to leave in good order takes it seconds, and nothing of it is needed
        process.wait()
        log.close()


class ThreadWorker:
    """A worker in a thread, with a loop of its own."""

    def __init__(
        self, address: Address, root: Path, options: WorkerOptions, serving: Serving | None = None
    ) -> None:
        self._serving = serving
        self._ready = threading.Event()
        self._stop: Callable[[], object] | None = None
        self.error: BaseException | None = None
        self._thread = threading.Thread(
            target=self._run, args=(address, root, options), daemon=True
        )
        self._thread.start()
        assert self._ready.wait(PATIENCE)
        assert self.error is None, self.error

    def _run(self, address: Address, root: Path, options: WorkerOptions) -> None:
        try:
            leaving.run(self._work(address, root, options))
        except OrchestrateError as error:
            self.error = error
        finally:
            self._ready.set()

    async def _work(self, address: Address, root: Path, options: WorkerOptions) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        self._stop = lambda: loop.call_soon_threadsafe(stop.set)
        self._loop = loop
        client = await connect(address, options.name)
        namespace = await namespace_of(client)
        with claimed(root / "state", options.name, namespace) as directory:
            await work(
                client, directory, worker_process.services_of(root), options, stop,
                self._ready.set, self._serving,
            )  # fmt: skip

    def stop(self) -> None:
        if self._stop is not None and self._thread.is_alive():
            self._stop()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), self._doing()

    def _doing(self) -> str:
        """What keeps it from leaving."""
        said = io.StringIO()
        for task in asyncio.all_tasks(self._loop):
            task.print_stack(file=said)
        for thread, frame in sys._current_frames().items():
            said.write(f"\nthread {thread}\n{''.join(traceback.format_stack(frame))}")
        return said.getvalue()


class Cluster:
    """A namespace, its workers and engines, and a directory for what steps do."""

    def __init__(self, server: Server, root: Path) -> None:
        self.address = server.address()
        self.root = root
        self._closing: list[Callable[[], object]] = []

    def worker(
        self, name: str = "one", pools: tuple[str, ...] = ("default",), max_steps: int = 20,
        serving: Serving | None = None, **more: object,
    ):  # fmt: skip
        options = WorkerOptions(name, pools, max_steps)._replace(**more)
        made = ThreadWorker(self.address, self.root, options, serving)
        self._closing.append(made.stop)
        return made

    def process(
        self, name: str = "one", pools: tuple[str, ...] = ("default",),
        within: tuple[str, ...] = (),
    ):  # fmt: skip
        """A worker as a process of its own, which can be killed; started by `within`."""
        words = [
            self.address.target, self.address.namespace, str(self.root), name, ",".join(pools)
        ]  # fmt: skip
        env = {**os.environ, "ROOT": str(self.root)}
        if within:
            process = subprocess.Popen(
                [*within, sys.executable, worker_process.__file__, *words],
                stdout=subprocess.PIPE, text=True, env=env,
            )  # fmt: skip
        else:
            process = started(["worker_process", *words], Path.cwd(), env, tells="stdout")

        def end() -> None:
            process.kill()
            process.communicate()

        self._closing.append(end)
        assert process.stdout is not None
        # Temporal's SDK writes warnings there, too.
        assert any(line.strip() == "ready" for line in process.stdout), "it did not begin"
        return process

    def engine(
        self, notice: Callable[[str], None] | None = None, **settings: object
    ) -> ClusterEngine:
        """`notice` hears for whom it waits, if it is to wait for workers that are away."""
        made = ClusterEngine(
            Connection(self.address),
            ClusterSettings(heartbeat=HEARTBEAT, lease=LEASE, actor="tester")._replace(**settings),
            notice=notice,
        )
        self._closing.append(made.close)
        return made

    def new(self, text: str, **more: object) -> NewWorkflow:
        return new_workflow(text)._replace(**more)

    def begin(self, engine: ClusterEngine, text: str) -> str:
        """Have a playbook run, and attend to something else."""
        workflow, _ = engine.create(self.new(text))
        engine._requests.ask(engine._find(workflow), "begin", {})
        return workflow

    def path(self, name: str) -> Path:
        return self.root / name

    def close(self) -> None:
        for close in reversed(self._closing):
            close()


@pytest.fixture
def cluster(server: Server, tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(server, tmp_path)
    yield made
    made.close()
