"""Bundles: a playbook with what it needs, as one archive with a manifest.

The manifest, `orchestrate-bundle.json`, names every file with its SHA-256, so that what was changed
or lost on the way is noticed:

    format    1
    name      of the playbook, and `version` if it has one
    playbook  the path of its file in the bundle
    made_by   the program's version
    files     [{path, sha256, size, executable}]

The same content always gives the same bytes.
"""

import gzip
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

from orchestrate import __version__
from orchestrate.library.archives import (
    AGAIN,
    ArchiveRefusedError,
    Member,
    check_path,
    read_archive,
)

MANIFEST = "orchestrate-bundle.json"
FORMAT = 1
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can hold."""


class Bundle(NamedTuple):
    """A playbook (`playbook` is its path) and the files that go with it."""

    name: str
    version: str | None
    playbook: str
    files: tuple[Member, ...]


def write_bundle(bundle: Bundle, form: str) -> bytes:
    """The bundle as `zip` or `tar.gz`."""
    manifest = json.dumps(_manifest(bundle), indent=2, ensure_ascii=False) + "\n"
    members = [Member(MANIFEST, manifest.encode(), executable=False), *bundle.files]
    return _zip(members) if form == "zip" else _tar_gz(members)


def read_bundle(data: bytes) -> Bundle:
    """A bundle from the bytes of its archive. Raises ArchiveRefusedError."""
    members = {member.path: member for member in read_archive(data)}
    manifest = members.pop(MANIFEST, None)
    if manifest is None:
        raise _refused(f"the archive has no {MANIFEST}, so it is no bundle")
    try:
        return _checked(json.loads(manifest.data), members)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _refused(f"the bundle's {MANIFEST} is not understood: {error!r:.100}") from error


def _manifest(bundle: Bundle) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "name": bundle.name,
        "version": bundle.version,
        "playbook": bundle.playbook,
        "made_by": f"orchestrate {__version__}",
        "files": [
            {
                "path": member.path,
                "sha256": hashlib.sha256(member.data).hexdigest(),
                "size": len(member.data),
                "executable": member.executable,
            }
            for member in bundle.files
        ],
    }


def _checked(manifest: Mapping[str, Any], members: Mapping[str, Member]) -> Bundle:
    """The bundle that the manifest describes, if the archive holds just that."""
    if not isinstance(manifest["format"], int) or manifest["format"] < 1:
        raise ValueError("its format is no number")
    if manifest["format"] > FORMAT:
        raise _refused(
            f"the bundle has the form {manifest['format']}, this program knows {FORMAT}",
            f"It was made by {_text(manifest.get('made_by', 'a newer version'))}: upgrade first.",
        )
    named = [_file(entry, members) for entry in cast("list[Mapping[str, Any]]", manifest["files"])]
    paths = [member.path for member in named]
    surplus = sorted(set(members) - set(paths))
    if surplus:
        raise _refused(f"`{surplus[0]}` is in the archive, but not in its {MANIFEST}")
    playbook = _text(manifest["playbook"])
    if playbook not in paths:
        raise _refused(f"the playbook `{playbook:.80}` is not in the bundle")
    version = manifest.get("version")
    shown = None if version is None else _text(version)
    return Bundle(_text(manifest["name"]), shown, playbook, tuple(named))


def _file(entry: Mapping[str, Any], members: Mapping[str, Member]) -> Member:
    path = check_path(_text(entry["path"]))
    member = members.get(path)
    if member is None:
        raise _refused(f"`{path}` is missing in the archive")
    if hashlib.sha256(member.data).hexdigest() != entry["sha256"]:
        raise _refused(f"`{path}` is not what was put into the bundle: its SHA-256 differs")
    return member._replace(executable=entry["executable"] is True)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError(f"{value!r:.60} is no text")
    return value


def _refused(problem: str, hint: str = AGAIN) -> ArchiveRefusedError:
    return ArchiveRefusedError(f"{problem}; nothing was imported", hint=hint)


def _zip(members: Sequence[Member]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            info = zipfile.ZipInfo(member.path, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = (0o100000 | _mode(member)) << 16
            archive.writestr(info, member.data)
    return content.getvalue()


def _tar_gz(members: Sequence[Member]) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for member in members:
            info = tarfile.TarInfo(member.path)
            info.size, info.mode = len(member.data), _mode(member)
            archive.addfile(info, io.BytesIO(member.data))
    return gzip.compress(plain.getvalue(), mtime=0)


def _mode(member: Member) -> int:
    return 0o755 if member.executable else 0o644
