"""Editors accept what the documents show: playbooks, environments, scenarios and settings."""

import tomllib
from typing import Any

import jsonschema
import pytest
from documents import DOCUMENTS, Block, blocks

from orchestrate.library.schemas import KINDS
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.nodes import plain
from orchestrate.playbook.reader import read

VALIDATORS = {kind: jsonschema.Draft7Validator(schema()) for kind, schema in KINDS.items()}
FOLDERS = {
    "playbooks/tests/": "scenario",
    "playbooks/": "playbook",
    "environments/": "environment",
}


def kind_of(block: Block) -> str | None:
    if block.language == "toml":
        return None if block.body.startswith("[project") else "settings"
    if block.language != "yaml" or {"wrong", "found"} & {*block.words}:
        return None
    if {"playbook", "steps", "better"} & {*block.words}:
        return "playbook"
    file = block.file or ""
    return next((kind for folder, kind in FOLDERS.items() if file.startswith(folder)), None)


def data(block: Block) -> Any:
    if block.language == "toml":
        return tomllib.loads(block.body)
    text = f"steps:\n{block.body}" if "steps" in block.words else block.body
    node = read("shown.yaml", text, Diagnostics())
    assert node is not None
    return plain(node)


SHOWN = [block for document in DOCUMENTS for block in blocks(document) if kind_of(block)]


@pytest.mark.parametrize("block", SHOWN, ids=str)
def test_what_a_document_shows_validates(block: Block) -> None:
    kind = kind_of(block)
    assert kind is not None
    if "mistaken" in (block.file or ""):
        assert not VALIDATORS[kind].is_valid(data(block))
    else:
        assert [error.message for error in VALIDATORS[kind].iter_errors(data(block))] == []


def test_the_documents_show_all_kinds() -> None:
    assert {kind_of(block) for block in SHOWN} == set(KINDS)
