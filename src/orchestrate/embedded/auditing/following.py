"""Following one chain of digests from row to row, and saying which row breaks it.

A row whose digest is wrong is looked at together with its neighbours: if a content is right for
another number, rows were moved; otherwise it was changed.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from orchestrate.workflow import chain
from orchestrate.workflow.audit import Finding

_NEIGHBOURS = 12
"""Wrong rows in a stretch that are looked at closely; what follows them is only counted."""


class Row(NamedTuple):
    """A row as it is stored, whatever somebody wrote there."""

    number: int
    at: float
    fields: tuple[bytes, ...]
    stored: bytes | None

    def digest(self, before: bytes, number: int) -> bytes:
        """What its digest would be, had it that number and followed that row."""
        return chain.link(before, number, self.at, *self.fields)


def row_of(number: int, at: float, *rest: object) -> Row:
    """A row from its columns; the digest is the last. Text comes as bytes."""
    *fields, stored = rest
    return Row(
        number,
        at,
        tuple(f if isinstance(f, bytes) else repr(f).encode() for f in fields),
        stored if isinstance(stored, bytes) else None,
    )


class Follower:
    """Follows the rows of one chain, in the order of their numbers."""

    def __init__(
        self, workflow: str, describe: Callable[[Row], str], *, before: bytes, last: int = 0
    ) -> None:
        self._workflow = workflow
        self._describe = describe
        self._before: bytes | None = before
        self.last = last
        """The number of the last row."""
        self._wrong: list[Row] = []
        self._begin: bytes | None = None
        """The digest before the stretch of wrong rows."""
        self._more = 0
        self._bare: Row | None = None
        """The first of the last rows, if these have no digest: they are older than the chain. The
        next digest is that of them all, so that none can be named."""

    def follow(self, rows: Iterable[Row]) -> Iterator[Finding]:
        """What is wrong with these rows, as far as that can be said by now."""
        for row in rows:
            if row.number != self.last + 1:
                yield from self._settle()
                yield self._missing(self.last + 1, row.number - 1)
                self._before = self._bare = None
            yield from self._look_at(row)
            self.last = row.number

    def _look_at(self, row: Row) -> Iterator[Finding]:
        if self._before is None:  # behind a gap nobody can say what it should be
            self._before = row.stored
            return
        expected = row.digest(self._before, row.number)
        if row.stored is None:
            yield from self._settle()
            self._bare = self._bare or row
            self._before = expected
        elif row.stored == expected:
            yield from self._settle()
            self._before, self._bare = expected, None
        elif self._bare is not None:
            first, self._bare = self._bare.number, None
            self._before = row.stored
            said = f"one of {first} to {row.number}, which share a digest, is not what was recorded"
            yield Finding("changed", said, self._workflow, row.number)
        else:
            self._suspect(row, self._before)
            self._before = row.stored

    def _suspect(self, row: Row, before: bytes) -> None:
        if not self._wrong:
            self._begin = before
        if len(self._wrong) < _NEIGHBOURS:
            self._wrong.append(row)
        else:
            self._more += 1

    def end(self) -> Iterator[Finding]:
        """What is wrong with the rows so far, if none follows."""
        yield from self._settle()
        if self._bare is not None:
            said = f"{self._describe(self._bare)} has no digest: another program wrote it"
            yield Finding("added", said, self._workflow, self._bare.number)
            self._bare = None

    def _settle(self) -> Iterator[Finding]:
        wrong, self._wrong = self._wrong, []
        more, self._more = self._more, 0
        begin, self._begin = self._begin, None
        if wrong and begin is not None:
            belongs = _belonging(wrong, begin)
            for row, number in zip(wrong, belongs, strict=True):
                if number != row.number:
                    yield self._found(row, number)
        if more:
            yield Finding(
                "changed", f"so are {more} more that follow", self._workflow, wrong[-1].number + 1
            )

    def _found(self, row: Row, belongs: int | None) -> Finding:
        what = self._describe(row)
        if belongs is not None:
            kind, said = "moved", f"{what} stands in the place of {row.number}, but is {belongs}"
        else:
            kind, said = "changed", f"{what} is not what was recorded"
            if row.number > 1:
                said += f" (or {row.number - 1} was changed and given a digest that fits)"
        return Finding(kind, said, self._workflow, row.number)

    def _missing(self, first: int, last: int) -> Finding:
        what = "event" if self._workflow else "action"
        said = f"{what} {first} is missing"
        if last > first:
            said = f"{what}s {first} to {last} are missing"
        return Finding("removed", said, self._workflow, first)


def _belonging(wrong: list[Row], begin: bytes) -> list[int | None]:
    """The number for which the content of each row is right; None if it is for none."""
    stored = {row.stored for row in wrong if row.stored is not None}
    numbers = [row.number for row in wrong]
    numbers.append(numbers[-1] + 1)  # where one before them was removed, and the others moved up
    before = [begin, *stored]
    return [
        next(
            (n for n in numbers for digest in before if row.digest(digest, n) in stored),
            None,
        )
        for row in wrong
    ]
