"""An archive of `packing.py` as a folder that nobody writes to."""

import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from orchestrate.errors import OrchestrateError


class ArchiveError(OrchestrateError):
    """What came as a project's files is not what `packing.py` makes."""

    code = "project-files"


def unpack(archive: bytes, folder: Path) -> None:
    """Make the folder, with what the archive holds. Raises ArchiveError, and OSError."""
    folder.mkdir(mode=0o700)
    folders = [folder]
    try:
        # Not compressed, as it was packed: so nothing in it is larger than it is.
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:", errorlevel=2) as opened:
            for member in _checked(opened):
                path = folder / member.name
                if member.isdir():
                    path.mkdir(mode=0o700)
                    folders.append(path)
                elif member.issym():
                    path.symlink_to(member.linkname)
                else:
                    _write(path, opened, member)
    except (tarfile.TarError, ValueError, LookupError, OverflowError, EOFError) as error:
        raise _error(f"are no archive that can be read: {error!r:.100}") from error
    for made in reversed(folders):
        made.chmod(0o555)


def remove(folder: Path) -> None:
    """Remove what `unpack` made, or left when it was interrupted."""
    import shutil

    for place, _, _ in os.walk(folder):
        with suppress(OSError):
            Path(place).chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


def _write(path: Path, opened: tarfile.TarFile, member: tarfile.TarInfo) -> None:
    content = opened.extractfile(member)
    assert content is not None
    mode = member.mode & 0o555
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode | 0o200)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content.read())
        os.fchmod(descriptor, mode)


def _checked(opened: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Its members, if each stays within the folder: whoever can write to the namespace could have
    made another archive.
    """
    links: set[str] = set()
    for member in opened:
        parts = member.name.split("/")
        above = {"/".join(parts[:depth]) for depth in range(1, len(parts))}
        plain = all(part not in ("", ".", "..") for part in parts)
        known = member.isdir() or member.issym() or (member.isreg() and not member.issparse())
        if not plain or not known or links & above:
            raise _refused(member)
        if member.issym():
            target = os.path.normpath(f"{'/'.join(parts[:-1])}/{member.linkname}".lstrip("/"))
            # In its normal form, as it was packed: `a/link/..` need not be where it seems to be.
            odd = member.linkname != os.path.normpath(member.linkname)
            if odd or member.linkname.startswith("/") or target.split("/")[0] == "..":
                raise _refused(member)
            links.add(member.name)
        yield member


def _refused(member: tarfile.TarInfo) -> ArchiveError:
    return _error(f"hold {member.name!a:.100}, which leads out of their folder, or is no file")


def _error(problem: str) -> ArchiveError:
    return ArchiveError(
        f"the project's files {problem}",
        hint="Somebody else put them into Temporal. Terminate the workflow, and see who may write "
        "to its namespace.",
    )
