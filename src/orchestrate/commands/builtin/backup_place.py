"""Where backups are kept: a directory that holds one directory for each backup.

`PLACE/NAME/manifest.json` says what is in it, `PLACE/NAME/SET.tar.gz` is each set's archive. A
backup appears by one rename, so one that is visible is whole.
"""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from orchestrate.commands.builtin.archive import ArchiveError, digest_of
from orchestrate.commands.builtin.durable_files import locked, sync_directory, write_atomically
from orchestrate.errors import NotFoundError, UsageError

FORMAT = 1
MANIFEST = "manifest.json"
LATEST = "latest"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Backup(NamedTuple):
    """One backup. `sets`: name → {archive, sha256, size, files, roots}; `roots` maps the member
    names in the archive to the paths that they came from, relative to the project if inside.
    """

    name: str
    created_at: str
    """RFC 3339, UTC, with microseconds: sorts by time."""
    environment: str
    idempotency_key: str
    workflow: str
    sets: Mapping[str, Mapping[str, Any]]
    directory: Path

    @property
    def size(self) -> int:
        """Bytes of all archives."""
        return sum(part["size"] for part in self.sets.values())

    @property
    def files(self) -> int:
        """Files in all archives."""
        return sum(part["files"] for part in self.sets.values())


class Place:
    """A directory with backups."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @contextmanager
    def lock(self) -> Generator[None]:
        """One process at a time changes what is here; a place that is read-only needs no lock."""
        if self.directory.is_dir() and not os.access(self.directory, os.W_OK):
            yield
            return
        with locked(self.directory / ".lock"):
            yield

    def backups(self) -> list[Backup]:
        """All backups, newest first."""
        if not self.directory.is_dir():
            return []
        found = [
            self._read(path)
            for path in self.directory.iterdir()
            if not path.name.startswith(".") and (path / MANIFEST).is_file()
        ]
        return sorted(found, key=lambda backup: backup.created_at, reverse=True)

    def get(self, name: str, wanted_set: str | None = None) -> Backup:
        """The backup `name`, or the newest one for `latest` (the newest that has `wanted_set`).

        Raises NotFoundError.
        """
        if name == LATEST:
            for backup in self.backups():
                if wanted_set is None or wanted_set in backup.sets:
                    return backup
            what = "backup" if wanted_set is None else f"backup of the set `{wanted_set}`"
            raise NotFoundError(
                f"there is no {what} in {self.directory}", hint="Make one with /backup create."
            )
        check_name(name)
        if (self.directory / name / MANIFEST).is_file():
            return self._read(self.directory / name)
        from orchestrate.playbook.diagnostics import nearest

        near = nearest(name, [backup.name for backup in self.backups()])
        raise NotFoundError(
            f"there is no backup `{name}` in {self.directory}",
            hint=f"Did you mean `{near}`?" if near else "See them all with /backup list.",
        )

    @contextmanager
    def building(self, name: str) -> Generator[Path]:
        """An empty directory that becomes the backup `name` at the end, nothing on an error."""
        staging = Path(tempfile.mkdtemp(dir=self.directory, prefix=".making-"))
        try:
            yield staging
            sync_directory(staging)
            staging.rename(self.directory / name)
            sync_directory(self.directory)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise

    def remove(self, backup: Backup) -> None:
        """Remove a backup; it disappears at once."""
        trash = Path(tempfile.mkdtemp(dir=self.directory, prefix=".removing-"))
        backup.directory.rename(trash / backup.name)
        shutil.rmtree(trash)

    def sweep(self) -> None:
        """Remove what a killed process left half made. Call it with the lock held."""
        for path in self.directory.iterdir():
            if path.name.startswith((".making-", ".removing-")):
                shutil.rmtree(path, ignore_errors=True)

    def _read(self, directory: Path) -> Backup:
        try:
            data: dict[str, Any] = json.loads((directory / MANIFEST).read_bytes())
            if data.pop("format") != FORMAT:
                raise ArchiveError(
                    f"{directory / MANIFEST} has a format that this version does not know",
                    hint="Use the version of orchestrate that made it, or a newer one.",
                )
            return Backup(**data, directory=directory)
        except (ValueError, KeyError, TypeError) as error:
            raise ArchiveError(f"{directory / MANIFEST} is damaged: {error}") from error


def write_manifest(directory: Path, backup: Backup) -> None:
    """Write the manifest of `backup` into `directory`."""
    data = {"format": FORMAT, **backup._asdict()}
    del data["directory"]
    write_atomically(directory / MANIFEST, json.dumps(data, indent=1).encode())


def verify(backup: Backup, sets: Mapping[str, Mapping[str, Any]]) -> None:
    """Raise ArchiveError if an archive of `sets` is missing or not what was written."""
    for name, part in sets.items():
        archive = backup.directory / os.path.basename(part["archive"])  # noqa: PTH119
        if not archive.is_file():
            raise ArchiveError(f"backup `{backup.name}` has lost its archive of `{name}`")
        if digest_of(archive) != part["sha256"]:
            raise ArchiveError(
                f"{archive} is damaged: its checksum is not the recorded one",
                hint="Restore another backup; see them with /backup list.",
            )


def check_name(name: str) -> None:
    """Raise UsageError for what cannot be the name of a backup."""
    if not _NAME.fullmatch(name) or name == LATEST:
        raise UsageError(
            f'"{name}" cannot be the name of a backup',
            hint="Use letters, digits, `-`, `_` and `.`, beginning with a letter or digit.",
        )
