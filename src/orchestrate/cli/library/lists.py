"""Lists of playbooks: all of them, those of a category, those that a search finds."""

from collections.abc import Sequence

from orchestrate.app import App
from orchestrate.cli.console import err, out
from orchestrate.cli.formats import counted, cut, dump, visible
from orchestrate.cli.style import Style, style_of
from orchestrate.cli.table import write_table
from orchestrate.library.details import entry_json, origin
from orchestrate.library.listing import Entry, list_library, of_category
from orchestrate.library.search import Match, search
from orchestrate.playbook.plan import Json

_PROBLEMS = 5
"""Playbooks with errors whose first error is shown."""


def list_playbooks(app: App, category: str | None, pattern: str | None, *, as_json: bool) -> int:
    """Print the playbooks that were asked for."""
    entries = list_library(app.project)
    if category is not None:
        entries = of_category(entries, category)
    if pattern is not None:
        return _search(entries, pattern, as_json=as_json)
    if as_json:
        out.line(dump([entry_json(entry) for entry in entries]))
    elif entries:
        write_table(out, ("NAME", "CATEGORY", "ORIGIN", "DESCRIPTION"), [_row(e) for e in entries])
        _problems(entries)
    else:
        err.line(f"no playbook has the category {category}")
    return 0


def flaw(style: Style, entry: Entry) -> str:
    """What is said of a playbook with errors, and nothing of any other."""
    return "" if entry.plan else f"{style.mark('failed')} {counted(entry.errors, 'error')}"


def _row(entry: Entry) -> tuple[str, ...]:
    mark = flaw(Style(colour=False, unicode=style_of(out).unicode, width=0), entry)
    said = " - ".join(filter(None, (mark, " ".join(entry.description.split()))))
    return entry.name, entry.category or "", origin(entry), said


def _problems(entries: Sequence[Entry]) -> None:
    """The first error of each playbook that has some."""
    broken = [entry for entry in entries if entry.plan is None]
    for entry in broken[:_PROBLEMS]:
        err.line(f"{entry.name}: {visible(entry.problem)}")
    if len(broken) > _PROBLEMS:
        err.line(f"{len(broken) - _PROBLEMS} more playbooks have errors")


def _search(entries: Sequence[Entry], pattern: str, *, as_json: bool) -> int:
    found = search(entries, pattern)
    if as_json:
        out.line(dump([_match_json(match) for match in found]))
        return 0
    if not found:
        from orchestrate.playbook.diagnostics import nearest

        near = nearest(pattern, [entry.name for entry in entries])
        err.line(f"nothing fits {pattern}" + (f"; did you mean {near}?" if near else ""))
    style = style_of(out)
    for match in found:
        _show_match(style, match)
    return 0


def _match_json(match: Match) -> dict[str, Json]:
    fits: dict[str, Json] = {
        "field": match.field,
        "text": match.text,
        "spans": [list(span) for span in match.spans],
    }
    return {**entry_json(match.entry), "score": match.score, "match": fits}


def _show_match(style: Style, match: Match) -> None:
    """A playbook, and below it where it fits."""
    entry = match.entry
    said = flaw(style, entry) or " ".join(entry.description.split())
    head = f"{entry.name}  {' '.join(filter(None, (origin(entry), entry.category)))}"
    room = max(10, style.width - len(head) - 2) if style.width else 0
    out.line(f"{style.strong(visible(head))}  {cut(visible(said), room)}")
    out.line(f"  {style.dim(f'{match.field}:')} {_highlighted(style, match)}")


def _highlighted(style: Style, match: Match) -> str:
    """The text with what fits in it marked: by colour, or by brackets where there is none."""
    before, after = ("", "") if style.colour else ("[", "]")
    parts: list[str] = []
    at = 0
    for start, end in match.spans:
        if start < at:
            continue
        parts.append(match.text[at:start])
        parts.append(style.apply("warn", f"{before}{match.text[start:end]}{after}"))
        at = end
    return "".join([*parts, match.text[at:]])
