"""Which files of a project stay where they are.

`.orchestrateignore` in the root of the project says so, in the language of `.gitignore`; without
that file, the `.gitignore` there does. Files in folders below are not looked at.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from orchestrate.project.find import STATE_DIRECTORY

FILES = (".orchestrateignore", ".gitignore")
ALWAYS = frozenset((".git", ".hg", ".svn", STATE_DIRECTORY))
"""Names that no rule brings back."""
USUALLY = (
    "__pycache__/", "*.py[co]", ".venv/", "venv/", "node_modules/",
    ".mypy_cache/", ".pytest_cache/", ".ruff_cache/", ".tox/", ".DS_Store", "*.sw[op]",
    "/secrets/", ".env", ".env.*", "*.pem", "*.key",
)  # fmt: skip
"""Rules that hold before those of the project: what is made anew anywhere, and what is secret."""


class Rule(NamedTuple):
    """One line."""

    pattern: re.Pattern[str]
    """Of paths as seen from the root."""
    folders_only: bool
    keeps: bool
    """It takes back what rules before it say."""


class Rules:
    """The last rule that fits decides."""

    def __init__(self, lines: Iterable[str], left_out: Iterable[str] = ()) -> None:
        """`left_out` are paths which no rule brings back."""
        rules = (_rule(line) for line in lines)
        self._rules = [rule for rule in rules if rule is not None]
        self._left_out = frozenset(left_out)

    def ignores(self, path: str, *, is_folder: bool) -> bool:
        """Whether a path, as seen from the root, stays out. Of a folder: with all that it holds."""
        if path.rpartition("/")[2] in ALWAYS or path in self._left_out:
            return True
        for rule in reversed(self._rules):
            if (is_folder or not rule.folders_only) and rule.pattern.fullmatch(path):
                return not rule.keeps
        return False


def rules_of(root: Path, left_out: Iterable[str] = ()) -> Rules:
    """The rules of a project."""
    for name in FILES:
        try:
            text = (root / name).read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            continue
        return Rules([*USUALLY, *text.splitlines()], left_out)
    return Rules(USUALLY, left_out)


def _rule(line: str) -> Rule | None:
    text = re.sub(r"(?<!\\)\s+$", "", line)
    if not text or text.startswith("#"):
        return None
    keeps = text.startswith("!")
    text = text[1:] if keeps else text
    folders_only = text.endswith("/")
    text = text.rstrip("/")
    if not text:
        return None
    anchored = "/" in text
    pattern = _translated(text.lstrip("/"))
    return Rule(re.compile(pattern if anchored else f"(?:.*/)?{pattern}"), folders_only, keeps)


def _translated(text: str) -> str:
    """A pattern of `.gitignore` as a regular expression of whole paths."""
    found: list[str] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        assert match is not None
        found.append(_meaning(match.group(), at=at, end=match.end() == len(text)))
        at = match.end()
    return "".join(found)


_TOKEN = re.compile(r"\*\*/|/\*\*$|\*+|\?|\[!?\]?[^\]/]*\]|\\.|.", re.DOTALL)


def _meaning(token: str, *, at: int, end: bool) -> str:
    if token == "**/":
        return "(?:.*/)?"
    if token == "/**" and end and at:
        return "/.*"
    if token.startswith("*"):
        return "[^/]*"
    if token == "?":
        return "[^/]"
    if len(token) > 1 and token.startswith("["):
        inside = token[1:-1].replace("\\", "\\\\").replace("[", "\\[")
        return f"[^/{inside[1:]}]" if inside.startswith("!") else f"[{inside}]"
    return re.escape(token[-1] if token.startswith("\\") else token)
