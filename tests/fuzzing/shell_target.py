"""Shell text: values are put in as variables, everything else stays as it was written."""

import re
from collections.abc import Iterator

from fuzzing.target import ROOT, Target, documents

from orchestrate.errors import Place
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.names import Names
from orchestrate.playbook.nodes import Scalar
from orchestrate.playbook.templates import compile_shell


def check(data: bytes) -> None:
    """What is refused has a place. What is taken holds no `${…}` of ours but uses of variables
    that there are; and text without values is as it was.
    """
    text = data.decode("utf-8", "replace")
    places = tuple(Place("t.yaml", row, 1) for row in range(1, text.count("\n") + 2))
    diagnostics = Diagnostics()
    names = Names.playbook(diagnostics, None, ["x", "y", "count"], ["token"], implicit=False)
    node = Scalar(text, text, True, places[0], places)
    script, variables = compile_shell(node, names, diagnostics)
    diagnostics.add_source("t.yaml", text)
    for one in diagnostics.found:
        diagnostics.render(one)
    if diagnostics.errors:
        return
    used = set(re.findall(r"\$\{(ORCHESTRATE_V\d+)\}", script))
    assert set(variables) <= used
    if "${" not in text:
        assert script == text
    plain = text.replace("$${", "${")
    if "#" in text:
        return  # what stands in a comment stays
    if not variables:
        assert script == plain
    # Apart from the uses, and the quotes around them, nothing was added.
    rest = re.sub(r'"?\$\{ORCHESTRATE_V\d+\}"?', "", script)
    assert len(rest) <= len(plain)


def _seeds() -> Iterator[bytes]:
    for playbook in documents("examples/**/*.yaml", "src/orchestrate/library/**/*.yaml"):
        yield from re.findall(rb"shell: (.+)", playbook)
    contexts = (ROOT / "tests" / "playbook" / "test_shell.py").read_text("utf-8")
    for one in re.findall(r"\(\s*(\".*?\"|'.*?'), ", contexts):
        yield one[1:-1].encode()
    yield b"cat <<EOF\n${x} $(echo ${y})\nEOF\n"
    yield b"case ${x} in (a|b) echo $${y:-`date`};; *) : $((1 + 2));; esac # it's"


TARGET = Target(
    "shell text: values become variables, all else stays as it was", check, _seeds, longest=600
)
