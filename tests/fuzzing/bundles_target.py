"""Bundles and the archives that they are: what strangers made, taken whole or refused."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Iterator

from fuzzing.target import Target, is_good

from orchestrate.library.archives import (
    LARGEST_ARCHIVE,
    MOST_FILES,
    ArchiveRefusedError,
    Member,
    read_archive,
)
from orchestrate.library.bundles import Bundle, read_bundle, write_bundle

_BUNDLE = Bundle(
    "x", "1", "playbooks/x.yaml",
    (Member("playbooks/x.yaml", b"steps: []\n", executable=False),
     Member("commands/y", b"#!/bin/sh\n", executable=True)),
)  # fmt: skip


def check(data: bytes) -> None:
    """Refused with a word, or members below the root, each once, within limits; a bundle that is
    taken comes back from what is written of it.
    """
    try:
        members = read_archive(data)
    except ArchiveRefusedError as error:
        is_good(error)
    else:
        assert len(members) <= MOST_FILES
        assert sum(len(one.data) for one in members) <= LARGEST_ARCHIVE
        assert len({one.path.casefold() for one in members}) == len(members)
        for one in members:
            assert not one.path.startswith("/"), one.path
            assert not {"", ".", ".."} & set(one.path.split("/")), one.path
    try:
        bundle = read_bundle(data)
    except ArchiveRefusedError as error:
        is_good(error)
    else:
        for form in ("zip", "tar.gz"):
            assert read_bundle(write_bundle(bundle, form)) == bundle


def _seeds() -> Iterator[bytes]:
    packed = write_bundle(_BUNDLE, "tar.gz")
    yield packed
    yield gzip.decompress(packed)
    yield write_bundle(_BUNDLE, "zip")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a", b"x")
        archive.writestr("b/", b"")
    yield content.getvalue()
    for kind in (
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
        tarfile.CHRTYPE,
        tarfile.DIRTYPE,
        b"x",
        b"L",
        b"S",
    ):
        info = tarfile.TarInfo("a")
        info.type, info.linkname = kind, "../b"
        yield info.tobuf() + bytes(512)


TARGET = Target(
    "bundles: refused with a word, or files below the root that come back",
    check,
    _seeds,
    longest=12000,
)
