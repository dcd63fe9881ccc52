"""A playbook as JSON is the same playbook."""

import json

import pytest

from orchestrate.library.export import as_json
from orchestrate.library.shipped import shipped_playbooks
from orchestrate.playbook.compile import compile_playbook
from orchestrate.playbook.diagnostics import PlaybookInvalidError

TEXT = b"""\
# A comment
name: x
version: 1.10
parameters:
  - {name: when, default: 12:30}
  - {name: share, type: number, default: 0x10}
  - {name: big, type: number, default: 1e3}
  - {name: "no", type: boolean, default: true}
steps:
  - shell: "echo '\\x7f\\u2028' ${when} ${share} ${big} ${no}"
  - {command: /bin/true, timeout: 90s}
"""


def test_json_holds_the_document_in_written_order() -> None:
    text = as_json("x.yaml", TEXT)
    data = json.loads(text)
    assert list(data) == ["name", "version", "parameters", "steps"]
    assert '"version": 1.10' in text
    assert data["parameters"][0] == {"name": "when", "default": "12:30"}
    assert data["parameters"][1]["default"] == 16
    assert data["steps"][1] == {"command": "/bin/true", "timeout": "90s"}


def test_json_read_as_a_playbook_means_the_same() -> None:
    def meaning(text: bytes) -> object:
        plan = compile_playbook("x.yaml", text, lambda _: None)
        parameters = [(it.name, it.type, it.default) for it in plan.parameters]
        return plan.name, plan.version, parameters, [step.digest for step in plan.steps]

    assert meaning(as_json("x.yaml", TEXT).encode()) == meaning(TEXT)


@pytest.mark.parametrize("file", shipped_playbooks(), ids=lambda file: file.stem)
def test_every_shipped_playbook_has_a_json_form(file) -> None:
    assert json.loads(as_json(file.name, file.read_bytes()))["name"] == file.stem


def test_what_json_has_no_number_for_is_text() -> None:
    text = as_json("x.yaml", b"variables: {x: .inf, y: 7e1234}\nsteps: [{command: /bin/true}]\n")
    assert json.loads(text)["variables"] == {"x": ".inf", "y": "7e1234"}


def test_what_is_no_yaml_is_refused() -> None:
    with pytest.raises(PlaybookInvalidError):
        as_json("x.yaml", b"a: [")
