"""Broken playbooks and exactly what is said about them.

`ORCHESTRATE_REWRITE_GOLDEN=1 pytest tests/playbook/test_broken.py` writes the expectations anew;
read the difference before it is committed.
"""

import os
from pathlib import Path

import pytest

from orchestrate.playbook.compile import compile_playbook
from orchestrate.playbook.diagnostics import PlaybookInvalidError

BROKEN = Path(__file__).parent / "broken"
BACKUP = b"""
name: daily-backup
parameters:
  - {name: target, required: true}
  - {name: keep, type: integer, default: 7}
steps:
  - command: ./backup ${target} ${keep}
"""


def load(name: str) -> tuple[str, bytes] | None:
    if name == "daily-backup":
        return "daily-backup.yaml", BACKUP
    path = BROKEN / f"{name}.yaml"
    return (path.name, path.read_bytes()) if path.is_file() else None


@pytest.mark.parametrize("path", sorted(BROKEN.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_broken_playbook_is_refused_with_all_its_diagnostics(path: Path) -> None:
    golden = path.with_suffix(".txt")

    with pytest.raises(PlaybookInvalidError) as refused:
        compile_playbook(path.name, path.read_bytes(), load, known=("daily-backup", "deploy-web"))

    said = refused.value.message + "\n"
    if os.environ.get("ORCHESTRATE_REWRITE_GOLDEN"):
        golden.write_text(said, encoding="utf-8")
    assert said == golden.read_text(encoding="utf-8")
    assert all(found.hint for found in refused.value.diagnostics.errors), "a hint is missing"
    assert refused.value.exit_code == 2


def test_there_are_many_and_each_has_its_expectation() -> None:
    playbooks = {path.stem for path in BROKEN.glob("*.yaml")}
    expectations = {path.stem for path in BROKEN.glob("*.txt")}
    assert playbooks == expectations
    assert len(playbooks) >= 40
