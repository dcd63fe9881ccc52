"""The JSON of a dry run has the keys that the manual shows, and no others but optional ones."""

import json
import os
import subprocess
import sys
from pathlib import Path

from documents import ROOT, blocks

DOCUMENT = blocks(ROOT / "docs" / "rehearsal.md")


def test_every_key_is_shown(tmp_path: Path) -> None:
    for block in DOCUMENT:
        if block.file:
            target = tmp_path / block.file
            target.parent.mkdir(exist_ok=True)
            target.write_text(block.body)
    done = subprocess.run(
        [sys.executable, "-m", "orchestrate", "run", "--playbook", "release", "--parameters",
         "version=2.0", "--dry-run", "--json"],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if not k.startswith("ORCHESTRATE_")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=True,
    )  # fmt: skip
    printed = json.loads(done.stdout)
    shown = json.loads(next(b.body for b in DOCUMENT if b.language == "json"))
    assert set(shown) == set(printed)
    assert set(shown["steps"][0]) == set(printed["steps"][0])
    assert shown["problems"] == printed["problems"]
    further = {key for step in printed["steps"] for key in step} - set(shown["steps"][0])
    assert further == {"retry"}
