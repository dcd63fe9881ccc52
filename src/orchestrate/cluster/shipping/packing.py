"""A project as one archive: the same files give the same bytes, anywhere.

What was packed last is remembered by the state of each file, so that a project that did not change
is not read again.
"""

import hashlib
import io
import json
import os
import tarfile
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from orchestrate.cluster.shipping.ignoring import Rules, rules_of
from orchestrate.cluster.shipping.tree import Entry, scan
from orchestrate.errors import UsageError

LARGEST = 32 << 20
"""Bytes of a project's files, before they are compressed."""
MOST_FILES = 10_000
_FORM = 1
_NAMED = 5
"""Largest files that are named."""
_SETTLED = 2_000_000_000
"""Nanoseconds after a change in which one more might leave no trace in the times of a file."""


class Packed(NamedTuple):
    """A version of a project's files."""

    digest: str
    """SHA-256 of the archive, as hexadecimal digits."""
    size: int
    archive: bytes | None
    """None if it was not read, because nothing changed."""


class Packer:
    """Packs one project. `cache` is a folder that may not exist."""

    def __init__(self, root: Path, cache: Path, left_out: Iterable[str] = ()) -> None:
        """`left_out` are paths that must never leave this machine."""
        self._root = root
        self._left_out = sorted(left_out)
        key = hashlib.sha256("\0".join([str(root), *self._left_out]).encode(errors="replace"))
        self._known = cache / f"files-{key.hexdigest()[:16]}.json"

    def look(self) -> Packed:
        """The version that the files are now; packed only if something changed. Raises UsageError
        for what cannot be packed.
        """
        entries = self._entries()
        known = self._remembered(entries)
        return known or self._packed(entries)

    def pack(self) -> Packed:
        """The same, with the archive."""
        return self._packed(self._entries())

    def _entries(self) -> list[Entry]:
        entries = scan(self._root, rules_of(self._root, self._left_out))
        check_size(entries)
        return entries

    def _packed(self, entries: Sequence[Entry]) -> Packed:
        began = time.time_ns()
        archive = archive_of(self._root, entries)
        packed = Packed(hashlib.sha256(archive).hexdigest(), len(archive), archive)
        self._remember(entries, packed, began)
        return packed

    def _remembered(self, entries: Sequence[Entry]) -> Packed | None:
        try:
            stored = json.loads(self._known.read_bytes())
            if stored["state"] != _state(entries):
                return None
            return Packed(stored["digest"], int(stored["size"]), None)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _remember(self, entries: Sequence[Entry], packed: Packed, began: int) -> None:
        newest = max((max(entry.changed[:2]) for entry in entries), default=0)
        if newest > began - _SETTLED or not self._known.parent.parent.is_dir():
            return  # a change within the same tick of the clock would not be seen
        content = {"state": _state(entries), "digest": packed.digest, "size": packed.size}
        with suppress(OSError):
            self._known.parent.mkdir(mode=0o700, exist_ok=True)
            draft = self._known.with_suffix(f".{os.getpid()}")
            draft.write_text(json.dumps(content), encoding="utf-8")
            draft.replace(self._known)


def check_size(entries: Sequence[Entry]) -> None:
    """Raise UsageError, naming the largest files, if there is more than workers can be sent."""
    size = sum(entry.size for entry in entries)
    if size <= LARGEST and len(entries) <= MOST_FILES:
        return
    if len(entries) > MOST_FILES:
        problem = f"{len(entries):,} files and folders, and at most {MOST_FILES:,} are sent"
    else:
        problem = f"{_mebibytes(size)}, and at most {_mebibytes(LARGEST)} are sent"
    largest = sorted(entries, key=lambda entry: -entry.size)[:_NAMED]
    named = ", ".join(f"{entry.path} ({_mebibytes(entry.size)})" for entry in largest)
    raise UsageError(
        f"the project is too large for workers: {problem}. Its largest files: {named}",
        hint="Leave out what steps do not need, by lines in .orchestrateignore (like .gitignore); "
        'or bring the files to the workers yourself: `[engine] project_files = "local"`.',
    )


def archive_of(root: Path, entries: Sequence[Entry]) -> bytes:
    """The archive. Raises UsageError for files that vanish or cannot be read."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for entry in entries:
            member = tarfile.TarInfo(entry.path)
            member.mode = entry.mode
            if entry.kind == "folder":
                member.type = tarfile.DIRTYPE
                archive.addfile(member)
            elif entry.kind == "link":
                member.type, member.linkname = tarfile.SYMTYPE, entry.target
                archive.addfile(member)
            else:
                data = _content(root / entry.path)
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
    return content.getvalue()


def digest_of(folder: Path) -> str:
    """The version that was unpacked into a folder, if nobody changed it since."""
    entries = scan(folder, Rules(("__pycache__/",)))
    return hashlib.sha256(archive_of(folder, entries)).hexdigest()


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read: {error.strerror}",
            hint="Workers get the project's files. Let this user read it, or leave it out with a "
            "line in .orchestrateignore.",
        ) from error


def _state(entries: Sequence[Entry]) -> str:
    """The state of all files in short."""
    text = json.dumps([_FORM, entries])
    return hashlib.sha256(text.encode()).hexdigest()


def _mebibytes(size: int) -> str:
    return f"{size / (1 << 20):.1f} MiB"
