"""Which known name a wrong one was probably meant to be."""

from collections.abc import Iterable
from functools import lru_cache

from orchestrate.playbook.reading.limits import MOST_NAMES


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that `name` was probably meant to be, if one is near; the first of equals.

    One or two slips of the keyboard (a letter too much, too few, wrong, or two swapped) come first;
    else a long common part decides.
    """
    known = tuple(candidates)
    return _nearest(name, known) if len(known) <= MOST_NAMES else None


def unmistakable(name: str, candidates: Iterable[str]) -> str | None:
    """The one candidate that `name` can only have been meant to be: by slips of the keyboard, and
    with no other one as near. Numbers in names tell things apart, so a wrong digit is no slip.
    """
    known = tuple(candidates)
    return _unmistakable(name, known) if len(known) <= MOST_NAMES else None


@lru_cache(maxsize=256)
def _unmistakable(name: str, known: tuple[str, ...]) -> str | None:
    best: list[str] = []
    least = _allowed(name)
    folded = _folded(name)
    letters = set(folded) - {"_"}
    for candidate in dict.fromkeys(known):
        if _is_far(name, letters, candidate, least):
            continue
        slips = _slips(folded, _folded(candidate))
        if slips > least or 2 * slips >= len(candidate):
            continue
        if slips < least:
            best, least = [], slips
        best.append(candidate)
    if len(best) != 1 or _digits(best[0]) != _digits(name):
        return None
    return best[0]


def _is_far(name: str, letters: set[str], candidate: str, allowed: int) -> bool:
    """Whether more than so many slips lie between them, seen at a glance."""
    lengths = abs(len(candidate) - len(name))
    return lengths > allowed or len(letters - set(candidate.lower())) > allowed


def _digits(name: str) -> list[str]:
    return [letter for letter in name if letter.isdigit()]


def _allowed(name: str) -> int:
    return 1 if len(name) <= 4 else 2 if len(name) <= 8 else 3


def _folded(name: str) -> str:
    return name.lower().replace("-", "_")


# The same mistake is often made all over a playbook.
@lru_cache(maxsize=256)
def _nearest(name: str, known: tuple[str, ...]) -> str | None:
    allowed = _allowed(name)
    best: tuple[int, str] | None = None
    folded = _folded(name)
    letters = set(folded) - {"_"}
    for candidate in known:
        if (
            abs(len(candidate) - len(name)) > allowed
            or len(letters - set(candidate.lower())) > allowed
        ):
            continue
        slips = _slips(folded, _folded(candidate))
        if slips <= allowed and slips < len(candidate) and (best is None or slips < best[0]):
            best = (slips, candidate)
    if best is not None:
        return best[1]
    import difflib

    found = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return found[0] if found else None


def _slips(left: str, right: str) -> int:
    """The optimal string alignment distance: insertions, deletions, substitutions, swaps."""
    before: list[int] = []
    last = list(range(len(right) + 1))
    for row, letter in enumerate(left, 1):
        now = [row]
        for column, other in enumerate(right, 1):
            cost = min(last[column] + 1, now[-1] + 1, last[column - 1] + (letter != other))
            swapped = (
                row > 1 and column > 1 and letter == right[column - 2] and left[row - 2] == other
            )
            now.append(min(cost, before[column - 2] + 1) if swapped else cost)
        before, last = last, now
    return last[-1]
