"""Archives of `/backup`: one tar.gz for each set, made, checked and unpacked.

Unpacking writes into an empty staging directory only. Regular files and directories come first,
links last, so nothing is ever written through a link; links must end inside.
"""

import fnmatch
import gzip
import hashlib
import os
import shutil
import stat
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from orchestrate.commands.builtin.context import warn
from orchestrate.errors import OrchestrateError


class ArchiveError(OrchestrateError):
    """Something cannot be archived, or an archive cannot be trusted."""

    code = "archive"


class Written(NamedTuple):
    """An archive that was written: SHA-256 (hex), bytes, and how many files are in it."""

    sha256: str
    size: int
    files: int


class _HashingFile:
    """A file that is written, and the digest of what was written."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.size += len(data)
        return self.file.write(data)

    def flush(self) -> None:
        self.file.flush()


def write_archive(path: Path, roots: Sequence[tuple[str, Path]], exclude: Sequence[str]) -> Written:
    """Write `roots` (member name, path on disk) to the new file `path`, on disk when done.

    `exclude`: shell patterns for a name or a path below its root. Raises ArchiveError for a link
    that leads outside, and for a file that changes while it is read.
    """
    files = 0
    with path.open("xb") as raw:
        hashing = _HashingFile(raw)
        with (
            gzip.GzipFile("", "wb", 6, hashing, mtime=0) as packed,  # type: ignore[arg-type]
            tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
        ):
            for member, root in roots:
                for name, source in _walk(member, root, exclude):
                    files += _add(tar, name, source, root)
        raw.flush()
        os.fsync(raw.fileno())
    return Written(hashing.digest.hexdigest(), hashing.size, files)


def _walk(member: str, root: Path, exclude: Sequence[str]) -> Iterator[tuple[str, Path]]:
    yield member, root
    if root.is_symlink() or not root.is_dir():
        return
    for directory, names, files in os.walk(root, onerror=_unreadable):
        below = Path(directory).relative_to(root)
        names[:] = sorted(n for n in names if not _excluded(n, below / n, exclude))
        for name in sorted([*names, *files]):
            if not _excluded(name, below / name, exclude):
                yield str(PurePosixPath(member) / below / name), Path(directory) / name


def _unreadable(error: OSError) -> None:
    raise error


def _excluded(name: str, below: Path, exclude: Sequence[str]) -> bool:
    return any(
        fnmatch.fnmatchcase(name, pattern) or fnmatch.fnmatchcase(str(below), pattern)
        for pattern in exclude
    )


def _add(tar: tarfile.TarFile, name: str, source: Path, root: Path) -> int:
    """Add one entry; 1 for a regular file, else 0."""
    info = tar.gettarinfo(str(source), arcname=name)
    # gettarinfo answers None for a socket, whatever its annotation says.
    if info is None or not (info.isreg() or info.isdir() or info.issym() or info.islnk()):  # pyright: ignore[reportUnnecessaryComparison]
        warn(f"{source} is neither file, directory nor link; left out")
        return 0
    if info.issym():
        _require_inside(info.linkname, source, root)
    if not info.isreg():
        tar.addfile(info)
        return 0
    with source.open("rb") as file:
        try:
            tar.addfile(info, file)
        except OSError as error:
            raise ArchiveError(
                f"{source} changed while it was read ({error})",
                hint="Stop what writes it, or archive a dump of it instead.",
            ) from error
    return 1


def _require_inside(target: str, link: Path, root: Path) -> None:
    top = root.resolve() if root.is_dir() and not root.is_symlink() else root.parent.resolve()
    end = (link.parent.resolve() / target).resolve()
    if target.startswith("/") or not end.is_relative_to(top):
        raise ArchiveError(
            f"{link} is a link that leads outside of {top} ({target}), "
            "so a restore could not put it back safely",
            hint="Exclude it, and name its target as a path of the set.",
        )


def digest_of(path: Path) -> str:
    """The SHA-256 (hex) of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unpack(archive: Path, staging: Path) -> None:
    """Unpack into the empty directory `staging`.

    Raises ArchiveError, before anything is unpacked, for a member that is absolute, leads
    outside, stands below a link, or is neither file, directory nor link.
    """
    try:
        with tarfile.open(archive, "r:gz") as tar:
            members = tar.getmembers()
            _check_members(members)
            for member in members:
                if member.isreg() or member.isdir():
                    _unpack_member(tar, member, staging)
            for member in members:
                if member.islnk():
                    os.link(staging / member.linkname, staging / member.name)
            for member in members:
                if member.issym():
                    (staging / member.name).parent.mkdir(parents=True, exist_ok=True)
                    (staging / member.name).symlink_to(member.linkname)
            _check_links(members, staging)
            for member in reversed(members):
                if member.isdir():
                    _set_metadata(member, staging / member.name)
    except (tarfile.TarError, zlib.error, EOFError, gzip.BadGzipFile, ValueError) as error:
        raise ArchiveError(
            f"{archive} is damaged: {error}",
            hint="Restore another backup; see them with /backup list.",
        ) from error


def _check_members(members: Sequence[tarfile.TarInfo]) -> None:
    links = {PurePosixPath(member.name) for member in members if member.issym()}
    regular = {member.name for member in members if member.isreg()}
    for member in members:
        path = PurePosixPath(member.name)
        if path.is_absolute() or ".." in path.parts or not path.parts:
            raise ArchiveError(f"the archive has a member outside of its root: {member.name}")
        if links.intersection(path.parents):
            raise ArchiveError(f"the archive has a member below a link: {member.name}")
        plain = member.isreg() and not member.issparse()
        if not (plain or member.isdir() or member.issym() or member.islnk()):
            raise ArchiveError(f"the archive has a device or pipe: {member.name}")
        if member.islnk() and member.linkname not in regular:
            raise ArchiveError(f"{member.name} links to {member.linkname}, which is no member")
        if member.issym() and member.linkname.startswith("/"):
            raise ArchiveError(f"{member.name} is a link that leads outside: {member.linkname}")


def _unpack_member(tar: tarfile.TarFile, member: tarfile.TarInfo, staging: Path) -> None:
    target = staging / member.name
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    source = tar.extractfile(member)
    if source is None:
        raise ArchiveError(f"the archive has no content for {member.name}")
    with source, target.open("xb") as file:
        shutil.copyfileobj(source, file)
        file.flush()
        os.fsync(file.fileno())
    _set_metadata(member, target)


def _check_links(members: Sequence[tarfile.TarInfo], staging: Path) -> None:
    top = staging.resolve()
    for member in members:
        if member.issym():
            own = top / PurePosixPath(member.name).parts[0]
            end = Path(os.path.realpath(staging / member.name))
            if not end.is_relative_to(own if own.is_dir() else top):
                raise ArchiveError(f"{member.name} is a link that leads outside: {member.linkname}")


def _set_metadata(member: tarfile.TarInfo, path: Path) -> None:
    # Set-user-id and the like are not brought back: a restore must not create privilege.
    if os.geteuid() == 0:
        os.chown(path, member.uid, member.gid, follow_symlinks=False)
    path.chmod(stat.S_IMODE(member.mode) & 0o777)
    os.utime(path, (member.mtime, member.mtime))
