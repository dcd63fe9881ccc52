"""Playbooks that are put together by a program read like those that a person wrote."""

from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.nodes import MapNode, plain
from orchestrate.playbook.reader import read
from orchestrate.playbook.writing.blocks import Block, Plain
from orchestrate.playbook.writing.emitting import scalar, write
from orchestrate.playbook.writing.loading import load

TEMPLATES = ("blank", "deployment", "maintenance", "recovery")
TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60
) | st.sampled_from(
    [
        "true",
        "1.10",
        "~",
        "a: b",
        "- x",
        "#no",
        "a #b",
        "${x}",
        "[${a}, b]",
        "it's",
        '"q" \\',
        " s",
        "two\nlines",
        "two\nlines\n",
        "a\n\n\nb\n",
        "\n",
        " \n",
        "word " * 40,
        "---",
        "? x",
        "=",
        "a\x85b",
    ]
)


def parsed(text: str) -> MapNode:
    diagnostics = Diagnostics()
    node = read("playbook.yaml", text, diagnostics)
    assert [diagnostics.render(found) for found in diagnostics.found] == []
    assert isinstance(node, MapNode)
    return node


def back(document: Block) -> object:
    return plain(parsed(write(document)))


@given(TEXTS)
def test_any_text_comes_back_as_it_was(text: str) -> None:
    document = Block(
        name=text,
        steps=[Block(command=text, retry=Block(delay=text)), Block(shell="x")],
        tags=[text, "b"],
        env=Block({"A": text}),
    )
    assert back(document) == {
        "name": text,
        "steps": [{"command": text, "retry": {"delay": text}}, {"shell": "x"}],
        "tags": [text, "b"],
        "env": {"A": text},
    }


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_file_comes_back_with_its_comments_and_empty_lines(name: str) -> None:
    folder = resources.files("orchestrate.library") / "templates"
    text = (folder / f"{name}.yaml").read_text("utf-8")
    assert write(load(parsed(text), text)) == text


def test_it_writes_as_few_quotes_as_possible() -> None:
    document = Block(
        name="release",
        version=Plain("1.10"),
        tags=["a", "b c"],
        steps=[
            Block(
                command="/infra deploy --version ${version}",
                timeout=Plain("30"),
                retry=Block(attempts=Plain("3"), delay="5s"),
                env=Block({"TOKEN": "${secrets.token}"}),
            ),
            Block(
                type="conditional",
                condition='${environment} == "production"',
                then=[Block(shell="set -e\nmake it\n")],
                above=("", "# Only there."),
            ),
        ],
    )
    assert write(document) == (
        "name: release\n"
        "version: 1.10\n"
        "tags: [a, b c]\n"
        "steps:\n"
        "  - command: /infra deploy --version ${version}\n"
        "    timeout: 30\n"
        "    retry: {attempts: 3, delay: 5s}\n"
        "    env:\n"
        "      TOKEN: ${secrets.token}\n"
        "\n"
        "  # Only there.\n"
        "  - type: conditional\n"
        '    condition: ${environment} == "production"\n'
        "    then:\n"
        "      - shell: |\n"
        "          set -e\n"
        "          make it\n"
    )


def test_what_would_be_read_as_something_else_is_quoted() -> None:
    assert scalar("1.10") == '"1.10"'
    assert scalar("true") == '"true"'
    assert scalar("a: b") == '"a: b"'
    assert scalar('say "x: y"') == "'say \"x: y\"'"
    assert scalar("${region}", flow=True) == '"${region}"'


def test_a_comment_within_a_text_is_no_comment_of_the_next_key() -> None:
    text = "steps:\n  - shell: |\n      true\n      # last\n    timeout: 5\n"
    block = load(parsed(text), text)
    assert block["steps"][0].remarks == {}
    assert write(block) == text
