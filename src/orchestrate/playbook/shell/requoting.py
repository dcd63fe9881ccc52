"""Double quotes instead of single ones around a value, where nothing else has to change."""

import re

from orchestrate.playbook.edits import NONE, Edit, Fix
from orchestrate.playbook.expression.holes import Hole, pieces
from orchestrate.playbook.expression.interpolation import Source
from orchestrate.playbook.names import Names, normalise

_NAME = re.compile(r"\s*([A-Za-z_][\w-]*)(?:\.[\w-]+)*\s*")
_MEANS_MORE = re.compile(r"[\"$`\\!]")
"""Characters that double quotes leave their meaning."""
_COMMAND_START = re.compile(r"[;|&\n(`]")
_READS_CODE = re.compile(
    r"(?:^|[\s/])(?:\w*sh|eval|trap|su|sudo|\w*awk|sed|perl|python[\d.]*|ruby|node|jq|yq|xargs|find"
    r"|watch|\w*sql\w*|ssh|docker|kubectl|--?[ceE]|--command|--eval|--execute|--expression)(?=\s|$)"
)
"""Programs and options that take an argument for code: a value in it could become code there."""


def double_quotes(source: Source, start: int, end: int) -> Fix:
    """The edit for the value from `start` to `end`, which stands in single quotes."""
    text = source.scalar.text
    opening, closing = text.rfind("'", 0, start), text.find("'", end)
    if opening < 0 or closing < 0 or not _is_data(source, text[opening + 1 : closing]):
        return NONE
    command = _COMMAND_START.split(text[:opening])[-1]
    quote = _written(source)
    if quote is None or "`" in text or _READS_CODE.search(command):
        return NONE
    place = source.scalar.place_of
    return Edit(place(opening), "'", quote), Edit(place(closing), "'", quote)


def _is_data(source: Source, content: str) -> bool:
    """Whether only values that exist, and characters without a meaning, are in the quotes."""
    for piece in pieces(content):
        if isinstance(piece, str):
            if _MEANS_MORE.search(piece):
                return False
            continue
        name = _NAME.fullmatch(piece.source) if isinstance(piece, Hole) else None
        if name is None or not _exists(source.names, name[1]):
            return False
    return True


def _exists(names: Names, word: str) -> bool:
    """Whether a name means something, be it only because it was used before."""
    used = (name for name, _ in names.implicit_parameters())
    return names.mentions(word) or normalise(word) in used


def _written(source: Source) -> str | None:
    """A double quote as the scalar's own quotes want it."""
    scalar = source.scalar
    lines = source.diagnostics.texts.get(scalar.place.file, [])
    style = lines[scalar.place.line - 1][scalar.place.column - 1 :][:1] if lines else ""
    if not scalar.quoted or style in ("|", ">"):
        return '"'
    return '\\"' if style == '"' else None
