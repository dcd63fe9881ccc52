"""What git knows about the earlier texts of a playbook; without git, nothing."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_MOST = 100
"""Commits that are looked at."""
_PATIENCE = 20.0
"""Seconds that git may take."""


class Commit(NamedTuple):
    """A commit that changed the file, and the text it left; `at` is seconds since the epoch."""

    revision: str
    at: float
    subject: str
    text: bytes


class History:
    """The commits of one file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def commits(self) -> list[Commit]:
        """Those that changed it, newest first; commits that removed it are left out."""
        words = ("log", f"-n{_MOST}", "--format=%H%x00%ct%x00%s", "--", self._file.name)
        lines = [line.split("\0") for line in (self._git(*words) or b"").decode().splitlines()]
        texts = self._texts([fields[0] for fields in lines])
        return [
            Commit(revision, float(at), subject, text)
            for (revision, at, subject), text in zip(lines, texts, strict=True)
            if text is not None
        ]

    def text_at(self, revision: str) -> bytes | None:
        """The text at any revision that git understands (`HEAD~2`, a tag), or None."""
        if revision.startswith("-"):
            return None
        return self._git("show", "--end-of-options", f"{revision}:./{self._file.name}")

    def _texts(self, revisions: Sequence[str]) -> list[bytes | None]:
        """What the file held at each revision, with one process for all."""
        if not revisions:
            return []
        asked = "".join(f"{revision}:./{self._file.name}\n" for revision in revisions)
        answer = self._git("cat-file", "--batch", given=asked.encode()) or b""
        texts: list[bytes | None] = []
        at = 0
        for _ in revisions:
            end = answer.find(b"\n", at)
            fields = answer[at:end].split(b" ")
            if end < 0 or fields[-1] == b"missing" or not fields[-1].isdigit():
                texts.append(None)
                at = end + 1 if end >= 0 else len(answer)
                continue
            size = int(fields[-1])
            texts.append(answer[end + 1 : end + 1 + size])
            at = end + 1 + size + 1
        return texts

    def _git(self, *words: str, given: bytes = b"") -> bytes | None:
        """What git says, or None if it could not."""
        try:
            done = subprocess.run(
                ["git", "-C", str(self._file.parent), *words],
                input=given,
                capture_output=True,
                env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
                timeout=_PATIENCE,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout if done.returncode == 0 else None
