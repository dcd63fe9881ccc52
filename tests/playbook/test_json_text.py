"""JSON of others: what cannot be kept, sent on or worked with is refused."""

import json

import pytest

from orchestrate.playbook.json_text import read_json


@pytest.mark.parametrize(
    ("text", "value"),
    [('{"a": [1, 2.5, null, true]}', {"a": [1, 2.5, None, True]}), ('"€"', "€"), ("-0.0", -0.0)],
)
def test_json_is_data(text: str, value: object) -> None:
    assert read_json(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "NaN", "Infinity", "[1e999]", "-1e999", '"\\ud800"', "{", "", "9" * 5000,
        "[" * 101 + "]" * 101, "[" * 100_000,
    ],
)  # fmt: skip
def test_what_nobody_could_read_again_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(text)


def test_what_is_read_can_be_written_and_read_again() -> None:
    text = "[" * 100 + "]" * 100
    assert json.dumps(read_json(text), allow_nan=False) == text
