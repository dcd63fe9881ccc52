import pytest

from orchestrate.cli import formats


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.97, "10 s"),
        (59.6, "1 m 00 s"),
        (185, "3 m 05 s"),
        (7620, "2 h 07 m"),
        (360_000, "4 d 4 h"),
        (-3, "0.0 s"),
    ],
)
def test_durations_are_short(seconds: float, text: str) -> None:
    assert formats.duration(seconds) == text


def test_json_times_are_rfc_3339_utc() -> None:
    assert formats.rfc3339(1_795_365_000.9996) == "2026-11-22T16:30:01.000Z"
    assert formats.rfc3339(0.25) == "1970-01-01T00:00:00.250Z"
    assert formats.rfc3339(None) is None


def test_output_cannot_draw_over_the_screen() -> None:
    assert formats.visible("\x1b[31mred\x1b[0m\x07 and\tmore\r\n") == "red  and more"


def test_values_are_unambiguous() -> None:
    assert formats.assignments({"a": "plain", "b": "", "c": 3, "d": "x y "}) == (
        'a=plain b="" c=3 d="x y "'
    )


def test_what_is_cut_shows_it() -> None:
    assert formats.cut("abcdef", 4) == "abc…"
    assert formats.cut("abcd", 4) == "abcd"
    assert formats.cut("abcdef", 0) == "abcdef"
