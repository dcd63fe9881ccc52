"""Finding `${…}` in text."""

from typing import NamedTuple, TypeAlias


class Hole(NamedTuple):
    """`${source}`: `start` is the offset of its `$`, `end` the offset behind its brace."""

    source: str
    start: int
    end: int

    @property
    def inside(self) -> int:
        """The offset at which the source begins."""
        return self.start + 2


class UnclosedHole(NamedTuple):
    """A `${` that never ends; the rest of the text is no use."""

    start: int


Piece: TypeAlias = str | Hole | UnclosedHole


def pieces(text: str) -> list[Piece]:
    """The text in parts: literal text (`$${` has become `${`) and holes, in order."""
    found: list[Piece] = []
    literal = ""
    position = 0
    while position < len(text):
        dollar = text.find("$", position)
        if dollar < 0:
            break
        literal += text[position:dollar]
        if text.startswith("$${", dollar):
            literal += "${"
            position = dollar + 3
        elif text.startswith("${", dollar):
            if literal:
                found.append(literal)
                literal = ""
            end = hole_end(text, dollar)
            if end is None:
                found.append(UnclosedHole(dollar))
                return found
            found.append(Hole(text[dollar + 2 : end - 1], dollar, end))
            position = end
        else:
            literal += "$"
            position = dollar + 1
    literal += text[position:]
    if literal or not found:
        found.append(literal)
    return found


def hole_end(text: str, start: int) -> int | None:
    """The offset behind the brace that closes the `${` at `start`; None if nothing does.

    Braces inside count, quoted text inside does not. If a quote never ends, braces decide alone, so
    that the expression can be shown with its mistake.
    """
    end = _matching(text, start + 2, quotes=True)
    return end if end is not None else _matching(text, start + 2, quotes=False)


def _matching(text: str, position: int, *, quotes: bool) -> int | None:
    depth = 1
    quote = ""
    while position < len(text):
        character = text[position]
        if quote:
            if character == "\\":
                position += 1
            elif character == quote:
                quote = ""
        elif quotes and character in "\"'":
            quote = character
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return position + 1
        position += 1
    return None
