"""A terminal that wraps the lines it shows anew when it becomes narrower or wider, as most do."""

import re
from typing import NamedTuple

_PIECE = re.compile(r"\x1b\[(\??\d*)([A-Za-z])|([\r\n])|([^\x1b\r\n]+)")


class Row(NamedTuple):
    """`wrapped`: it goes on with the text of the row above."""

    text: str
    wrapped: bool = False


class Terminal:
    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.rows = [Row("")]
        self._row = self._column = 0

    @property
    def shown(self) -> list[str]:
        """Its rows, down to the last one with text."""
        return "\n".join(row.text.rstrip() for row in self.rows).rstrip().split("\n")

    def feed(self, written: str) -> None:
        for number, code, move, text in _PIECE.findall(written):
            match code or move:
                case "A":
                    self._row -= int(number or 1)
                    assert self._row >= 0, "it went up beyond what there is"
                case "K":
                    self.rows[self._row] = Row("")
                case "\n":
                    self._row, self._column = self._row + 1, 0
                    if self._row == len(self.rows):
                        self.rows.append(Row(""))
                case "\r":
                    self._column = 0
                case "":
                    self._write(text)
                case _:
                    assert code in "mhl", f"unknown: {code}"

    def _write(self, text: str) -> None:
        for character in text:
            if self._column == self.columns:
                self._row, self._column = self._row + 1, 0
                self.rows.insert(self._row, Row("", wrapped=True))
            row = self.rows[self._row]
            before = row.text[: self._column].ljust(self._column)
            self.rows[self._row] = row._replace(
                text=before + character + row.text[self._column + 1 :]
            )
            self._column += 1

    def resize(self, columns: int) -> None:
        """The cursor stays at the end of the last line, where whoever draws leaves it."""
        lines: list[str] = []
        for row in self.rows:
            if row.wrapped:
                lines[-1] += row.text
            else:
                lines.append(row.text)
        self.columns, self.rows = columns, []
        for line in lines:
            starts = range(0, max(1, len(line)), columns)
            self.rows += [Row(line[at : at + columns], wrapped=at > 0) for at in starts]
        self._row, self._column = len(self.rows) - 1, len(self.rows[-1].text)
