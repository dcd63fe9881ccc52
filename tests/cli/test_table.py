import pytest

from orchestrate.cli import table
from orchestrate.cli.style import Style


@pytest.fixture
def write(written, monkeypatch):  # type: ignore[no-untyped-def]
    def at(width: int) -> list[str]:
        style = Style(colour=False, unicode=True, width=width)
        monkeypatch.setattr(table, "style_of", lambda _stream: style)
        rows = [("WF-2026-001", "running", "deploy-web-app", "production")]
        widths = table.write_table(written, ("ID", "STATE", "PLAYBOOK", "ENVIRONMENT"), rows)
        assert widths == [len(line) for line in written.lines]
        return written.lines

    return at


def test_columns_are_aligned(write) -> None:
    assert write(0) == [
        "ID           STATE    PLAYBOOK        ENVIRONMENT",
        "WF-2026-001  running  deploy-web-app  production",
    ]


def test_a_narrow_terminal_gets_what_fits(write) -> None:
    lines = write(35)
    assert lines == ["ID           STATE    PLAYBOOK", "WF-2026-001  running  deploy-web-a…"]
    assert max(len(line) for line in lines) <= 35


def test_the_first_column_is_always_there(write) -> None:
    assert write(5) == ["ID", "WF-2…"]
