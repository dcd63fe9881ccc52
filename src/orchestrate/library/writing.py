"""Writing several files into a project: all of them, or none."""

import os
from pathlib import Path

from orchestrate.library.archives import Member


class Writing:
    """Files on their way: written beside their places, then put there one after another."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._suffix = f".import-{os.getpid()}"
        self._folders: list[Path] = []
        self._drafts: list[tuple[Path, Path]] = []
        self._placed: list[tuple[Path, Path | None]] = []

    def prepare(self, member: Member) -> None:
        """Write one file beside its place."""
        target = self._root / member.path
        missing = [folder for folder in target.parents if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir()
            self._folders.append(folder)
        draft = target.with_name(f".{target.name}{self._suffix}")
        mode = 0o777 if member.executable else 0o666
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
        self._drafts.append((draft, target))
        with open(descriptor, "wb") as stream:  # noqa: PTH123 - it is a descriptor
            stream.write(member.data)
            stream.flush()
            os.fsync(stream.fileno())

    def put_in_place(self) -> None:
        """Everything that was prepared, each at once; what was there is kept aside."""
        for draft, target in self._drafts:
            aside = None
            if os.path.lexists(target):
                aside = target.with_name(f".{target.name}{self._suffix}.before")
                os.link(target, aside, follow_symlinks=False)
            self._placed.append((target, aside))
            draft.replace(target)

    def undo(self) -> None:
        """As it was before."""
        for target, aside in reversed(self._placed):
            if aside is None:
                target.unlink(missing_ok=True)
            else:
                aside.replace(target)
        for draft, _ in self._drafts:
            draft.unlink(missing_ok=True)
        for folder in reversed(self._folders):
            folder.rmdir()

    def tidy(self) -> None:
        """Nothing can fail any more: what was kept aside goes."""
        for _, aside in self._placed:
            if aside is not None:
                aside.unlink()
