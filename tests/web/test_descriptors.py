"""A server that answers for months keeps no file open for each answer."""

from pathlib import Path
from typing import Any

import httpx
from web.conftest import Served

ASKED = (
    "/workflows", "/capacity", "/locks", "/schedules", "/hold", "/metrics", "/deliveries",
    "/events/unmatched", "/audit", "/integrations",
)  # fmt: skip


def _open(served: Served) -> int:
    """Files of the store that the daemon has open."""
    assert served.daemon is not None
    found = 0
    for entry in Path(f"/proc/{served.daemon.pid}/fd").iterdir():
        try:
            found += "/.orchestrate/" in str(entry.readlink())
        except FileNotFoundError:
            continue
    return found


def test_answers_leave_no_file_of_the_store_open(
    served: Served, admin: httpx.Client, run: Any
) -> None:
    ended = run("quick", "succeeded")

    def ask() -> None:
        for path in ASKED:
            assert admin.get(path).status_code == 200, path
        assert admin.post(f"/workflows/{ended}/pause", json={}).status_code == 409
        assert admin.post(f"/workflows/{ended}/cancel", json={}).status_code == 409

    for _ in range(3):
        ask()
    before = _open(served)
    for _ in range(10):
        ask()
    assert _open(served) <= before + 4  # some engines may just have been opened to look
