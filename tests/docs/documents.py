"""Finds the fenced blocks of the documents, so that tests can execute what users read."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """One fenced block. `words` follow the language: ```yaml file=playbooks/x.yaml```."""

    document: Path
    line: int
    language: str
    words: tuple[str, ...]
    body: str

    @property
    def file(self) -> str | None:
        """The file that the block shows, if it says so."""
        return next((w.removeprefix("file=") for w in self.words if w.startswith("file=")), None)

    def __str__(self) -> str:
        return f"{self.document.relative_to(ROOT)}:{self.line}"


def blocks(document: Path) -> list[Block]:
    """All fenced blocks of one document, in order."""
    text = document.read_text()
    found = []
    for match in _FENCE.finditer(text):
        language, *words = match["info"].split() or [""]
        line = text.count("\n", 0, match.start()) + 1
        found.append(Block(document, line, language, tuple(words), match["body"]))
    return found
