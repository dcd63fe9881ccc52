"""Archives that strangers made: whatever is wrong with one, it is refused as a whole."""

import gzip
import io
import stat
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrate.library.archives import ArchiveRefusedError, Member, check_path, read_archive
from orchestrate.library.bundles import Bundle, read_bundle, write_bundle


def zipped(
    *entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return content.getvalue()


def special(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return info


def tarred(*entries: tuple[str | tarfile.TarInfo, bytes]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, data in entries:
            info = tarfile.TarInfo(name) if isinstance(name, str) else name
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return content.getvalue()


def kind(name: str, type_: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = type_, target
    return info


def encrypted() -> bytes:
    data = bytearray(zipped(("a", b"x")))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(mark) + offset
        data[at] |= 1
    return bytes(data)


def lying_about_size() -> bytes:
    """The directory says one byte, the data has a million."""
    data = bytearray(zipped(("a", b"x" * 1_000_000)))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (1).to_bytes(4, "little")
    return bytes(data)


def huge_header() -> bytes:
    """A header that says that 4 GiB of extended headers follow."""
    info = kind("a", tarfile.XHDTYPE)
    info.size = 4 << 30
    return gzip.compress(info.tobuf() + b"x" * 2048)


def endless() -> bytes:
    """64 MiB of nothing."""
    content = io.BytesIO()
    with gzip.GzipFile(fileobj=content, mode="wb") as stream:
        for _ in range(64):
            stream.write(bytes(1 << 20))
    return content.getvalue()


def sparse() -> bytes:
    info = kind("a", tarfile.GNUTYPE_SPARSE)
    return tarred((info, b""))


NFC, NFD = (unicodedata.normalize(form, "é.yaml") for form in ("NFC", "NFD"))

BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "zip, upwards": (lambda: zipped(("../x", b"")), "leads out of the project"),
    "zip, upwards inside": (lambda: zipped(("a/../../x", b"")), "leads out of the project"),
    "zip, absolute": (lambda: zipped(("/etc/x", b"")), "absolute path"),
    "zip, a drive": (lambda: zipped(("C:/x", b"")), "absolute path"),
    "zip, backslashes": (lambda: zipped(("..\\x", b"")), "characters"),
    "zip, a folder upwards": (lambda: zipped(("../x/", b"")), "leads out of the project"),
    "zip, not plain": (lambda: zipped(("a/./x", b"")), "plain form"),
    "zip, a line break": (lambda: zipped(("a\nb", b"")), "characters"),
    "zip, a long path": (lambda: zipped(("a/" * 300 + "x", b"")), "too long"),
    "zip, a link": (lambda: zipped((special("a", stat.S_IFLNK), b"/etc")), "a link"),
    "zip, a device": (lambda: zipped((special("a", stat.S_IFCHR), b"")), "special file"),
    "zip, a pipe": (lambda: zipped((special("a", stat.S_IFIFO), b"")), "special file"),
    "zip, letter case": (lambda: zipped(("a.yaml", b""), ("A.yaml", b"")), "same file"),
    "zip, unicode": (lambda: zipped((NFC, b""), (NFD, b"")), "same file"),
    "zip, file and folder": (lambda: zipped(("a", b""), ("a/b", b"")), "is a file and the folder"),
    "zip, a bomb": (lambda: zipped(("a", bytes(6 << 20))), "times as large"),
    "zip, a large file": (lambda: zipped(("a", bytes(9 << 20))), "more than 8 MiB"),
    "zip, many files": (lambda: zipped(*((f"f{n}", b"") for n in range(1001))), "1,000 members"),
    "zip, encrypted": (encrypted, "encrypted"),
    "zip, unusual": (lambda: zipped(("a", b"x"), method=zipfile.ZIP_LZMA), "unusual way"),
    "zip, cut off": (lambda: zipped(("a", b"x" * 100))[:-30], "damaged or cut off"),
    "zip, a lie": (lying_about_size, "damaged or cut off"),
    "tar, upwards": (lambda: tarred(("../x", b"")), "leads out of the project"),
    "tar, absolute": (lambda: tarred(("/etc/x", b"")), "absolute path"),
    "tar, a link": (lambda: tarred((kind("a", tarfile.SYMTYPE, "/etc"), b"")), "a link"),
    "tar, a hard link": (lambda: tarred((kind("a", tarfile.LNKTYPE, "b"), b"")), "a link"),
    "tar, a device": (lambda: tarred((kind("a", tarfile.CHRTYPE), b"")), "special file"),
    "tar, a disk": (lambda: tarred((kind("a", tarfile.BLKTYPE), b"")), "special file"),
    "tar, a pipe": (lambda: tarred((kind("a", tarfile.FIFOTYPE), b"")), "special file"),
    "tar, holes": (sparse, "special file"),
    "tar, twice": (lambda: tarred(("a", b""), ("a", b"")), "twice"),
    "tar, letter case": (lambda: tarred(("a", b""), ("A", b"")), "same file"),
    "tar, many files": (lambda: tarred(*((f"f{n}", b"") for n in range(1001))), "1,000 members"),
    "tar, cut off": (lambda: tarred(("a", b"x" * 9000))[:5000], "damaged or cut off"),
    "tar, other bytes": (lambda: tarred(("a", b"\xff"), ("\udcff", b"")), "characters"),
    "tar.gz, a bomb": (endless, "times as large"),
    "tar.gz, a huge header": (huge_header, "damaged or cut off"),
    "tar.gz, cut off": (lambda: gzip.compress(tarred(("a", b"x")))[:-12], "damaged or cut off"),
    "tar.gz, damaged": (
        lambda: gzip.compress(tarred(("a", b"x")))[:-8] + bytes(8),
        "cannot be read",
    ),
    "gzip of something else": (lambda: gzip.compress(b"hello"), "damaged or cut off"),
    "bzip2": (lambda: b"BZh91AY&SY" + bytes(100), "kind of archive"),
    "xz": (lambda: b"\xfd7zXZ\0" + bytes(100), "kind of archive"),
    "too much": (lambda: b"PK\x03\x04" + bytes(33 << 20), "more than 32 MiB"),
}


@pytest.mark.parametrize(("make", "problem"), BAD.values(), ids=list(BAD))
def test_a_bad_archive_is_refused(make: Callable[[], bytes], problem: str) -> None:
    with pytest.raises(ArchiveRefusedError) as caught:
        read_archive(make())
    assert problem in caught.value.message
    assert "nothing was imported" in caught.value.message
    assert caught.value.hint


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_with_a_file_twice_is_refused() -> None:
    with pytest.raises(ArchiveRefusedError, match="twice"):
        read_archive(zipped(("a", b"one"), ("a", b"two")))


def test_good_archives_give_their_files_and_leave_folders_out() -> None:
    script = special("commands/x", 0o100755)
    expected = [Member("commands/x", b"#!", executable=True), Member("p.yaml", b"y", False)]
    assert read_archive(zipped((script, b"#!"), ("sub/", b""), ("p.yaml", b"y"))) == expected
    info = tarfile.TarInfo("commands/x")
    info.mode = 0o755
    plain = tarred((info, b"#!"), (kind("sub", tarfile.DIRTYPE), b""), ("p.yaml", b"y"))
    assert read_archive(plain) == expected
    assert read_archive(gzip.compress(plain)) == expected


def test_an_archive_without_files_is_no_error_of_the_archive() -> None:
    assert read_archive(zipped()) == []


@pytest.mark.parametrize(
    "path", ["", "/", ".", "..", "a//b", "a/", " a", "a/ ", "a\0b", "~/x/../.."]
)
def test_odd_paths_are_refused(path: str) -> None:
    with pytest.raises(ArchiveRefusedError):
        check_path(path)


@pytest.mark.parametrize("path", ["a", "playbooks/db/back-up.yaml", "ü/x y.sh", "..a/b..c"])
def test_plain_paths_are_taken(path: str) -> None:
    assert check_path(path) == path


GOOD = {
    form: write_bundle(
        Bundle(
            "x", "1", "playbooks/x.yaml", (Member("playbooks/x.yaml", b"steps: []\n" * 9, False),)
        ),
        form,
    )
    for form in ("zip", "tar.gz")
}
GOOD["tar"] = gzip.decompress(GOOD["tar.gz"])


@settings(max_examples=400, deadline=None)
@given(
    form=st.sampled_from(sorted(GOOD)),
    changes=st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), max_size=6),
    cut=st.integers(0, 1 << 16),
)
def test_damage_of_any_kind_is_refused_or_does_no_harm(
    form: str, changes: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(GOOD[form])
    for at, value in changes:
        data[at % len(data)] = value
    if cut < len(data):
        del data[cut:]
    try:
        bundle = read_bundle(bytes(data))
    except ArchiveRefusedError:
        return
    assert [member.path for member in bundle.files] == ["playbooks/x.yaml"]
