"""One daemon, one courier: whoever only looks keeps nobody from becoming it."""

import os
import threading
from pathlib import Path

from orchestrate.embedded import presence


def test_there_is_one(tmp_path: Path) -> None:
    assert not presence.is_present(tmp_path)
    held = presence.take(tmp_path)
    assert held is not None
    assert presence.is_present(tmp_path)
    assert presence.take(tmp_path) is None
    os.close(held)
    assert not presence.is_present(tmp_path)


def test_a_look_does_not_count_as_the_one(tmp_path: Path) -> None:
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            presence.is_present(tmp_path)

    looking = [threading.Thread(target=look) for _ in range(3)]
    for each in looking:
        each.start()
    try:
        for _ in range(200):
            held = presence.take(tmp_path)
            assert held is not None
            os.close(held)
    finally:
        over.set()
        for each in looking:
            each.join()
