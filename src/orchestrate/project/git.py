"""The git commit that a project stands at, and whether there are changes on top of it.

The commit is read from the files of `.git`, which costs nothing. Only `git` itself can say whether
the tree is dirty, so it is started early and asked late; a tree that takes too long stays unknown.
"""

import os
import select
from pathlib import Path

_PATIENCE = 0.5
"""Seconds to wait for `git status` once its answer is needed."""


class GitState:
    """Where the tree around a folder stands. Starts asking at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._directory = _git_directory(folder)
        self._pid = 0
        self._pipe = -1
        if self._directory is not None:
            self._ask()

    @property
    def commit(self) -> str | None:
        """The full hash of the commit, or None outside of a tree and before the first commit."""
        return None if self._directory is None else _head_commit(self._directory)

    def dirty(self) -> bool | None:
        """Whether anything in the folder differs from the commit; None if unknown."""
        if self._pid == 0:
            return None
        ready, _, _ = select.select([self._pipe], [], [], _PATIENCE)
        changed = bool(ready) and bool(os.read(self._pipe, 1))
        status = self._end(kill=not ready or changed)
        return True if changed else (False if ready and status == 0 else None)

    def close(self) -> None:
        """Stop asking, if nobody wanted the answer."""
        if self._pid != 0:
            self._end(kill=True)

    def _end(self, *, kill: bool) -> int:
        import signal

        os.close(self._pipe)
        if kill:
            os.kill(self._pid, signal.SIGKILL)
        _, status = os.waitpid(self._pid, 0)
        self._pid = 0
        return status

    def _ask(self) -> None:
        import shutil

        program = shutil.which("git")
        if program is None:
            return
        reading, writing = os.pipe()
        words = [program, "-C", str(self._folder), "status", "--porcelain", "--", "."]
        with open(os.devnull, "r+b") as null:  # noqa: PTH123 - on every start
            self._pid = os.posix_spawn(
                program,
                words,
                {**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, null.fileno(), 0),
                    (os.POSIX_SPAWN_DUP2, writing, 1),
                    (os.POSIX_SPAWN_DUP2, null.fileno(), 2),
                ],
            )
        os.close(writing)
        self._pipe = reading


def _git_directory(folder: Path) -> Path | None:
    """The `.git` of the tree that holds the folder; a worktree's is named in a file."""
    for parent in (folder, *folder.parents):
        found = parent / ".git"
        if found.is_dir():
            return found
        if found.is_file():
            named = _text(found).removeprefix("gitdir:").strip()
            return parent / named if named else None
    return None


def _head_commit(directory: Path) -> str | None:
    head = _text(directory / "HEAD")
    if not head.startswith("ref:"):
        return head or None
    name = head.removeprefix("ref:").strip()
    common = _text(directory / "commondir")
    for place in (directory, directory / common) if common else (directory,):
        commit = _text(place / name)
        if commit:
            return commit
        for line in _text(place / "packed-refs").splitlines():
            if line.endswith(f" {name}"):
                return line.split(" ", 1)[0]
    return None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
