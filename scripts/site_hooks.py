"""What the site needs that GitHub does by itself (see mkdocs.yml)."""

import re
from typing import Any

_FENCE = re.compile(r"^(\s*```\w+) .*$", re.MULTILINE)
"""A block that says more than its language; the rest is for the tests of the documents."""
_STATES = re.compile(r"^```mermaid\nstateDiagram-v2\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_ARROW = re.compile(r"^\s*(\S+) --> (\S+)$", re.MULTILINE)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Leave of each fence the language alone; what a script of others would draw is a table."""
    return _FENCE.sub(r"\1", _STATES.sub(_table, markdown))


def _table(drawing: "re.Match[str]") -> str:
    """The arrows of a drawing of states, one line for each state."""
    follows: dict[str, list[str]] = {}
    for state, then in _ARROW.findall(drawing[1]):
        follows.setdefault("(new)" if state == "[*]" else state, []).append(then)
    rows = [f"| {state} | {', '.join(then)} |" for state, then in follows.items()]
    return "\n".join(["| from | to |", "|---|---|", *rows])
