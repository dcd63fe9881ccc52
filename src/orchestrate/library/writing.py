"""Writing files: each at once, and several of them all or not at all."""

import contextlib
import os
import stat
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self


class _Draft(NamedTuple):
    """A file that is written beside its place."""

    file: Path
    target: Path
    replace: bool


class Writing:
    """Files on their way: in a `with` they are written beside their places, at its end put there
    one after another. If anything goes wrong, everything is as it was before.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._suffix = f".draft-{os.urandom(4).hex()}"
        self._folders: list[Path] = []
        self._drafts: list[_Draft] = []
        self._placed: list[tuple[Path, Path | None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self._undo()
            return
        try:
            self._put_in_place()
        except BaseException:
            self._undo()
            raise
        for _, aside in self._placed:
            if aside is not None:
                aside.unlink()

    def prepare(
        self, path: str | Path, data: bytes, *, mode: int | None = None, replace: bool = True
    ) -> None:
        """Write one file beside its place; folders that are missing are made. Without a `mode` it
        gets that of the file which it replaces, and its owner where that is allowed. Unless it may
        `replace` one, FileExistsError is raised in the end.
        """
        target = self._root / path
        for folder in reversed([folder for folder in target.parents if not folder.exists()]):
            folder.mkdir()
            self._folders.append(folder)
        draft = target.with_name(f".{target.name}{self._suffix}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        try:
            descriptor = os.open(draft, flags, 0o666 if mode is None else mode)
        except OSError as error:
            error.filename = str(target)  # nobody asked for the draft
            raise
        self._drafts.append(_Draft(draft, target, replace))
        with open(descriptor, "wb") as stream:  # noqa: PTH123 - it is a descriptor
            if mode is None and target.exists():
                _become_like(descriptor, target.stat())
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())

    def _put_in_place(self) -> None:
        """What was there is kept aside, except for the last one: after that nothing can fail."""
        for draft, target, replace in self._drafts:
            aside = None
            if not replace:
                os.link(draft, target)  # refuses to replace, whoever came first
            elif draft != self._drafts[-1].file and os.path.lexists(target):
                aside = target.with_name(f".{target.name}{self._suffix}.before")
                os.link(target, aside, follow_symlinks=False)
            self._placed.append((target, aside))
            if replace:
                draft.replace(target)
            else:
                draft.unlink()

    def _undo(self) -> None:
        for target, aside in reversed(self._placed):
            if aside is not None:
                aside.replace(target)
                aside.unlink(missing_ok=True)  # it stays if both are still the same file
            elif not self._is_untouched(target):
                target.unlink(missing_ok=True)
        for draft, _, _ in self._drafts:
            draft.unlink(missing_ok=True)
        for folder in reversed(self._folders):
            with contextlib.suppress(OSError):  # somebody else has put something there
                folder.rmdir()

    def _is_untouched(self, target: Path) -> bool:
        """Whether it is the last one, and could not be put in the place of what was there."""
        draft, last, _ = self._drafts[-1]
        return target == last and draft.exists()


def _become_like(descriptor: int, status: os.stat_result) -> None:
    with contextlib.suppress(OSError):
        os.fchown(descriptor, status.st_uid, status.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(status.st_mode))
