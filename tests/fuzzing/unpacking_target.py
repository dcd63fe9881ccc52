"""Archives that are unpacked to disk: a project's files on a worker, and what restores read.

What goes in is a recipe, so that checksums keep nobody from getting further: a member for each
line, `KIND NAME TARGET-OR-CONTENT`; or, after a first line `raw`, an archive as it is.
"""

import gzip
import io
import os
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from fuzzing.target import Target, is_good, says_why, workplace

from orchestrate.cluster.shipping.unpacking import remove
from orchestrate.cluster.shipping.unpacking import unpack as unpack_project
from orchestrate.commands.builtin.archive import ArchiveError
from orchestrate.commands.builtin.archive import unpack as unpack_backup
from orchestrate.embedded.actions import Author
from orchestrate.embedded.backup import restore
from orchestrate.errors import OrchestrateError

_KINDS = {
    "f": tarfile.REGTYPE, "d": tarfile.DIRTYPE, "s": tarfile.SYMTYPE, "h": tarfile.LNKTYPE,
    "c": tarfile.CHRTYPE, "b": tarfile.BLKTYPE, "p": tarfile.FIFOTYPE, "S": tarfile.GNUTYPE_SPARSE,
    "x": tarfile.XHDTYPE, "C": tarfile.CONTTYPE,
}  # fmt: skip
_MOST = 40
_BASE = workplace()
_LARGEST = 1 << 20


def check(data: bytes) -> None:
    """All is below the folder, links lead to what is below it, and nothing beside it changed."""
    first, _, rest = data.partition(b"\n")
    archive = rest if first == b"raw" else _made(data)
    _check(archive, "project")
    packed = gzip.compress(archive, 1)
    _check(packed, "backup")
    _check(packed if data[-1:] != b"!" else packed[: len(packed) * 3 // 4], "state")


def _check(archive: bytes, kind: str) -> None:
    with tempfile.TemporaryDirectory(dir=_BASE) as place:
        around = Path(place)
        (around / "canary").write_bytes(b"as it was")
        folder = around / "folder"
        try:
            if kind == "project":
                unpack_project(archive, folder)
            elif kind == "state":
                (around / "a.tar.gz").write_bytes(archive)
                folder.mkdir(mode=0o700)
                restore(folder, None, around / "a.tar.gz", Author("tests", {}), force=False)
            else:
                (around / "a.tar.gz").write_bytes(archive)
                folder.mkdir()
                unpack_backup(around / "a.tar.gz", folder)
        except OrchestrateError as error:
            says_why(error)
            if not isinstance(error, ArchiveError):
                is_good(error)
        except OSError as error:
            says_why(error)  # whoever calls says it for a person
        else:
            _check_links(folder)
        finally:
            assert (around / "canary").read_bytes() == b"as it was"
            known = {"canary", "folder", "a.tar.gz"}
            assert {one.name for one in around.iterdir()} <= known
            size = sum(
                os.lstat(f"{at}/{n}").st_size for at, _, names in os.walk(folder) for n in names
            )
            assert size <= _LARGEST, size
            remove(folder)


def _check_links(folder: Path) -> None:
    top = os.path.realpath(folder)
    for at, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(at, name)
            mode = path.lstat().st_mode & 0o7000
            assert not mode, f"{path} {mode:o}"
            if path.is_symlink():
                end = os.path.realpath(path)
                assert end == top or end.startswith(f"{top}/"), f"{path} leads to {end}"


def _made(recipe: bytes) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for line in recipe.split(b"\n")[:_MOST]:
            kind, _, rest = line.decode("utf-8", "surrogateescape").partition(" ")
            name, _, more = rest.partition(" ")
            info = tarfile.TarInfo(name[:200])
            info.type = _KINDS.get(kind[:1], tarfile.REGTYPE)
            info.mode = 0o7755 if kind[1:] == "!" else 0o755
            if info.type in (tarfile.SYMTYPE, tarfile.LNKTYPE):
                info.linkname = more[:200]
                archive.addfile(info)
            elif info.type == tarfile.REGTYPE:
                body = more.encode("utf-8", "surrogateescape")
                info.size = len(body)
                archive.addfile(info, io.BytesIO(body))
            else:
                archive.addfile(info)
    return content.getvalue()


def _seeds() -> Iterator[bytes]:
    yield b"d a\nf a/b hello\ns a/l b\nf! run #!/bin/sh"
    yield b"d a\ns a/up ..\ns out a/up/.."
    yield b"f a x\nh b a\ns c b"
    yield b"s l /etc\nf l/x y"
    yield b"d a\nd a/b\ns a/b/l ../../a\nf ../x y\nf /x y"
    yield b"c dev\np pipe\nS holes\nC run x"
    yield (
        b'f manifest.json {"sha256": {"../a": "0"}}\nf orchestrate.db x\nd workflows\n'
        b"f workflows/x y"
    )
    yield b"f manifest.json {}!"
    yield b"raw\n" + _made(b"d a\nf a/b hello\ns a/l b")


TARGET = Target(
    "archives that are unpacked: nothing outside the folder, no link that leads out",
    check,
    _seeds,
    longest=600,
)
