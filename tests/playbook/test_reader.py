from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrate.errors import Place
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.nodes import ListNode, MapNode, Scalar, plain
from orchestrate.playbook.reader import LARGEST, read


def data(text: str) -> object:
    diagnostics = Diagnostics()
    node = read("t.yaml", text, diagnostics)
    assert diagnostics.errors == []
    assert node is not None
    return plain(node)


def rules(text: str | bytes) -> list[str]:
    diagnostics = Diagnostics()
    read("t.yaml", text, diagnostics)
    return [found.rule for found in diagnostics.errors]


def scalar(text: str) -> Scalar:
    node = read("t.yaml", text, Diagnostics())
    assert isinstance(node, MapNode)
    value = node.entries[0].value
    assert isinstance(value, Scalar)
    return value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("False", False),
        ("on", "on"),
        ("no", "no"),
        ("yes", "yes"),
        ("off", "off"),
        ("y", "y"),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-12", -12),
        ("017", 17),
        ("0o17", 15),
        ("0x1F", 31),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2026-11-22", "2026-11-22"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1.2.3", "1.2.3"),
        (".inf", ".inf"),
        ("-.INF", "-.INF"),
        (".nan", ".nan"),
        ("7e1234", "7e1234"),
        ("-1e999", "-1e999"),
        ("1e308", 1e308),
        ("'12'", "12"),
        ('"true"', "true"),
        ("a b", "a b"),
        ("--x", "--x"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_scalars_are_typed_by_yaml_1_2(written: str, value: object) -> None:
    assert data(f"key: {written}") == {"key": value}
    assert type(data(f"key: {written}")["key"]) is type(value)  # type: ignore[index]


def test_what_was_written_is_kept_beside_the_value() -> None:
    node = scalar("version: 1.10")
    assert (node.value, node.text, node.quoted) == (1.1, "1.10", False)


def test_places_count_characters() -> None:
    node = read("t.yaml", 'é: "ü${x}"\nlist:\n  - {k: v}\n', Diagnostics())
    assert isinstance(node, MapNode)
    assert node.entries[0].key.place == Place("t.yaml", 1, 1)
    value = node.entries[0].value
    assert value.place == Place("t.yaml", 1, 4)
    assert isinstance(value, Scalar)
    assert value.place_of(1) == Place("t.yaml", 1, 6)
    items = node.entries[1].value
    assert isinstance(items, ListNode)
    assert items.items[0].place == Place("t.yaml", 3, 5)


@pytest.mark.parametrize(
    ("text", "letter", "line", "column"),
    [
        ("k: abX", "X", 1, 6),
        ("k: 'it''s X'", "X", 1, 11),
        (r'k: "a\tb\x41 X"', "X", 1, 14),
        ("k: |\n  one\n  two X\n", "X", 3, 7),
        ("k: |2\n   one\n  two X\n", "X", 3, 7),
        ("k: >\n  one\n  two X\n\n  three\n", "X", 3, 7),
        ("k: >-\n  one\n\n  two\n  X", "X", 5, 3),
        ("k: one\n  two\n  X", "X", 3, 3),
        ('k: "one\n   two\n\n   X"', "X", 4, 4),
        ('k: "one \\\n   two X"', "X", 2, 8),
        ("- k: |\n    #!/bin/sh\n    echo X", "X", 3, 10),
    ],
)
def test_each_character_knows_its_place(text: str, letter: str, line: int, column: int) -> None:
    node = read("t.yaml", text, Diagnostics())
    while not isinstance(node, Scalar):
        node = node.items[0] if isinstance(node, ListNode) else node.entries[0].value  # type: ignore[union-attr]
    assert node.place_of(node.text.index(letter)) == Place("t.yaml", line, column)


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    node = read("t.yaml", b"\xef\xbb\xbfname: x", Diagnostics())
    assert node is not None
    assert plain(node) == {"name": "x"}


def test_aliases_repeat_and_merges_join() -> None:
    text = """
base: &base {a: 1, b: 2}
again: *base
joined:
  <<: *base
  b: 3
several:
  <<: [*base, {c: 4, a: 9}]
"""
    assert data(text) == {
        "base": {"a": 1, "b": 2},
        "again": {"a": 1, "b": 2},
        "joined": {"a": 1, "b": 3},
        "several": {"a": 1, "b": 2, "c": 4},
    }


def test_windows_lines() -> None:
    diagnostics = Diagnostics()
    assert read("t.yaml", "a: 1\r\nb: @x\r\n", diagnostics) is None
    assert diagnostics.errors[0].place == Place("t.yaml", 2, 4)
    assert "2 | b: @x\n" in diagnostics.render(diagnostics.errors[0])


def test_too_large_is_refused_before_it_is_parsed() -> None:
    assert rules(b"[" * (LARGEST + 1)) == ["file-too-large"]


def test_too_many_values_are_refused_for_what_they_are() -> None:
    diagnostics = Diagnostics()
    read("t.yaml", b"a: [" + b"1," * 250_001 + b"]", diagnostics)
    assert [(error.rule, error.message) for error in diagnostics.errors] == [
        ("file-too-large", "the file has more than 250,000 values")
    ]


@pytest.mark.parametrize(
    "text",
    ["[" * 1_000_000, "{a: " * 100_000, "- " * 100_000, "? " * 100_000, "&a [" * 10_000],
)
def test_deep_nesting_is_refused_at_once(text: str) -> None:
    assert rules(text) == ["nesting-too-deep"] or rules(text) == ["complex-key"]


def test_five_megabytes_of_keys() -> None:
    line = "key-{}: value with some text in it\n"
    text = "".join(line.format(number) for number in range(100_000))
    assert rules(text) == []


def test_the_terminal_is_safe_from_what_a_playbook_says() -> None:
    diagnostics = Diagnostics()
    read("t.yaml", "steps: \x1b[31mred", diagnostics)
    shown = diagnostics.render(diagnostics.errors[0])
    assert "\x1b" not in shown


def test_long_lines_are_cut_around_the_place() -> None:
    diagnostics = Diagnostics()
    read("t.yaml", "a: " + "x" * 3000 + ": y", diagnostics)
    (error,) = diagnostics.errors
    assert all(len(line) < 300 for line in diagnostics.render(error).split("\n"))


@given(st.text(alphabet=st.sampled_from("ab:-?*&!|>'\"{}[],#%@`$ \n\t0~<\\é\ufeff\x85\u2028\r")))
def test_any_text_gives_a_tree_or_diagnostics(text: str) -> None:
    diagnostics = Diagnostics()
    node = read("t.yaml", text, diagnostics)
    assert node is not None or diagnostics.errors
    for error in diagnostics.errors:
        assert diagnostics.render(error)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_tree_or_diagnostics(content: bytes) -> None:
    diagnostics = Diagnostics()
    assert read("t.yaml", content, diagnostics) is not None or diagnostics.errors


@given(st.text())
def test_any_unicode_gives_a_tree_or_diagnostics(text: str) -> None:
    diagnostics = Diagnostics()
    assert read("t.yaml", text, diagnostics) is not None or diagnostics.errors


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), min_size=1))
def test_a_quoted_text_is_itself_and_every_character_has_a_place(text: str) -> None:
    quoted = "'" + text.replace("'", "''") + "'"
    diagnostics = Diagnostics()
    node = read("t.yaml", f"k: {quoted}", diagnostics)
    if diagnostics.errors:
        assert {error.rule for error in diagnostics.errors} <= {"control-character"}
        return
    assert isinstance(node, MapNode)
    value = node.entries[0].value
    assert isinstance(value, Scalar)
    lines = diagnostics.texts["t.yaml"]
    for offset, letter in enumerate(value.text):
        if letter not in " \t\n\u2028\u2029":
            place = value.place_of(offset)
            assert lines[place.line - 1][place.column - 1] == letter


def test_the_pure_parser_serves_where_the_c_one_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    import yaml

    monkeypatch.delattr(yaml, "CBaseLoader", raising=False)
    path = Path(__file__).parent / "spec" / "basic-playbook.yaml"
    diagnostics = Diagnostics()
    assert read("t.yaml", path.read_bytes(), diagnostics) is not None
    assert read("t.yaml", "a: [${x}]", diagnostics) is None
    assert diagnostics.errors[0].rule == "unquoted-value"
