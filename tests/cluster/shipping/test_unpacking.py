"""Archives that are not what was packed: nothing of them leads out of the folder."""

import gzip
import io
import os
import tarfile
from pathlib import Path

import pytest

from orchestrate.cluster.shipping.unpacking import ArchiveError, unpack


def packed(*members: tuple[str, bytes, str]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, kind, target in members:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            archive.addfile(info)
    return content.getvalue()


FOLDER, FILE, LINK = tarfile.DIRTYPE, tarfile.REGTYPE, tarfile.SYMTYPE
BAD = {
    "upwards": packed(("../x", FILE, "")),
    "absolute": packed(("/x", FILE, "")),
    "a link upwards": packed(("l", LINK, "../x")),
    "an absolute link": packed(("l", LINK, "/etc/passwd")),
    "a link upwards in a folder": packed(("a", FOLDER, ""), ("a/l", LINK, "../../etc")),
    "a file below a link": packed(("l", LINK, "a"), ("l/x", FILE, "")),
    # Taken by its text, `a/up/..` is the folder `a`; followed, it is what is above everything.
    "upwards behind a link": packed(("a", FOLDER, ""), ("a/up", LINK, ".."),
                                    ("out", LINK, "a/up/..")),
    "a device": packed(("d", tarfile.CHRTYPE, "")),
    "a pipe": packed(("p", tarfile.FIFOTYPE, "")),
    "a hard link": packed(("h", tarfile.LNKTYPE, "x")),
    "holes": packed(("s", tarfile.GNUTYPE_SPARSE, "")),
    "compressed": gzip.compress(packed(("x", FILE, ""))),
    "something else": b"hello",
    "cut off": packed(("x", FILE, ""), ("y", FILE, ""))[:300],
}  # fmt: skip


@pytest.mark.parametrize("archive", BAD.values(), ids=list(BAD))
def test_what_was_not_packed_here_is_refused(archive: bytes, tmp_path: Path) -> None:
    said = "leads out of their folder, or is no file|no archive that can be read"
    with pytest.raises(ArchiveError, match=said) as caught:
        unpack(archive, tmp_path / "folder")
    assert caught.value.hint
    assert [one.name for one in tmp_path.iterdir()] == ["folder"]


def test_links_within_the_folder_are_made(tmp_path: Path) -> None:
    unpack(packed(("a", FOLDER, ""), ("a/x", FILE, ""), ("l", LINK, "a/x"), ("a/up", LINK, "..")),
           tmp_path / "folder")  # fmt: skip
    assert os.path.realpath(tmp_path / "folder" / "l") == str(tmp_path / "folder" / "a" / "x")
    assert os.path.realpath(tmp_path / "folder" / "a" / "up") == str(tmp_path / "folder")
