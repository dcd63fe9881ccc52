import difflib
import subprocess
from pathlib import Path

from differences import applied
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrate.library.difference import unified_difference

LINES = st.lists(st.sampled_from(["a", "b", "  c", "", "d e"]), max_size=30)


def test_changed_new_and_missing_lines() -> None:
    before = "".join(f"{n}\n" for n in range(1, 31))
    after = before.replace("\n5\n", "\nfive\n").replace("\n20\n", "\n20\nmore\n")
    assert "".join(unified_difference(before, after, "p")) == (
        "--- a/p\n+++ b/p\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"
        "@@ -18,6 +18,7 @@\n 18\n 19\n 20\n+more\n 21\n 22\n 23\n"
    )


def test_equal_texts_have_none() -> None:
    assert list(unified_difference("a\nb\n", "a\nb\n", "p")) == []


def test_a_missing_last_line_end_is_told() -> None:
    assert "".join(unified_difference("a", "b", "p")) == (
        "--- a/p\n+++ b/p\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n"
        "\\ No newline at end of file\n"
    )


@settings(max_examples=300, deadline=None)
@given(LINES, LINES)
def test_the_second_text_follows_from_the_first_and_the_difference(
    before: list[str], after: list[str]
) -> None:
    old, new = ("".join(f"{line}\n" for line in lines) for lines in (before, after))
    difference = list(unified_difference(old, new, "p"))
    assert applied(old, difference) == new
    assert bool(difference) == (old != new)
    assert all("No newline" not in line for line in difference)


def test_ten_thousand_lines_that_look_alike_take_no_time() -> None:
    before = "- a\n  timeout: 5 min\n" * 10_000
    after = before.replace("5 min", "5m")
    difference = list(unified_difference(before, after, "p"))
    assert difference.count("+  timeout: 5m\n") == 10_000


def test_patch_takes_it(tmp_path: Path) -> None:
    before, after = "a\nb\nc\nd\n", "a\nB\nc\nd\ne\n"
    expected = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), "a/f", "b/f"
    )
    difference = "".join(unified_difference(before, after, "f"))
    assert difference == "".join(expected)
    (tmp_path / "f").write_text(before)
    (tmp_path / "difference").write_text(difference)
    subprocess.run(["git", "apply", "difference"], cwd=tmp_path, check=True, timeout=120)
    assert (tmp_path / "f").read_text() == after
