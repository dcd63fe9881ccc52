"""Every `orchestrate.toml` that a document shows is accepted as it stands."""

import pytest
from documents import DOCUMENTS, Block, blocks

from orchestrate.project.settings import parse_settings

SHOWN = [
    block
    for document in DOCUMENTS
    for block in blocks(document)
    if block.language == "toml" and not block.body.startswith("[project")
]


@pytest.mark.parametrize("block", SHOWN, ids=str)
def test_settings_that_a_document_shows_are_accepted(block: Block) -> None:
    assert parse_settings("orchestrate.toml", block.body.encode()).digest


def test_the_operating_guide_shows_the_defaults_it_speaks_of() -> None:
    block = next(b for b in SHOWN if b.document.name == "operating.md")
    settings = parse_settings("orchestrate.toml", block.body.encode())
    assert (settings.kill_grace, settings.output_limit, settings.retention_days) == (
        10.0,
        64 << 20,
        90,
    )
    assert settings.max_parallel == 16
