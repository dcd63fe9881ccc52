"""Output as lines: pieces come as they were written, in the middle of a line, too."""

from collections.abc import Iterable, Iterator

from orchestrate.playbook.plan import Json
from orchestrate.workflow.engine import LogPiece
from orchestrate.workflow.moments import rfc3339

_LONGEST_LINE = 1 << 20
"""Bytes after which a line without an end comes in parts."""


def lines_of(pieces: Iterable[LogPiece]) -> Iterator[dict[str, Json]]:
    """One object for each line of output, its end included so that nothing is lost; bytes that are
    no UTF-8 are replaced.
    """
    begun: dict[tuple[str, int, str], LogPiece] = {}
    for piece in pieces:
        key = (piece.path, piece.attempt, piece.stream)
        before = begun.pop(key, None)
        if before is not None:
            piece = piece._replace(data=before.data + piece.data, at=before.at)
        *lines, rest = piece.data.split(b"\n")
        for line in lines:
            yield _line(piece, line + b"\n")
        if len(rest) > _LONGEST_LINE:
            cut = _before_character(rest)
            yield _line(piece, rest[:cut])
            rest = rest[cut:]
        if rest:
            begun[key] = piece._replace(data=rest)
    for piece in begun.values():
        yield _line(piece, piece.data)


def _before_character(data: bytes) -> int:
    """Where to cut so that no character is cut in two."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte < 0x80:
            break
        if byte >= 0xC0:
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(data) - back if back < length else len(data)
    return len(data)


def _line(piece: LogPiece, line: bytes) -> dict[str, Json]:
    return {
        "path": piece.path,
        "attempt": piece.attempt,
        "stream": piece.stream,
        "at": rfc3339(piece.at),
        "text": line.decode("utf-8", "replace"),
    }
