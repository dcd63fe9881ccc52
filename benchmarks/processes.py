"""What the supervisor costs, side by side with bare `posix_spawn` + `waitpid` of the same program.

    python benchmarks/processes.py [ROUNDS]

Rounds of both kinds alternate, so that a busy host slows both; the medians are compared.
"""

import os
import select
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from orchestrate.processes.client import Supervisor
from orchestrate.processes.launch import Launch

_STEPS = 100
_AT_ONCE = 8
_PROGRAM = "/bin/true"


class Steps:
    """Runs steps under one supervisor."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.supervisor = Supervisor.start(folder / "S1")
        self.count = 0

    def launch(self) -> None:
        self.count += 1
        self.supervisor.send_launch(
            Launch(
                attempt=f"WF-2026-001/{self.count}",
                workflow="WF-2026-001",
                epoch=1,
                argv=(_PROGRAM,),
                env=dict(os.environ),
                workdir="/",
                log=str(self.folder / "logs" / str(self.count)),
                deadline=300.0,
                grace=10.0,
                masks=(),
                output_limit=100_000_000,
                tails=(),
            )
        )

    def wait(self) -> int:
        ended = 0
        while not ended:
            select.select([self.supervisor], [], [], 30)
            for report in self.supervisor.receive():
                if report.phase == "finished":
                    self.supervisor.acknowledge(report.attempt)
                    ended += 1
        return ended

    def run(self, steps: int, at_once: int) -> None:
        begun = ended = 0
        while ended < steps:
            while begun < steps and begun - ended < at_once:
                self.launch()
                begun += 1
            ended += self.wait()


def bare(steps: int) -> None:
    for _ in range(steps):
        os.waitpid(os.posix_spawn(_PROGRAM, [_PROGRAM], os.environ), 0)


def bare_start() -> None:
    command = [sys.executable, "-I", "-S", "-c", "pass"]
    os.waitpid(os.posix_spawn(sys.executable, command, {}), 0)


def measured(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def start_one(folder: Path, number: int) -> None:
    """Until a supervisor has answered, which includes its first slot."""
    supervisor = Supervisor.start(folder / f"start-{number}")
    supervisor.fence("WF-2026-001", 1)
    supervisor.close(detach=False)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    folder = Path(tempfile.mkdtemp(prefix="orchestrate-bench-"))
    try:
        steps = Steps(folder)
        steps.run(_STEPS, _AT_ONCE)
        times: dict[str, list[float]] = {}
        for number in range(rounds):
            for name, work in (
                ("bare", lambda: bare(_STEPS)),
                ("one", lambda: steps.run(_STEPS, 1)),
                ("eight", lambda: steps.run(_STEPS, _AT_ONCE)),
                ("start", lambda number=number: start_one(folder, number)),
                ("python", bare_start),
            ):
                times.setdefault(name, []).append(measured(work))
        steps.supervisor.close(detach=False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report({name: statistics.median(values) * 1000 for name, values in times.items()})


def report(median: dict[str, float]) -> None:
    spawn = median["bare"] / _STEPS
    one = median["one"] / _STEPS
    eight = median["eight"] / _STEPS
    print(f"bare posix_spawn + waitpid     {spawn:6.3f} ms")
    print(f"one step after another         {one:6.3f} ms  {one / spawn:5.2f} x (budget 1.60)")
    rate = spawn / eight
    print(
        f"{_AT_ONCE} at once, per step          {eight:6.3f} ms  rate {rate:5.2f} x (budget 1.00)"
    )
    print(f"supervisor ready               {median['start']:6.1f} ms  (budget 25)")
    print(f"bare python -I -S              {median['python']:6.1f} ms")


if __name__ == "__main__":
    main()
