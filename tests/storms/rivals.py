"""Many processes that write one store at once, forked from one that has imported everything.

rivals.py STATE PROCESSES COMMITS: prints, for each process, its commits and its longest wait.
"""

import json
import os
import sys
import time
from pathlib import Path

from orchestrate.embedded.store import Store


def rival(state: Path, number: int, commits: int, ready: int, go: int, answer: int) -> None:
    os.write(ready, b"!")
    os.read(go, 1)  # ends when the starter closes its end: everybody begins at once
    store = Store(state)
    worst = 0.0
    for commit in range(commits):
        began = time.monotonic()
        key = f"{number}-{commit}"
        store.writer.call(lambda c, k=key: c.execute("INSERT INTO facts VALUES (?, '')", (k,)))
        worst = max(worst, time.monotonic() - began)
    store.close()
    os.write(answer, json.dumps([number, commits, round(worst, 3)]).encode() + b"\n")


def main() -> None:
    state, processes, commits = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    ready_read, ready = os.pipe()
    go, go_write = os.pipe()
    pids = []
    for number in range(processes):
        pid = os.fork()
        if pid == 0:
            os.close(go_write)
            try:
                rival(state, number, commits, ready, go, 1)
            except BaseException as error:
                os.write(2, f"{number}: {error!r}\n".encode())
                os._exit(1)
            os._exit(0)
        pids.append(pid)
    waiting = processes
    while waiting:
        waiting -= len(os.read(ready_read, waiting))
    os.close(go_write)
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
    sys.exit(max(codes))


if __name__ == "__main__":
    main()
