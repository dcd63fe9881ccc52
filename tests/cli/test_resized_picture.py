"""The live picture on a terminal whose width changes while it stands there."""

from collections.abc import Iterator
from io import StringIO

import pytest
from cli.wrapping_terminal import Terminal
from rich.console import Console, ConsoleOptions
from rich.text import Text

from orchestrate.cli.live import Picture
from orchestrate.cli.wrapping import rows_more

LINES = ["deploy the whole of it to production, region by region and slowly", "short",
         "check what became of it, twice if that has to be"]  # fmt: skip


def fitting(columns: int) -> list[str]:
    return [line[: columns - 1].rstrip() for line in LINES]


def draw(options: ConsoleOptions) -> Iterator[Text]:
    for line in fitting(options.max_width):
        yield Text(line, no_wrap=True)


class Drawn:
    """A picture below a line of somebody else's."""

    def __init__(self, columns: int) -> None:
        self.terminal = Terminal(columns)
        self._written = StringIO()
        self.console = Console(file=self._written, force_terminal=True, width=columns, height=24)
        self.picture = Picture(draw, self.console)
        self.picture.auto_refresh = False
        self.terminal.feed("$ orchestrate run\n")
        self.picture.start()
        self.refresh()

    def refresh(self) -> list[str]:
        self.picture.refresh()
        return self.show()

    def show(self) -> list[str]:
        self.terminal.feed(self._written.getvalue())
        self._written.seek(0)
        self._written.truncate()
        return self.terminal.shown

    def resize(self, columns: int) -> None:
        self.terminal.resize(columns)
        self.console.width = columns


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    for name in ("XTERM_VERSION", "STY", "TMUX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    return Drawn(80)


@pytest.mark.parametrize("columns", [66, 65, 64, 40, 30, 12])
def test_a_narrower_terminal_keeps_nothing_of_the_last_picture(drawn: Drawn, columns: int) -> None:
    assert drawn.show() == ["$ orchestrate run", *LINES]
    drawn.resize(columns)
    head = drawn.terminal.shown[: 2 if columns < 17 else 1]
    assert drawn.refresh() == [*head, *fitting(columns)]
    assert drawn.refresh() == [*head, *fitting(columns)]
    drawn.picture.stop()
    assert drawn.show() == head


def test_it_may_change_more_often_than_it_is_drawn(drawn: Drawn) -> None:
    for columns in (30, 50, 20, 80):
        drawn.resize(columns)
    assert drawn.refresh() == ["$ orchestrate run", *LINES]
    drawn.resize(40)
    drawn.resize(25)
    assert drawn.refresh() == ["$ orchestrate run", *fitting(25)]


@pytest.mark.parametrize(
    ("env", "rows"),
    [
        ({"TERM": "xterm-256color"}, 2),
        ({"TERM": "xterm-256color", "XTERM_VERSION": "XTerm(390)"}, 0),
        ({"TERM": "tmux-256color", "XTERM_VERSION": "XTerm(390)", "TMUX": "/tmp/tmux"}, 2),
        ({"TERM": "screen", "STY": "1234.pts-0"}, 0),
        ({"TERM": "linux"}, 0),
    ],
)
def test_terminals_that_cut_lines_off_have_as_many_rows_as_lines(
    env: dict[str, str], rows: int
) -> None:
    assert rows_more([80, 0, 40, 41], 40, env) == rows
