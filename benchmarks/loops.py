"""How long large loops take on a cluster, and what they leave.

python -m benchmarks.loops [--inline 100000] [--commands 5000]
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.cluster import Cluster, cluster
from benchmarks.project import foreach
from orchestrate.cluster.engine import ClusterEngine, ClusterSettings
from orchestrate.workflow.outcomes import State


class Loop(NamedTuple):
    """What came of one."""

    what: str
    seconds: float
    runs: int
    """Of Temporal's."""
    events: int
    """In the longest history."""
    size: int
    """Bytes of the largest one."""
    peak: int
    """MB that the worker has had so far."""
    read: float
    """Seconds to read its journal, closed, by somebody who has read nothing before."""
    journal: int
    """Events in it."""


def measure(on: Cluster, what: str, text: str) -> Loop:
    """Run it to its end. Raises SystemExit if it does not succeed."""
    workflow = on.made(text)
    begun = time.monotonic()
    ended = on.engine.run(workflow)
    seconds = time.monotonic() - begun
    if ended.state is not State.SUCCEEDED:
        raise SystemExit(f"{what} failed: {ended.message}")
    reader = ClusterEngine(on.connection, ClusterSettings(actor="bench"))
    begun = time.monotonic()
    journal = reader.events(workflow, limit=1_000_000_000)
    read = time.monotonic() - begun
    runs = on.connection.wait(_runs(on, workflow))
    return Loop(
        what, seconds, len(runs), max(n for n, _ in runs), max(s for _, s in runs),
        _peak(on.worker), read, len(journal),
    )  # fmt: skip


async def _runs(on: Cluster, workflow: str) -> list[tuple[int, int]]:
    """Events and bytes of the history of each, once Temporal lists the last one as closed."""
    while True:
        found = [
            run async for run in on.connection.client.list_workflows(f"WorkflowId = '{workflow}'")
        ]
        if found and all(run.close_time is not None for run in found):
            return [(run.history_length, run.raw_info.history_size_bytes) for run in found]


def _peak(process: int) -> int:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    (kibibytes,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(kibibytes) // 1024


def inline(count: int) -> str:
    """A playbook with so many steps that take no process."""
    return (
        "name: loop\nsteps:\n  - name: each\n    type: foreach\n"
        f"    items: ${{range({count})}}\n    as: n\n"
        f"    steps: [{{name: check, type: assert, condition: '${{n}} < {count}'}}]\n"
    )


def main() -> None:
    """Measure, and print a line for each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.loops", description=__doc__)
    parser.add_argument("--inline", type=int, default=100_000, help="steps without a process")
    parser.add_argument("--commands", type=int, default=5_000, help="commands, 8 at a time")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, cluster(Path(folder)) as on:
        for what, text in (
            (f"{given.inline:,} inline steps", inline(given.inline)),
            (f"{given.commands:,} commands", f"name: loop\n{foreach(given.commands, 8)}"),
        ):
            loop = measure(on, what, text)
            print(
                f"{loop.what}: {loop.seconds:.0f} s in {loop.runs} runs; largest history "
                f"{loop.events:,} events, {loop.size / 1e3:,.0f} KB; worker {loop.peak} MB at its "
                f"peak; {loop.journal:,} events of the journal read in {loop.read:.1f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
