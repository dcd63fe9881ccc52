"""Reading archives that strangers made: every member is looked at before anything is believed.

Nothing is ever unpacked to disk here. Members come back as bytes with their paths; what is no plain
file with a harmless path is refused as a whole, whatever else the archive holds.
"""

import gzip
import io
import stat
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import IO, ClassVar, NamedTuple

from orchestrate.errors import ExitCode, OrchestrateError

MOST_FILES = 1_000
LARGEST_FILE = 8 << 20
LARGEST_ARCHIVE = 32 << 20
"""Bytes: of the archive as it is, and of everything in it together."""
_HIGHEST_RATIO = 200
_RATIO_MATTERS = 1 << 20
"""Bytes: smaller content may be compressed as far as it likes."""
_LONGEST_PATH = 400
_CHUNK = 1 << 16
_ZIP, _EMPTY_ZIP, _GZIP = b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b"
_TAR_MAGIC = slice(257, 262)
_ENCRYPTED = 0x1
_UNIX = 3

AGAIN = "`orchestrate library --export NAME --bundle` makes one that can be imported."


class ArchiveRefusedError(OrchestrateError):
    """An archive is damaged, or holds what no bundle holds. Nothing of it was used."""

    code: ClassVar[str] = "archive-refused"
    exit_code: ClassVar[int] = ExitCode.USAGE


class Member(NamedTuple):
    """One file of an archive."""

    path: str
    data: bytes
    executable: bool


def is_archive(data: bytes) -> bool:
    """Whether these bytes are (or begin like) an archive, of a kind that is read here or not."""
    others = (b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"\x28\xb5\x2f\xfd")
    return data.startswith((_ZIP, _EMPTY_ZIP, _GZIP, *others)) or data[_TAR_MAGIC] == b"ustar"


def read_archive(data: bytes) -> list[Member]:
    """The files of a zip, tar or tar.gz. Raises ArchiveRefusedError."""
    if len(data) > LARGEST_ARCHIVE:
        raise _refused(f"the archive has more than {_mebibytes(LARGEST_ARCHIVE)}")
    try:
        if data.startswith((_ZIP, _EMPTY_ZIP)):
            members = list(_zip_members(data))
        elif data.startswith(_GZIP):
            members = list(_tar_members(_inflated(data)))
        elif data[_TAR_MAGIC] == b"ustar":
            members = list(_tar_members(data))
        else:
            raise _refused("this kind of archive is not read here", "Use zip or tar.gz.")
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError) as error:
        raise _refused(f"the archive is damaged or cut off: {error}") from error
    except (ValueError, OverflowError, LookupError, RuntimeError, OSError, struct.error) as error:
        raise _refused(f"the archive cannot be read: {error}") from error
    _check_collisions([member.path for member in members])
    return members


def check_path(path: str) -> str:
    """A member's path; raises ArchiveRefusedError unless it is relative and leads downwards."""
    shown = path.encode("unicode_escape").decode()
    shown = f"{shown[:80]}…" if len(shown) > 80 else shown
    parts = path.split("/")
    problem = ""
    if not path or path.startswith("/") or (len(path) > 1 and path[1] == ":"):
        problem = "is an absolute path"
    elif "\\" in path or not path.isprintable() or not _is_text(path):
        problem = "holds characters that no path of a bundle holds"
    elif ".." in parts:
        problem = "leads out of the project"
    elif any(part in ("", ".") or part != part.strip() for part in parts):
        problem = "is not written in its plain form"
    elif len(path) > _LONGEST_PATH or max(map(len, parts)) > 200:
        problem = "is too long"
    if problem:
        raise _refused(f"the path `{shown}` {problem}")
    return path


def _is_text(path: str) -> bool:
    """Whether it can be encoded: names in other encodings come as lone surrogates."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_collisions(names: Iterable[str]) -> None:
    """No file twice, not even where upper and lower case are the same; no file that is a folder."""
    files: dict[str, str] = {}
    for name in names:
        other = files.setdefault(_folded(name), name)
        if other != name:
            raise _refused(f"`{other}` and `{name}` are the same file on some systems")
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise _refused(f"`{name}` is in the archive twice")
        seen.add(name)
        parts = _folded(name).split("/")
        for depth in range(1, len(parts)):
            above = files.get("/".join(parts[:depth]))
            if above is not None:
                raise _refused(f"`{above}` is a file and the folder of `{name}`")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


class _Budget:
    """What may still be read."""

    def __init__(self, compressed: int) -> None:
        self._left = LARGEST_ARCHIVE
        self._files = 0
        self._most = max(_RATIO_MATTERS, compressed * _HIGHEST_RATIO)
        self._read = 0

    def entry(self, path: str, size: int) -> None:
        """One more member that says how large it is."""
        self._files += 1
        if self._files > MOST_FILES:
            raise _refused(f"the archive has more than {MOST_FILES:,} members")
        if not 0 <= size <= LARGEST_FILE:
            raise _refused(f"`{path}` has more than {_mebibytes(LARGEST_FILE)}")

    def take(self, size: int) -> None:
        """So many bytes more came out."""
        self._read += size
        if self._read > self._most:
            raise _refused(
                f"the content is more than {_HIGHEST_RATIO} times as large as the archive"
            )
        if self._read > self._left:
            raise _refused(f"the content has more than {_mebibytes(LARGEST_ARCHIVE)}")


def _zip_members(data: bytes) -> Iterator[Member]:
    budget = _Budget(len(data))
    if data.count(b"PK\x01\x02") > MOST_FILES:  # before the reader makes an object of each
        raise _refused(f"the archive has more than {MOST_FILES:,} members")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            name = info.orig_filename
            budget.entry(name, info.file_size)
            mode = info.external_attr >> 16 if info.create_system == _UNIX else 0
            if info.flag_bits & _ENCRYPTED:
                raise _refused(f"`{name}` is encrypted", "Make the archive without a password.")
            if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise _refused(f"`{name}` is a link or another special file")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise _refused(f"`{name}` is compressed in an unusual way")
            if name.endswith("/"):
                check_path(name[:-1])
                continue
            check_path(name)
            with archive.open(info) as stream:
                yield Member(name, _read(stream, name, budget), bool(mode & 0o111))


def _inflated(data: bytes) -> bytes:
    """What a gzip file holds, but no more than is allowed.

    It is unpacked before the tar reader sees it, so that no header makes that read without end.
    """
    budget = _Budget(len(data))
    content = io.BytesIO()
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
        while piece := stream.read(_CHUNK):
            budget.take(len(piece))
            content.write(piece)
    return content.getvalue()


def _tar_members(data: bytes) -> Iterator[Member]:
    budget = _Budget(len(data))
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:", errorlevel=2) as archive:
        for info in archive:
            budget.entry(info.name, info.size)
            if info.isdir():
                check_path(info.name)
                continue
            if not info.isreg() or info.issparse():
                raise _refused(f"`{info.name}` is a link or another special file")
            check_path(info.name)
            stream = archive.extractfile(info)
            if stream is None:
                raise _refused(f"`{info.name}` cannot be read")
            yield Member(info.name, _read(stream, info.name, budget), bool(info.mode & 0o111))


def _read(stream: IO[bytes], name: str, budget: _Budget) -> bytes:
    """All of a member, whatever size it claims to have."""
    content = io.BytesIO()
    while piece := stream.read(_CHUNK):
        budget.take(len(piece))
        content.write(piece)
        if content.tell() > LARGEST_FILE:
            raise _refused(f"`{name}` has more than {_mebibytes(LARGEST_FILE)}")
    return content.getvalue()


def _mebibytes(size: int) -> str:
    return f"{size >> 20} MiB"


def _refused(problem: str, hint: str = AGAIN) -> ArchiveRefusedError:
    return ArchiveRefusedError(f"{problem}; nothing was imported", hint=hint)
