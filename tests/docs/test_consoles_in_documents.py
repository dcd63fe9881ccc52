"""Every console session that a document shows is typed in, in order, in a fresh project.

A block that names a file (yaml file=playbooks/x.yaml) writes it first. In console blocks the
lines with `$ ` are executed, and the lines below are what they must print: `…` is any text
within a line, a line of `…` alone for any lines. A block marked `not-run` is left alone.
The year in the names of workflows is this one.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from documents import DOCUMENTS, Block, blocks
from this_year import YEAR

WITH_CONSOLES = [
    document
    for document in DOCUMENTS
    if any(b.language == "console" and "not-run" not in b.words for b in blocks(document))
]


def sessions(block: Block) -> list[tuple[str, str]]:
    """(command, expected output) for each `$ ` line."""
    found: list[tuple[str, list[str]]] = []
    for line in block.body.replace("WF-2026-", f"WF-{YEAR}-").splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found:
            found[-1][1].append(line)
    return [(command, "\n".join(lines)) for command, lines in found]


def pattern(expected: str) -> re.Pattern[str]:
    """The expected output as a regular expression."""
    lines = [
        r"(?:.*\n)*?"
        if line.strip() == "…"
        else re.escape(line.rstrip()).replace("…", ".*?") + r"[ \t]*\n"
        for line in expected.splitlines()
    ]
    return re.compile("".join(lines) + r"\s*")


@pytest.mark.parametrize("document", WITH_CONSOLES, ids=lambda path: path.name)
def test_what_a_document_shows_is_what_happens(document: Path, tmp_path: Path) -> None:
    (tmp_path / "playbooks").mkdir()
    env = {k: v for k, v in os.environ.items() if not k.startswith("ORCHESTRATE_")}
    env |= {
        "PATH": f"{Path(sys.executable).parent}:{env['PATH']}",
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "USER": "alice",
        "LOGNAME": "alice",
    }
    for block in blocks(document):
        if block.file:
            target = tmp_path / block.file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.body)
        if block.language != "console" or "not-run" in block.words:
            continue
        for command, expected in sessions(block):
            done = subprocess.run(
                ["/bin/sh", "-c", command],
                cwd=tmp_path,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=300,
                check=False,
            )
            said = (
                done.stdout if done.stdout.endswith("\n") or not done.stdout else done.stdout + "\n"
            )
            assert pattern(expected).fullmatch(said), f"{block}: $ {command}\n{said}"
