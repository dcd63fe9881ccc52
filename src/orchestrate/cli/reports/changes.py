"""What `validate --fix` changed, for people: a unified difference, and how much it is."""

from collections.abc import Iterable

from orchestrate.cli.console import Stream
from orchestrate.cli.formats import counted, visible
from orchestrate.cli.style import Style, style_of
from orchestrate.library.checking import Changes, Report

_STYLES = {"+": "good", "-": "bad", "@": "busy"}


def write_all(stream: Stream, reports: Iterable[Report]) -> None:
    """Of each playbook that was to be repaired."""
    for report in reports:
        if report.changes is not None:
            write(stream, report.file, report.changes)


def write(stream: Stream, file: str, changes: Changes) -> None:
    """The difference and one line below it. A terminal gets colours, anything else bare lines."""
    style = style_of(stream)
    terminal = stream.is_terminal()
    for line in changes.difference:
        stream.write(_shown(line, style) if terminal else line)
    if not changes.repairs:
        stream.line(f"{file}: nothing to repair")
        return
    done = "repaired" if changes.written else "could be repaired (nothing was written)"
    stream.line(f"{file}: {counted(len(changes.repairs), 'thing')} {done}")


def _shown(line: str, style: Style) -> str:
    name = "strong" if line.startswith(("+++", "---")) else _STYLES.get(line[:1], "")
    return style.apply(name, visible(line.rstrip("\r\n"))) + "\n"
