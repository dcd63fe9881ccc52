"""`library NAME --diff A B`: what changed between two versions of a playbook."""

import difflib

from orchestrate.app import App
from orchestrate.cli.console import err, out
from orchestrate.cli.formats import dump
from orchestrate.cli.style import Style, style_of
from orchestrate.library.listing import find_entry
from orchestrate.library.versions import compare, last_workflows, versions_of


def show_differences(app: App, name: str, first: str, second: str, *, as_json: bool) -> int:
    """Print how two versions differ: their texts if both are known, else their steps."""
    entry = find_entry(app.project, name)
    with app.open_workflows() as engine:
        versions = versions_of(engine, entry, last_workflows(engine, entry))
        one, other, by_text = compare(engine, app.project, entry, versions, (first, second))
    found = difflib.unified_diff(one.lines, other.lines, one.label, other.label, lineterm="")
    lines = list(found)
    if as_json:
        by = "text" if by_text else "steps"
        out.line(dump({"name": entry.name, "a": one.label, "b": other.label, "by": by,
                       "diff": lines}))  # fmt: skip
        return 0
    if not by_text:
        err.line("the text of one of them is not kept, so their steps are compared")
    if not lines:
        err.line(f"{one.label} and {other.label} are the same")
    style = style_of(out)
    for line in lines:
        out.line(_coloured(style, line))
    return 0


def _coloured(style: Style, line: str) -> str:
    shown = "".join(char if char.isprintable() or char == "\t" else "\N{REPLACEMENT CHARACTER}"
                    for char in line)  # fmt: skip
    if line.startswith(("---", "+++")):
        return style.strong(shown)
    names = {"+": "good", "-": "bad", "@": "busy"}
    return style.apply(names.get(line[:1], ""), shown)
