"""Playbooks: read, checked and compiled, whatever the file holds."""

from collections.abc import Iterator

from fuzzing.target import Target, documents

from orchestrate.playbook.codec import dump_plan, load_plan
from orchestrate.playbook.compile import check_playbook
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.nodes import MapNode, plain
from orchestrate.playbook.reader import read
from orchestrate.playbook.writing.emitting import write
from orchestrate.playbook.writing.loading import load

_OTHER = b"name: other\nparameters: [{name: p, default: 1}]\nsteps: [{name: a, command: x}]\n"
_LONGEST_FINDING = 5_000
_LOOKED_AT = 50


def check(data: bytes) -> None:
    """Findings that can be shown, each with a place; a plan that comes back from its text; what is
    written anew says the same.
    """

    def sub_playbook(name: str) -> tuple[str, bytes] | None:
        return {"t": ("t.yaml", data), "other": ("other.yaml", _OTHER)}.get(name)

    found = check_playbook("t.yaml", data, sub_playbook, known=("t", "other"))
    for one in found.diagnostics.found[:_LOOKED_AT]:
        assert one.rule, one
        assert one.message.strip(), one
        assert one.place.line >= 1, one
        assert one.place.column >= 1, one
        assert len(found.diagnostics.render(one)) < _LONGEST_FINDING
    assert (found.plan is None) == bool(found.diagnostics.errors)
    if found.plan is not None:
        text = dump_plan(found.plan)
        text.encode()
        again = load_plan(text)
        assert again == found.plan
        assert dump_plan(again) == text
        _check_written(data)


def _check_written(data: bytes) -> None:
    """Of a playbook without mistakes: read, written and read again it is the same data."""
    text = data.decode("utf-8-sig")
    first = _read(text)
    second = _read(write(load(first, text)))
    assert plain(second) == plain(first)


def _read(text: str) -> MapNode:
    diagnostics = Diagnostics()
    node = read("t.yaml", text, diagnostics)
    assert isinstance(node, MapNode), [diagnostics.render(one) for one in diagnostics.found]
    return node


def _seeds() -> Iterator[bytes]:
    yield from documents(
        "examples/**/playbooks/**/*.yaml", "src/orchestrate/library/**/*.yaml",
        "tests/playbook/broken/*.yaml", "tests/scenarios/**/*.yaml",
    )  # fmt: skip


TARGET = Target(
    "playbooks: findings with places, plans that come back from their text", check, _seeds
)
