"""The versions of projects that a worker has unpacked, each in a folder named by its digest.

What steps run from stays; of the rest, what was not used for the longest time makes room.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TypeAlias

from orchestrate.cluster.shipping.packing import digest_of
from orchestrate.cluster.shipping.unpacking import ArchiveError, remove, unpack
from orchestrate.cluster.storing.blobs import Ref
from orchestrate.errors import OrchestrateError

Fetch: TypeAlias = Callable[[Ref], Awaitable[bytes]]
"""Gives the archive of a version. Raises an OrchestrateError."""
LARGEST = 1 << 30
"""Bytes of all versions together, beside those that are in use."""
_DRAFT = ".draft"


class Shelf:
    """For use in one loop, by the one process that has the folder."""

    def __init__(
        self,
        folder: Path,
        fetch: Fetch,
        in_use: Callable[[], Iterable[str]],
        largest: int = LARGEST,
    ) -> None:
        """`in_use` are the digests of what steps run from."""
        self._folder = folder
        self._fetch = fetch
        self._in_use = in_use
        self._largest = largest
        self._ready: dict[str, asyncio.Task[Path]] = {}

    async def folder_of(self, ref: Ref) -> Path:
        """Where that version is, unpacked now if it was not there. Whoever asks counts among
        `in_use` already. Raises an OrchestrateError.
        """
        task = self._ready.get(ref.digest)
        if task is None:
            task = self._ready[ref.digest] = asyncio.create_task(self._prepare(ref))
            task.add_done_callback(partial(self._prepared, ref.digest))
        folder = task.result() if task.done() else await asyncio.shield(task)
        os.utime(folder)
        return folder

    def _prepared(self, digest: str, task: "asyncio.Task[Path]") -> None:
        """What failed is tried anew by whoever asks next."""
        if task.cancelled() or task.exception() is not None:
            del self._ready[digest]

    async def _prepare(self, ref: Ref) -> Path:
        folder = self._folder / ref.digest
        if not await asyncio.to_thread(_is_whole, folder, ref.digest):
            archive = await self._fetch(ref)
            await asyncio.to_thread(self._place, archive, folder)
            await self._make_room(folder)
        return folder

    def _place(self, archive: bytes, folder: Path) -> None:
        draft = folder.with_suffix(_DRAFT)
        try:
            remove(draft)
            draft.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            unpack(archive, draft)
            if folder.exists():  # what runs from it keeps its files under their new name
                _renamed(folder)
            draft.rename(folder)
        except OSError as error:
            remove(draft)
            raise ArchiveError(
                f"the project's files cannot be unpacked into {folder}: {error.strerror}",
                hint="See that the worker's state directory can be written and has room.",
            ) from error

    async def _make_room(self, newest: Path) -> None:
        """Remove what was used least lately, as far as nothing runs from it."""
        sizes = await asyncio.to_thread(_sizes, self._folder)
        # From here to the renaming nothing else happens in the loop: nobody begins to use it.
        kept = {newest.name, *self._in_use()}
        gone: list[Path] = []
        total = 0
        for path, size in sizes:
            total += size
            name, _, rest = path.name.partition(".")
            if name not in kept and (rest or total > self._largest):
                self._ready.pop(path.name, None)
                gone.append(_renamed(path))
        for path in gone:
            await asyncio.to_thread(remove, path)


def _is_whole(folder: Path, digest: str) -> bool:
    """Whether it is there as it was unpacked: the machine may have gone down meanwhile."""
    if not folder.is_dir():
        return False
    try:
        return digest_of(folder) == digest
    except OrchestrateError:
        return False


def _renamed(folder: Path) -> Path:
    """A folder out of the way, under a name that nobody asks for."""
    number = 1
    while (aside := folder.with_name(f"{folder.name}.{number}")).exists():
        number += 1
    return folder.rename(aside)


def _sizes(folder: Path) -> list[tuple[Path, int]]:
    """What there is, the last used first."""
    found = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    return [(path, _size(path)) for path in found]


def _size(folder: Path) -> int:
    total = 0
    for place, _, files in os.walk(folder):
        total += sum(os.lstat(f"{place}/{name}").st_size for name in files)
    return total
