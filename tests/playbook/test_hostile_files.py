"""Files that nobody writes: refused with a diagnostic, without a fault of ours and within bounds.

The processes of the acceptance tests (`test_hostile_playbooks.py`) are limited in time and memory;
here many more files go through the same stages.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrate.playbook.compile import Compilation, check_playbook
from orchestrate.playbook.fixing.meaning import same_meaning
from orchestrate.playbook.fixing.repairing import repair

ROOT = Path(__file__).parents[2]
CORPUS = sorted(
    path.read_bytes()
    for folder in ("examples", "tests/playbook", "src/orchestrate/library")
    for path in (ROOT / folder).rglob("*.yaml")
    if path.stat().st_size < 6000 and ".orchestrate" not in path.parts
)
SIZE = 1_500_000
CALLED = "steps:\n  - name: a\n    command: x "
SHELL = "steps:\n  - name: a\n    shell: |\n      echo "
WHEN = "steps:\n  - name: a\n    command: x\n    when: "


def filled(seed: str, head: str = "", size: int = SIZE) -> Callable[[], bytes]:
    return lambda: (head + seed * (size // len(seed))).encode()


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "open brackets": (filled("["), "nesting-too-deep"),
    "open braces": (filled("{"), "complex-key"),
    "dashes": (filled("- "), "nesting-too-deep"),
    "colons": (filled("a: "), "yaml-syntax"),
    "double quotes": (filled('"'), "yaml-syntax"),
    "single quotes": (filled("'"), "text-too-long"),
    "escapes": (filled("\\n", 'a: "'), "yaml-syntax"),
    "folds": (filled("x\n ", 'a: "'), "yaml-syntax"),
    "anchors": (filled("&a "), "yaml-syntax"),
    "tabs": (filled("\t", "steps:\n"), "yaml-syntax"),
    "comments": (filled("#\n"), "empty-playbook"),
    "one long value": (filled("x", "description: "), "text-too-long"),
    "one long key": (filled("x"), "text-too-long"),
    "nul bytes": (filled("\0"), "control-character"),
    "control characters": (filled("\x1b"), "control-character"),
    "bytes": (lambda: bytes(range(256)) * 6_000, "not-utf-8"),
    "bad end": (lambda: b"a: " + b"x" * SIZE + b"\xff", "not-utf-8"),
    "too large": (filled("x", size=5_000_001), "file-too-large"),
    "documents": (filled("---\n"), "several-documents"),
    "keys": (filled("a: b\n"), "duplicate-key"),
    "expressions": (filled("${x} ", CALLED), "too-many-expressions"),
    "open expressions": (filled("${", CALLED, 90_000), "unclosed-expression"),
    "open parentheses": (filled("(", WHEN, 90_000), "expression-syntax"),
    "sums": (filled("1 + ", WHEN, 9_000), "expression-syntax"),
    "filters": (filled("|string", CALLED + "${1", 9_000), "unclosed-expression"),
    "closed filters": (lambda: filled("|string", CALLED + "${1", 9_000)() + b"}", "expression-"),
    "attributes": (lambda: filled(".b", CALLED + "${a", 9_000)() + b"}", ""),
    "substitutions": (filled("$(", SHELL, 90_000), "shell-syntax"),
    "expansions": (filled("$${a:-", SHELL, 90_000), "shell-syntax"),
    "arithmetic": (lambda: filled("$((", SHELL, 90_000)() + b"1))", "shell-syntax"),
    "backquotes": (filled("`a` ", SHELL, 90_000), ""),
    "much shell text": (
        lambda: (
            "steps:\n" + "".join(f"  - shell: {'echo ' * 19_000}\n" for _ in range(40))
        ).encode(),
        "too-much-text",
    ),
    "unknown keys": (
        lambda: "".join(f"key{number}x: b\n" for number in range(30_000)).encode(),
        "too-many-findings",
    ),
    "billion laughs": (
        lambda: (
            "a0: &a0 [x, x]\n"
            + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 20))
        ).encode(),
        "exploding-aliases",
    ),
    "merged mappings": (
        lambda: (
            "x: &a\n" + "".join(f"  k{n}: 1\n" for n in range(1000)) + "y:\n" + "  - <<: *a\n" * 900
        ).encode(),
        "file-too-large",
    ),
    "branches": (
        lambda: (
            "steps:\n  - type: parallel\n    branches:\n"
            + "".join(f"      - steps: [{{name: s{n}, command: x}}]\n" for n in range(5000))
        ).encode(),
        "too-many-branches",
    ),
    "a long chain of needs": (
        lambda: (
            "steps:\n"
            + "".join(
                f"  - {{name: s{n}, command: x, needs: [{'' if n == 0 else f's{n - 1}'}]}}\n"
                for n in range(10_000)
            )
        ).encode(),
        "",
    ),
    "a value far behind its quote": (lambda: b'a: "a"' + b" " * SIZE + b"b", "yaml-syntax"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_a_diagnostic(name: str) -> None:
    make, rule = HOSTILE[name]

    found = check_playbook("t.yaml", make(), lambda _: None).diagnostics

    rules = {each.rule for each in found.errors}
    assert any(each.startswith(rule) for each in rules) if rule else not rules & {"yaml-syntax"}
    assert all(len(found.render(each)) < 5_000 for each in found.found[:50])


def test_steps_may_be_nested_fifty_deep_and_no_deeper() -> None:
    def nested(depth: int) -> bytes:
        lines = [
            f"{'  ' * (2 * level)}{line}"
            for level in range(depth - 1)
            for line in ("- type: conditional", "  condition: 1 == 1", "  then:")
        ]
        return "\n".join(["steps:", *lines, f"{'  ' * (2 * depth - 2)}- command: x"]).encode()

    assert check_playbook("t.yaml", nested(50), lambda _: None).plan is not None
    errors = check_playbook("t.yaml", nested(51), lambda _: None).diagnostics.errors
    assert [each.rule for each in errors] == ["nesting-too-deep"]


def test_a_playbook_that_includes_itself_is_refused() -> None:
    text = b"steps: [{type: playbook, playbook: t}]"
    found = check_playbook("t.yaml", text, lambda _: ("t.yaml", text)).diagnostics
    assert [each.rule for each in found.errors] == ["recursive-playbook"]


TOKENS = [
    *(b"${", b"}", b"'", b'"', b"\t", b"- ", b": ", b"\n", b"\n  ", b"&a ", b"*a", b"<<: ", b"|"),
    *(
        b">",
        b"[",
        b"]",
        b"{",
        b"#",
        b"\\",
        b"$${",
        b"$(",
        b"`",
        b"\xff",
        b"\0",
        b"\r\n",
        b"!",
        b"%",
    ),
    *(b"@", b"yes", b"5 min", b"steps", b"on-failure", b"comand", b"null", b"\xe2\x80\xa8", b"<<E"),
    *(b"\xc2\x85", b"1e999", b".nan", b"$((", b"\xef\xbb\xbf", b"type: ", b"needs: ", b"name: "),
]


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """A playbook of the project after a few accidents."""
    text = draw(st.sampled_from(CORPUS))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(text)))
        to = min(len(text), at + draw(st.integers(0, 40)))
        new = draw(
            st.one_of(
                st.just(b""),
                st.sampled_from(TOKENS),
                st.binary(max_size=3),
                st.just(text[at:to] * 3),
                st.sampled_from(CORPUS).map(lambda other: other[:200]),
            )
        )
        text = text[:at] + new + text[to:]
    return text


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutations())
def test_no_accident_is_a_fault_of_ours_nor_changes_what_was_valid(text: bytes) -> None:
    def load(name: str) -> tuple[str, bytes] | None:
        return ("t.yaml", text) if name == "t" else None

    def check(content: bytes) -> Compilation:
        return check_playbook("t.yaml", content, load)

    before = check(text)
    for found in before.diagnostics.found:
        assert before.diagnostics.render(found)
    done = repair("t.yaml", text, check)
    assert repair("t.yaml", done.text, check).text == done.text
    if before.plan is not None:
        assert same_meaning(before.plan, done.compilation.plan)
