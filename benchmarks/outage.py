"""What a receiver that is down for long costs: `python -m benchmarks.outage [DELIVERIES]`.

So many deliveries are queued while it answers 503; then it is back. Printed: how long the queue
took to deliver, the courier's memory at its peak, whether all came in order, and each once.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from orchestrate.app import open_app
from orchestrate.intake import Request, compose
from orchestrate.workflow.program import RunOptions

PLAYBOOK = """name: job
integrations:
  - {type: webhook, url: "${HOOK_URL}"}
steps:
  - {name: a, command: /bin/true}
"""
LONGEST = 1800.0


class Receiver(ThreadingHTTPServer):
    """Counts what it takes; `down`: it takes nothing."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.down = True
        self.workflows: list[str] = []
        self.keys: set[str] = set()
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        receiver = self.server
        assert isinstance(receiver, Receiver)
        if not receiver.down:
            receiver.workflows.append(body["workflow"])
            receiver.keys.add(body["key"])
        self.send_response(503 if receiver.down else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def measure(root: Path, deliveries: int) -> None:
    """One outage in a fresh project."""
    (root / "playbooks").mkdir()
    (root / "playbooks" / "job.yaml").write_text(PLAYBOOK)
    receiver = Receiver()
    os.environ["HOOK_URL"] = f"http://127.0.0.1:{receiver.server_port}/"
    os.chdir(root)
    app = open_app(root)
    with app.open_engine() as engine:
        new = compose(app, Request("job", (), None, RunOptions(), yes=True))
        for _ in range(deliveries):
            workflow, _ = engine.create(new)
            engine.cancel(workflow, actor="benchmark")
            engine.forget(workflow)
    print(f"{deliveries} deliveries wait, the receiver is down")
    receiver.down = False
    begun = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "orchestrate", "deliveries", "--retry", "all"], check=True
    )
    peak = 0
    while len(receiver.keys) < deliveries and time.monotonic() - begun < LONGEST:
        time.sleep(0.2)
        peak = max(peak, memory_of_courier())
    took = time.monotonic() - begun
    print(f"delivered in {took:.1f} s ({took / deliveries * 1000:.1f} ms each)")
    print(f"memory of the courier: at most {peak / 1024:.0f} MiB")
    print(f"in order: {receiver.workflows == sorted(receiver.workflows, key=number)}")
    print(f"each once: {len(receiver.workflows) == len(receiver.keys) == deliveries}")


def number(workflow: str) -> int:
    """Of `WF-2026-017` 17."""
    return int(workflow.rpartition("-")[2])


def memory_of_courier() -> int:
    """KiB at its peak; 0 if there is none."""
    here = os.fsencode(Path.cwd() / ".orchestrate")
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cmdline").read_bytes().split(b"\0")[3:4] == [b"courier"] and here in (
                process / "environ"
            ).read_bytes():
                status = (process / "status").read_text()
                return int(status.partition("VmHWM:")[2].split()[0])
        except (OSError, IndexError):
            continue
    return 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder).resolve(), int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
        os.chdir("/")
