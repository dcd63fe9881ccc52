"""What a user would compare with: bare processes, one fdatasync, sh, a few imports."""

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

TRUE = "/bin/true"
ENVIRONMENT = dict(os.environ)
"""What a step's process is given too: a program that sets its locale starts more slowly in one."""


def spawn_true() -> None:
    """One bare `posix_spawn` and `waitpid` of /bin/true."""
    os.waitpid(os.posix_spawn(TRUE, [TRUE], ENVIRONMENT), 0)


def per_call(call: Callable[[], object], times: int) -> float:
    """Seconds for one call, on the average of `times`."""
    begin = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - begin) / times


def bare_spawn(times: int = 200) -> float:
    """Seconds for one bare process."""
    return per_call(spawn_true, times)


def spawn_and_sync(folder: Path, times: int = 200) -> float:
    """Seconds for one bare process and one 4 KiB append made durable by `fdatasync`."""
    page = b"x" * 4096
    with (folder / "synced").open("ab", buffering=0) as file:

        def step() -> None:
            file.write(page)
            os.fdatasync(file.fileno())
            spawn_true()

        return per_call(step, times)


def process(argv: Sequence[str], cwd: Path, env: dict[str, str]) -> tuple[float, int, int]:
    """Run a whole process: (seconds, exit code, peak resident KiB of it and what it waited for)."""
    null = os.open(os.devnull, os.O_RDWR)
    begin = time.perf_counter()
    here = Path.cwd()
    os.chdir(cwd)
    try:
        pid = os.posix_spawnp(
            argv[0],
            [*argv],
            env,
            file_actions=[(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1, 2)],
        )
    finally:
        os.chdir(here)
        os.close(null)
    _, status, usage = os.wait4(pid, 0)
    return time.perf_counter() - begin, os.waitstatus_to_exitcode(status), usage.ru_maxrss


def imports(env: dict[str, str], cwd: Path) -> float:
    """Seconds of a whole process that only imports what any such tool imports."""
    code = "import asyncio, sqlite3, yaml, click"
    return process([sys.executable, "-c", code], cwd, env)[0]


def shell_sequence(folder: Path, env: dict[str, str], times: int = 200) -> float:
    """Seconds for one step of an `sh` script of `times` lines, start-up included."""
    script = folder / "sequence.sh"
    script.write_text(f"{TRUE}\n" * times)
    return process(["/bin/sh", str(script)], folder, env)[0] / times
