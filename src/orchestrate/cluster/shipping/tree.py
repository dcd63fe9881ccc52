"""What a project holds, without reading its files."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from orchestrate.cluster.shipping.ignoring import Rules
from orchestrate.errors import UsageError

_LEAVES = (
    "Leave it out with a line in .orchestrateignore, or put what it leads to into the project."
)


class Entry(NamedTuple):
    """A file, a folder or a link, by its path as seen from the root."""

    path: str
    kind: str
    """`file`, `folder` or `link`."""
    mode: int
    """Who may read and execute it: nobody writes to what was packed."""
    size: int = 0
    changed: tuple[int, int, int] = (0, 0, 0)
    """When its content and its properties were changed (ns), and its inode."""
    target: str = ""
    """Of a link: relative to where it is."""


def scan(root: Path, rules: Rules) -> list[Entry]:
    """All that is not ignored, in the order of paths; a folder comes before what it holds.

    Raises UsageError for links that leave the project, and for what cannot be read.
    """
    try:
        return sorted(_inside(Path(os.path.realpath(root)), "", rules))
    except OSError as error:
        raise UsageError(
            f"{error.filename} cannot be read: {error.strerror}",
            hint="Workers get the project's files. Let this user read it, or leave it out with a "
            "line in .orchestrateignore.",
        ) from error


def _inside(root: Path, folder: str, rules: Rules) -> Iterator[Entry]:
    with os.scandir(root / folder) as found:
        for one in found:
            path = f"{folder}/{one.name}" if folder else one.name
            is_folder = one.is_dir(follow_symlinks=False)
            if rules.ignores(path, is_folder=is_folder):
                continue
            if one.is_symlink():
                yield Entry(path, "link", 0o777, target=_target(root, path))
            elif is_folder:
                yield Entry(path, "folder", 0o555)
                yield from _inside(root, path, rules)
            elif one.is_file(follow_symlinks=False):
                about = one.stat(follow_symlinks=False)
                changed = about.st_mtime_ns, about.st_ctime_ns, about.st_ino
                mode = stat.S_IMODE(about.st_mode) & 0o555
                yield Entry(path, "file", mode, about.st_size, changed)


def _target(root: Path, path: str) -> str:
    link = root / path
    written = os.readlink(link)  # noqa: PTH115 - as text: whether it is absolute matters
    target = os.path.normpath(link.parent / written)
    for place in (target, os.path.realpath(link)):
        if place != str(root) and not place.startswith(f"{root}/"):
            raise UsageError(
                f"the link {path} leads out of the project, to {written}; workers get its files, "
                "and nothing else",
                hint=_LEAVES,
            )
    return os.path.relpath(target, link.parent)
