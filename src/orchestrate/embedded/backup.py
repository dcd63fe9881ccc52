"""`state backup` and `state restore`: the store and all output in one archive with checksums."""

import gzip
import hashlib
import json
import os
import shutil
import sqlite3
import tarfile
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from orchestrate.embedded import actions, database, location, ownership
from orchestrate.embedded.actions import Action, Author, Head
from orchestrate.embedded.store import Store
from orchestrate.errors import ConflictError, NotFoundError, StoreError, UsageError
from orchestrate.playbook.plan import Json

_UNREADABLE = (
    tarfile.TarError, zlib.error, gzip.BadGzipFile, EOFError, ValueError, KeyError, TypeError,
    AttributeError, OverflowError, RecursionError, FileNotFoundError, FileExistsError,
    NotADirectoryError, IsADirectoryError,
)  # fmt: skip
"""What comes of an archive that is damaged, or is none."""
_MANIFEST = "manifest.json"
_FOLDER = "workflows"


class Archived(NamedTuple):
    """What an archive holds."""

    workflows: int
    files: int
    bytes: int


def back_up(store: Store, target: Path, author: Author) -> Archived:
    """Write an archive; workflows may go on running meanwhile. An existing file is refused. That it
    was made is told behind what it holds.
    """
    if target.exists():
        raise ConflictError(f"{target} exists", hint="Choose another name, or remove it first.")
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    # A server may be asked for several at once: each has a copy of its own.
    copy = store.directory / f"backup-{os.getpid()}-{threading.get_native_id()}.db"
    try:
        count = _copy_database(store, copy)
        sums: dict[str, str] = {}
        private = _private(fresh, target)
        with (
            open(private, "wb") as packed,  # noqa: PTH123 - of a descriptor
            tarfile.open(fileobj=packed, mode="w:gz", compresslevel=3) as archive,
        ):
            for name, path in _members(store, copy):
                sums[name] = _add(archive, name, path)
            _add_manifest(archive, sums)
        size = sum(1 for _ in sums)
        with fresh.open("rb") as written:
            os.fsync(written.fileno())
        fresh.rename(target)
    except OSError as error:
        raise location.explain(error, target.parent) from error
    finally:
        fresh.unlink(missing_ok=True)
        copy.unlink(missing_ok=True)
    done = Action("state_backed_up", author, str(target.absolute()), {"workflows": count})
    store.writer.call(lambda c: actions.record(c, time.time(), done))
    return Archived(count, size, target.stat().st_size)


def _private(fresh: Path, target: Path) -> int:
    """A new file that becomes `target`: it holds what the state directory holds, and is as private,
    whatever the umask is.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        return os.open(fresh, flags, 0o600)
    except OSError as error:
        raise UsageError(
            f"{target} cannot be written: {error.strerror}", hint="Name another file."
        ) from error


def _copy_database(store: Store, copy: Path) -> int:
    def look(reader: sqlite3.Connection) -> int:
        with sqlite3.connect(copy) as writing:
            reader.backup(writing)
            # One file, readable without its log.
            writing.execute("PRAGMA journal_mode=DELETE")
            found = writing.execute("SELECT count(*) FROM workflows").fetchone()
        writing.close()
        return int(found[0])

    return store.reading(look)


def _members(store: Store, copy: Path) -> Iterator[tuple[str, Path]]:
    yield database.FILE, copy
    root = store.directory / _FOLDER
    for folder, _, names in os.walk(root):
        for name in sorted(names):
            path = Path(folder) / name
            yield f"{_FOLDER}/{path.relative_to(root)}", path


def _add(archive: tarfile.TarFile, name: str, path: Path) -> str:
    """Add a file that may grow meanwhile: as long as it was when it was opened."""
    with path.open("rb") as stream:
        entry = archive.gettarinfo(arcname=name, fileobj=stream)
        digest = _Digesting(stream)
        archive.addfile(entry, digest)
    return digest.hexdigest()


class _Digesting:
    """A stream that is digested as it is read."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._digest.update(data)
        return data

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


def _add_manifest(archive: tarfile.TarFile, sums: dict[str, str]) -> None:
    import io

    body = json.dumps({"version": 1, "made_at": time.time(), "sha256": sums}, indent=1).encode()
    entry = tarfile.TarInfo(_MANIFEST)
    entry.size = len(body)
    archive.addfile(entry, io.BytesIO(body))


def restore(
    state_dir: Path, group: str | None, source: Path, author: Author, *, force: bool
) -> Archived:
    """Put an archive in the place of the store. The archive is checked as a whole first. The audit
    of the store that is there then says so, and how far the one went that was replaced.

    Refused while some workflow is being run, and, without `force`, if there is a store already;
    with it, the old one is kept beside it as `orchestrate.db.before-restore`.
    """
    if not source.is_file():
        raise NotFoundError(f"there is no archive {source}", hint="Give the path of a backup.")
    location.prepare(state_dir, group)
    replaced: Head | None = None
    if Store.exists(state_dir):
        replaced = _refuse_if_used(state_dir, group, force=force)
    staging = state_dir / f"restore-{os.getpid()}"
    try:
        files, size = _unpack(source, staging)
        count = _check_database(staging)
        _replace(state_dir, staging)
    except OSError as error:
        raise location.explain(error, state_dir) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    _tell(state_dir, group, source, author, replaced)
    return Archived(count, files, size)


def _tell(
    state_dir: Path, group: str | None, source: Path, author: Author, replaced: Head | None
) -> None:
    data: dict[str, Json] = {}
    if replaced is not None:
        data["before"] = {"actions": replaced.number, "hash": replaced.hash.hex()}
    done = Action("state_restored", author, str(source.absolute()), data)
    store = Store(state_dir, group)
    try:
        store.writer.call(lambda c: actions.record(c, time.time(), done))
    finally:
        store.close()


def _refuse_if_used(state_dir: Path, group: str | None, *, force: bool) -> Head | None:
    """The last action of a store that may be replaced; None if it cannot be read."""
    if not force:
        raise ConflictError(
            f"{state_dir} holds a store already",
            hint="Pass --force to put the backup in its place.",
        )
    try:
        store = Store(state_dir, group)
    except StoreError:
        return None  # a damaged store is what a backup is for
    try:
        rows = store.read(
            "SELECT id, owner_pid, owner_started, owner_boot, owner_host, owner_socket "
            "FROM workflows WHERE owner_pid IS NOT NULL"
        )
        head = store.reading(actions.head)
    finally:
        store.close()
    living = [row[0] for row in rows if not ownership.is_lost(ownership.Identity(*row[1:]))]
    if living:
        raise ConflictError(
            f"workflows are being run: {', '.join(living)}",
            hint="Wait until they end, or cancel them first.",
        )
    return head


def _unpack(source: Path, staging: Path) -> tuple[int, int]:
    staging.mkdir(mode=0o700)
    try:
        with tarfile.open(source, "r:gz", errorlevel=2) as archive:
            archive.extractall(staging, members=_plain(archive, source), filter="data")
        manifest = json.loads((staging / _MANIFEST).read_bytes())
        sums = {str(name): str(found) for name, found in manifest["sha256"].items()}
    except _UNREADABLE as error:
        raise _damaged(source, f"{error!r:.200}") from error
    size = 0
    for name, expected in sums.items():
        path = staging / name
        if ".." in path.parts or not path.is_relative_to(staging) or not path.is_file():
            raise _damaged(source, f"{name} is missing")
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found != expected:
            raise _damaged(source, f"{name} does not have its recorded checksum")
        size += path.stat().st_size
    return len(sums), size


def _plain(archive: tarfile.TarFile, source: Path) -> Iterator[tarfile.TarInfo]:
    """Its members, if they are what a backup holds: files and folders below its root."""
    for member in archive:
        plain = member.isdir() or (member.isreg() and not member.issparse())
        if not plain or member.name.startswith("/") or ".." in member.name.split("/"):
            raise _damaged(source, f"{member.name!a:.100} is nothing that a backup holds")
        yield member


def _damaged(source: Path, why: str) -> StoreError:
    return StoreError(
        f"{source} is not an undamaged backup: {why}",
        hint="Nothing was changed. Use another backup.",
    )


def _check_database(staging: Path) -> int:
    try:
        with sqlite3.connect(staging / database.FILE) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            count = connection.execute("SELECT count(*) FROM workflows").fetchone()[0]
        connection.close()
    except sqlite3.Error as error:
        raise database.said(error, staging) from error
    if version > database.VERSION:
        raise StoreError(
            "the backup was made by a newer program", hint="Upgrade orchestrate, then restore."
        )
    return int(count)


def _replace(state_dir: Path, staging: Path) -> None:
    current = state_dir / database.FILE
    for suffix in ("-wal", "-shm"):
        current.with_name(current.name + suffix).unlink(missing_ok=True)
    if current.exists():
        current.replace(current.with_name(f"{database.FILE}.before-restore"))
    folder = staging / _FOLDER
    if folder.is_dir():
        shutil.copytree(folder, state_dir / _FOLDER, dirs_exist_ok=True)
    (staging / database.FILE).replace(current)
