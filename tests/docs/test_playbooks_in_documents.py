"""Every playbook that a document shows compiles, and every one shown as wrong is refused."""

import pytest
from documents import DOCUMENTS, Block, blocks

from orchestrate.playbook.compile import compile_playbook
from orchestrate.playbook.diagnostics import PlaybookInvalidError

SHOWN = [
    block
    for document in DOCUMENTS
    for block in blocks(document)
    if block.language == "yaml" and {"playbook", "steps", "wrong"} & {*block.words}
]


def source(block: Block) -> bytes:
    """The block as a whole playbook: `steps` blocks are lists of steps."""
    return (f"steps:\n{block.body}" if "steps" in block.words else block.body).encode()


@pytest.mark.parametrize("block", SHOWN, ids=str)
def test_a_playbook_that_a_document_shows_is_what_it_is_said_to_be(block: Block) -> None:
    if "wrong" in block.words:
        with pytest.raises(PlaybookInvalidError):
            compile_playbook("shown.yaml", source(block), lambda _name: None)
    else:
        plan = compile_playbook("shown.yaml", source(block), lambda _name: None)
        assert plan.steps


def test_the_documents_show_playbooks() -> None:
    assert len(SHOWN) >= 10
