"""Puts a set back: unpack beside the destination, then swap, undoing the swaps if one fails.

What was there before stays aside until every path of the set is in place. A record of the swaps is
written first, so that a restore that was killed half way is undone by the next one.
"""

import json
import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from orchestrate.commands.builtin.archive import ArchiveError, unpack
from orchestrate.commands.builtin.context import say
from orchestrate.commands.builtin.durable_files import sync_directory, write_atomically


class Swap(NamedTuple):
    """`staged` takes the place of `destination`, whose old content waits at `aside`."""

    staged: Path
    destination: Path
    aside: Path


def restore_set(archive: Path, destinations: Mapping[str, Path], record: Path) -> None:
    """Put the members of `archive` (by name) to their `destinations`, all or none.

    `record` is the file that remembers the swaps while they are made.
    """
    # A workplace stands on its destination's own file system, so that a rename is enough.
    token = secrets.token_hex(6)
    workplaces = [
        destination.parent / f".restoring-{token}-{number}"
        for number, destination in enumerate(destinations.values())
    ]
    _remember(record, [], workplaces)
    swaps: list[Swap] = []
    try:
        for workplace in workplaces:
            workplace.parent.mkdir(parents=True, exist_ok=True)
            workplace.mkdir(mode=0o700)
        staging = workplaces[0] / "unpacked"
        staging.mkdir()
        unpack(archive, staging)
        swaps = [
            _stage(staging / member, destination, workplace)
            for (member, destination), workplace in zip(
                destinations.items(), workplaces, strict=True
            )
        ]
        _remember(record, swaps, workplaces)
        _swap_all(swaps)
    except BaseException:
        # If undoing fails as well, the record stays, and `recover` tries again.
        for swap in reversed(swaps):
            _undo(swap)
        _clean_up(record, workplaces)
        raise
    _clean_up(record, workplaces)


def _clean_up(record: Path, workplaces: Sequence[Path]) -> None:
    """All swaps are made or undone; what was there before is not needed any more."""
    _remember(record, [], workplaces)
    for workplace in workplaces:
        shutil.rmtree(workplace, ignore_errors=True)
    record.unlink()


def recover(record: Path) -> None:
    """Undo a restore that was killed half way."""
    if not record.is_file():
        return
    data = json.loads(record.read_bytes())
    swaps = [Swap(*map(Path, paths)) for paths in data["swaps"]]
    for swap in reversed(swaps):
        _undo(swap)
    for workplace in data["workplaces"]:
        shutil.rmtree(workplace, ignore_errors=True)
    record.unlink()
    if swaps:
        say("undid an earlier restore that had been interrupted")


def _stage(unpacked: Path, destination: Path, workplace: Path) -> Swap:
    staged = workplace / "new"
    if not os.path.lexists(unpacked):
        raise ArchiveError(f"the archive has nothing for {destination}")
    try:
        unpacked.rename(staged)
    except OSError:
        # Another file system than that of the set's first path.
        _copy(unpacked, staged)
    return Swap(staged, destination, workplace / "old")


def _copy(source: Path, target: Path) -> None:
    if source.is_dir() and not source.is_symlink():
        shutil.copytree(source, target, symlinks=True)
    else:
        shutil.copy2(source, target, follow_symlinks=False)


def _remember(record: Path, swaps: Sequence[Swap], workplaces: Sequence[Path]) -> None:
    data = {
        "swaps": [[str(path) for path in swap] for swap in swaps],
        "workplaces": [str(path) for path in workplaces],
    }
    write_atomically(record, json.dumps(data).encode())


def _swap_all(swaps: Sequence[Swap]) -> None:
    for swap in swaps:
        if os.path.lexists(swap.destination):
            swap.destination.rename(swap.aside)
        swap.staged.rename(swap.destination)
        sync_directory(swap.destination.parent)


def _undo(swap: Swap) -> None:
    """Back to what was there, however far this swap had come."""
    if os.path.lexists(swap.aside):
        if os.path.lexists(swap.destination):
            swap.destination.rename(swap.staged.with_name("undone"))
        swap.aside.rename(swap.destination)
    elif not os.path.lexists(swap.staged) and os.path.lexists(swap.destination):
        # Nothing had been there before.
        swap.destination.rename(swap.staged)
