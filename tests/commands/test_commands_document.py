"""The manual of the commands: its settings are read, its options exist."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from orchestrate.project.settings import parse_settings

MANUAL = Path(__file__).parents[2] / "docs" / "commands.md"
EXAMPLES = re.findall(r"```toml\n(.*?)```", MANUAL.read_text(encoding="utf-8"), re.DOTALL)
SETTINGS = [example for example in EXAMPLES if not example.startswith("[project.")]


def test_there_are_examples() -> None:
    assert len(SETTINGS) == 8


@pytest.mark.parametrize("example", SETTINGS)
def test_every_example_of_settings_is_valid(example: str) -> None:
    parse_settings("orchestrate.toml", example.encode())


@pytest.mark.parametrize("name", ["monitor", "backup", "notify", "test"])
def test_every_option_is_in_the_manual(name: str) -> None:
    verbs = {
        "monitor": [[]],
        "notify": [[]],
        "test": [["run"], ["list"]],
        "backup": [["create"], ["restore"], ["list"], ["verify"], ["prune"]],
    }[name]
    manual = MANUAL.read_text(encoding="utf-8")
    section = manual.split(f"### /{name}\n")[1].split("\n### ")[0]
    for verb in verbs:
        argv = [sys.executable, "-m", f"orchestrate.commands.builtin.{name}", *verb, "--help"]
        shown = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
        options = set(re.findall(r"(?<![\w-])--[a-z-]+", shown)) - {"--help"}
        assert [option for option in sorted(options) if option not in section] == []
