"""What was lent to a workflow, so that it can be given back when the workflow is over: by whoever
ends it, after a crash, too. Beside the output of its steps; no values, only by what their source
knows them.
"""

import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from orchestrate.errors import OrchestrateError
from orchestrate.processes.supervising.sharing import file_mode

_NAME = "leases"
_APART = "over"


class Lent(NamedTuple):
    """The kind of its source, and the lease's name there."""

    source: str
    lease: str


def note(folder: Path, lent: Lent) -> None:
    """Write it down, before anybody uses it. Any thread may call it."""
    line = json.dumps(lent).encode() + b"\n"
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    file = os.open(folder / _NAME, flags, file_mode(folder))
    try:
        os.write(file, line)
    finally:
        os.close(file)


def read(folder: Path) -> Sequence[Lent]:
    """What was lent and not given back; a line that a full disk cut off counts for nothing."""
    try:
        text = (folder / _NAME).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    return [Lent(*json.loads(line)) for line in text.splitlines() if line.endswith("]")]


def with_leases(workflows: Path) -> list[Path]:
    """The folders of workflows to which something was lent."""
    apart = workflows.glob(f"*/{_APART}/{_NAME}")
    found = [
        *(file.parents[1] for file in apart),
        *(f.parent for f in workflows.glob(f"*/{_NAME}")),
    ]
    return list(dict.fromkeys(found))


def set_apart(folder: Path) -> Path:
    """A folder with all that was lent until now, so that what is lent from now on is another's."""
    apart = folder / _APART
    apart.mkdir(mode=0o700, exist_ok=True)
    if not (apart / _NAME).exists():  # else somebody died over it: that comes first
        with suppress(FileNotFoundError):
            (folder / _NAME).rename(apart / _NAME)
    return apart


def give_back(folder: Path, take_back: Callable[[Lent], None]) -> str:
    """Give everything back; returns what went wrong, or "". Blocks. What cannot be given back runs
    out by itself: nobody tries again.
    """
    problem = ""
    for lent in read(folder):
        try:
            take_back(lent)
        except OrchestrateError as error:
            problem = f"{error.message}. {error.hint}".strip()
    (folder / _NAME).unlink(missing_ok=True)
    return problem
