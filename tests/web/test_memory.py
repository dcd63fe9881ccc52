"""What the daemon's memory is spread over, whoever asks how much at once."""

import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from web.conftest import Served

_HEAP = 64 << 20
"""Bytes: arenas of glibc beside the first begin at multiples of this."""


def arenas(pid: int) -> int:
    """How many there are beside the first: each is at the beginning of what was reserved for it."""
    found, before = 0, (0, 0, "")
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        bounds, mode = line.split()[:2]
        start, end = (int(bound, 16) for bound in bounds.split("-"))
        reserved = mode == "---p" and start == before[1] and end % _HEAP == 0
        found += reserved and before[2] == "rw-p" and before[0] == end - _HEAP
        before = start, end, mode
    return found


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no arenas")
def test_many_requests_at_once_share_their_memory(own: Served) -> None:
    own.start()
    assert own.daemon is not None
    client = own.client(own.token("viewer", "--scope", "view"))

    def ask(_: int) -> int:
        return client.get("/playbooks").status_code

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(ask, range(64))) == {200}
    assert arenas(own.daemon.pid) <= 1


CYCLES = """
import gc
import weakref
import orchestrate.cli
from orchestrate.daemon import memory

class Node:
    pass

def cycle():
    one, other = Node(), Node()
    one.other, other.one = other, one
    return one

memory._EVERY = 0.0
collecting = memory.Collecting()
held = [cycle() for _ in range(1_000)]
known = [weakref.ref(one) for one in held]
gc.collect(1)  # they have been there for a while
held.clear()
collecting.tick()
print(sum(1 for each in known if each() is not None))
"""


def test_what_hangs_in_cycles_is_collected_though_it_was_there_for_a_while() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CYCLES], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout == "0\n"
