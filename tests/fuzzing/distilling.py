"""The fewest inputs that go everywhere: `python -m fuzzing.distilling NAME FOLDER …`.

Of all inputs in the folders those are kept, the smallest first, that take a way through the program
(from one line to another) that none before them took. They become the corpus of the target.
"""

import sys
import threading
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from types import FrameType
from typing import Any

from fuzzing.target import CORPORA, ROOT, Target, innermost, say, target_named

_SOURCE = f"{ROOT}/src/"
_ENOUGH = 100_000
"""Bytes of a corpus; what is left out then are the largest."""
Way = tuple[str, int, int]


class _Tracer:
    """Which lines followed on which, in the program."""

    def __init__(self) -> None:
        self.ways: set[Way] = set()

    def __call__(self, frame: FrameType, event: str, _: Any) -> Any:
        file = frame.f_code.co_filename
        if event != "call" or not file.startswith(_SOURCE):
            return None
        before = 0

        def line(frame: FrameType, event: str, _: Any) -> Any:
            nonlocal before
            if event == "line":
                self.ways.add((file, before, frame.f_lineno))
                before = frame.f_lineno
            return line

        return line


_TRACER = _Tracer()


def ways_of(target: Target, data: bytes) -> set[Way]:
    """The ways that an input takes."""
    _TRACER.ways = set()
    sys.settrace(_TRACER)
    try:
        target.check(data)
    except Exception as error:
        say(f"fails: {innermost(error)}: {data[:60]!r}")
    finally:
        sys.settrace(None)
    return _TRACER.ways


def distilled(target: Target, inputs: Iterable[bytes]) -> tuple[list[bytes], int]:
    """Those that are kept, and how many ways they take in all."""
    known: set[Way] = set()
    kept: list[bytes] = []
    size = 0
    for data in sorted(set(inputs), key=lambda one: (len(one), one)):
        ways = ways_of(target, data)
        if not ways <= known and size + len(data) <= _ENOUGH:
            known |= ways
            size += len(data)
            kept.append(data)
    return kept, len(known)


def main(arguments: list[str]) -> int:
    """Make the corpus of a target anew."""
    name, *folders = arguments
    target = target_named(name)
    threading.settrace(_TRACER)  # requests are answered in threads that stay
    for data in target.seeds():
        target.check(data)  # what is imported once is no way that an input takes
    found = [
        path.read_bytes() for each in folders for path in Path(each).glob("*") if path.is_file()
    ]
    kept, ways = distilled(target, [data for data in found if len(data) <= target.longest])
    folder = CORPORA / name
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*"):
        if not path.name.startswith("found-"):
            path.unlink()
    for data in kept:
        (folder / sha256(data).hexdigest()[:16]).write_bytes(data)
    say(f"{name}: {len(kept)} of {len(found)} inputs, {sum(map(len, kept)):,} bytes, {ways:,} ways")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
