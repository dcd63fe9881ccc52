"""Every key of every example, misspelt in every small way, is refused at its own line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrate.playbook.compile import compile_playbook
from orchestrate.playbook.diagnostics import Diagnostics, PlaybookInvalidError
from orchestrate.playbook.document.structure import PLAYBOOK_KEYS, STEP_KEYS
from orchestrate.playbook.nodes import Entry, ListNode, MapNode, Node
from orchestrate.playbook.reader import read

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(
    [
        *(Path(__file__).parent / "spec").glob("*.yaml"),
        *(ROOT / "examples").glob("*/playbooks/*.yaml"),
    ]
)
KNOWN = {*PLAYBOOK_KEYS, *STEP_KEYS, "default", "required", "choices", "pattern", "min", "max"}
KNOWN |= {"secret", "source", "variable", "attempts", "delay", "backoff", "jitter", "max_delay"}
FREE = {"variables", "env", "outputs"}
"""What stands under these keys are names of the author's own."""


def keys_of(node: Node, key: str = "", depth: int = 0) -> Iterator[Entry]:
    match node:
        case MapNode(entries):
            named_by_author = key in FREE or (key == "parameters" and depth > 1)
            for entry in entries:
                if not named_by_author:
                    yield entry
                    yield from keys_of(entry.value, entry.key.text, depth + 1)
        case ListNode(items):
            for item in items:
                yield from keys_of(item, "", depth + 1)
        case _:
            return


def misspellings(word: str) -> set[str]:
    dropped = {word[:at] + word[at + 1 :] for at in range(len(word))}
    doubled = {word[: at + 1] + word[at:] for at in range(len(word))}
    swapped = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)}
    return (dropped | doubled | swapped | {word.replace("_", "-")}) - {"", word} - KNOWN


def load(name: str) -> tuple[str, bytes] | None:
    found = [path for path in EXAMPLES if path.stem == name]
    return (str(found[0]), found[0].read_bytes()) if found else None


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_each_misspelt_key_is_refused_at_its_line_with_the_right_name(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = read(path.name, text, Diagnostics())
    assert tree is not None
    lines = text.split("\n")
    missed: list[str] = []
    for entry in keys_of(tree):
        word, place = entry.key.text, entry.key.place
        for wrong in misspellings(word):
            line = lines[place.line - 1]
            changed = line[: place.column - 1] + wrong + line[place.column - 1 + len(word) :]
            broken = "\n".join([*lines[: place.line - 1], changed, *lines[place.line :]])
            if not refused(path.name, broken, wrong, word, place.line):
                missed.append(f"{place.line}: {wrong} for {word}")
    assert missed == []


def refused(file: str, text: str, wrong: str, word: str, line: int) -> bool:
    try:
        compile_playbook(file, text.encode(), load)
    except PlaybookInvalidError as error:
        return any(
            found.place.line == line
            and f"`{wrong}`" in found.message
            and f"did you mean `{word}`" in found.hint
            for found in error.diagnostics.errors
        )
    return False


def test_a_misspelt_key_is_the_only_error_that_it_causes() -> None:
    text = """
steps:
  - nmae: spread
    tpye: parallel
    branchs:
      - name: left
        stpes:
          - name: build
            comand: make
  - command: echo ${spread.left.build.exit_code}
"""
    with pytest.raises(PlaybookInvalidError) as error:
        compile_playbook("p.yaml", text.encode(), load)
    rules = [(found.rule, found.place.line) for found in error.value.diagnostics.errors]
    assert rules == [("unknown-key", line) for line in (3, 4, 5, 7, 9)]
