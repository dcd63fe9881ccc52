"""Pictures of playbooks: what follows on what, in four forms."""

import xml.etree.ElementTree as ET

from orchestrate.library.drawing.dot import dot
from orchestrate.library.drawing.figure import Group, draw
from orchestrate.library.drawing.lines import ASCII, UNICODE, rows
from orchestrate.library.drawing.mermaid import mermaid
from orchestrate.library.drawing.svg import svg
from orchestrate.playbook.compile import compile_playbook
from orchestrate.playbook.plan import Plan

TEXT = b"""
name: release
parameters: [{name: hosts, type: list, default: [a, b]}]
steps:
  - {name: build, shell: 'make "all" <now && then'}
  - {name: lint, needs: [], command: ruff check}
  - name: unit
    needs: [build, lint]
    command: pytest
    on_failure: [{name: tell, command: "echo ${error.message}"}]
  - name: spread
    type: parallel
    branches:
      - {name: left, steps: [{name: one, command: echo 1}, {name: two, command: echo 2}]}
      - {name: right, steps: [{name: three, command: echo 3}]}
  - name: which
    type: conditional
    condition: ${unit.success}
    then: [{name: good, command: echo yes}]
    else: [{name: bad, command: echo no}]
  - name: each
    type: foreach
    items: ${hosts}
    as: host
    steps: [{name: deploy, command: "echo ${host}"}]
finally: [{name: clean, command: rm -r build}]
"""


def plan(text: bytes = TEXT) -> Plan:
    return compile_playbook("release.yaml", text, lambda _: None)


def shown(groups: tuple[Group, ...]) -> list[str]:
    return [f"{row.rail}{row.name}  {row.call}".rstrip() for row in rows(groups, UNICODE)]


def test_lines_nest_branches_and_handlers_and_say_what_order_is_not_the_written_one() -> None:
    assert shown(draw(plan())) == [
        '├─ build  make "all" <now && then',
        "├─ lint  ruff check  (after nothing)",
        "├─ unit  pytest  (after build, lint)",
        "│  └─ on_failure",
        "│     └─ tell  echo ${error.message}",
        "├─ spread  2 branches at once",
        "│  ├─ left",
        "│  │  ├─ one  echo 1",
        "│  │  └─ two  echo 2",
        "│  └─ right",
        "│     └─ three  echo 3",
        "├─ which  if ${unit.success}",
        "│  ├─ then",
        "│  │  └─ good  echo yes",
        "│  └─ else",
        "│     └─ bad  echo no",
        "├─ each  for each host of ${hosts}",
        "│  └─ deploy  echo ${host}",
        "└─ finally",
        "   └─ clean  rm -r build",
    ]


def test_lines_without_unicode() -> None:
    drawn = draw(plan(b"steps: [{command: one}, {command: two}]"))
    assert [row.rail for row in rows(drawn, ASCII)] == ["|- ", "`- "]


def test_mermaid_has_an_arrow_for_each_order_and_a_subgraph_for_each_list() -> None:
    lines = [line.strip() for line in mermaid("release", draw(plan())).splitlines()]
    assert lines[0] == "flowchart TD"
    assert 's1["<b>build</b><br/>make &quot;all&quot; &lt;now &amp;&amp; then"]' in lines
    assert {"start --> s1", "start --> s2", "s1 --> s3", "s2 --> s3"} <= set(lines)
    assert "s3 -. on_failure .-> s4" in lines
    assert lines.count("end") == sum(line.startswith("subgraph ") for line in lines) == 9


def test_dot_quotes_what_is_written_and_balances_its_braces() -> None:
    text = dot('a "name" \\ with signs', draw(plan()))
    assert text.startswith('digraph "a \\"name\\" \\\\ with signs" {\n')
    assert '[label="build\\nmake \\"all\\" <now && then"' in text
    assert text.count("{\n") == text.count("}\n")


def test_svg_is_xml_with_a_box_for_each_step_inside_the_picture() -> None:
    root = ET.fromstring(svg("release <1>", draw(plan())))
    space = "{http://www.w3.org/2000/svg}"
    texts = [element.text for element in root.iter(f"{space}text")]
    assert texts[0] == "release <1>"
    for name in ("build", "unit", "tell", "three", "bad", "deploy", "clean"):
        assert name in texts
    assert len(list(root.iter(f"{space}path"))) == 1 + 1 + 6
    assert root.get("width") == root.get("viewBox", "").split()[2]


def test_states_of_a_workflow_colour_the_steps_and_a_loop_shows_its_worst() -> None:
    states = {"build": "succeeded", "each[a]/deploy": "succeeded", "each[b]/deploy": "failed"}
    drawn = draw(plan(), states)
    assert {row.name: row.state for row in rows(drawn, UNICODE) if row.state} == {
        "build": "succeeded",
        "deploy": "failed",
    }
    assert "class s1 succeeded" in mermaid("release", drawn)
    assert "#fde2e1" in svg("release", drawn)


def test_ten_thousand_steps_are_drawn_without_a_square_of_arrows() -> None:
    long = plan(b"steps:\n" + b"  - command: /bin/true\n" * 10_000)
    assert mermaid("long", draw(long)).count("-->") == 10_000


def test_what_a_step_holds_stands_before_what_it_does() -> None:
    text = b"""
parameters: [{name: region}]
steps:
  - name: migrate
    locks: ["db-${region}", {name: schema, shared: true}]
    resources: {connections: 2}
    command: ./migrate
"""
    assert shown(draw(plan(text))) == [
        "└─ migrate  [lock db-${region}, shared lock schema, takes 2 connections] ./migrate"
    ]
