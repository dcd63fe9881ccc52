"""The JSON that the documents show has the keys that are printed, no more and no fewer."""

import json
import os
import subprocess
import sys
from pathlib import Path

from documents import ROOT, blocks


def test_the_example_lists_every_key(tmp_path: Path) -> None:
    shown = json.loads(next(b.body for b in blocks(ROOT / "docs/cli.md") if b.language == "json"))
    env = {k: v for k, v in os.environ.items() if not k.startswith("ORCHESTRATE_")}
    for words in (["init"], ["run", "--playbook", "hello", "--parameters", "who=Ada", "--json"]):
        done = subprocess.run(
            [sys.executable, "-m", "orchestrate", *words],
            cwd=tmp_path,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=True,
        )
    printed = json.loads(done.stdout)
    assert set(shown) == set(printed)
    assert set(shown["steps"][0]) == set(printed["steps"][0])
