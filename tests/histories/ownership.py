"""Who owned a workflow, and who wrote its journal: whether there was one owner at any time.

The journal gives the order of everything: each `owned` begins the time of one process, with an
epoch; it ends with `released`, or with the next `owned`. The lines of `history` say what each
process has heard about its own writes, and when somebody was killed or overruled.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple


class Term(NamedTuple):
    """The time of one owner: from the position of its `owned` to before that of the next one."""

    pid: int
    epoch: int
    first: int
    last: int
    released: int | None
    """Where it gave the workflow up by itself."""


def terms(events: Sequence[Any]) -> list[Term]:
    """All owners in order. A second `owned` of the same epoch names another supervisor only."""
    found: list[Term] = []
    for event in events:
        if event.type == "owned":
            pid, epoch = event.data["pid"], event.data["epoch"]
            if found and (found[-1].pid, found[-1].epoch) == (pid, epoch):
                continue
            found.append(Term(pid, epoch, event.seq, event.seq, None))
        elif event.type == "released" and found:
            found[-1] = found[-1]._replace(released=event.seq)
        if found:
            found[-1] = found[-1]._replace(last=event.seq)
    return found


def faults(events: Sequence[Any], lines: Sequence[Sequence[str]]) -> Iterator[str]:
    """What cannot be if there is one owner at a time."""
    owners = terms(events)
    for earlier, later in pairwise(owners):
        if later.epoch <= earlier.epoch:
            yield f"the epoch does not rise: {earlier}, {later}"
        if earlier.released is None and not _gone(lines, earlier, later):
            yield f"{later.pid} took over at {later.first} from {earlier.pid}, which lived"
    for term in owners:
        if term.released is not None and term.last > term.released:
            yield f"{term.pid} wrote up to {term.last}, after it let go at {term.released}"
    yield from _write_faults(owners, lines)


def _write_faults(owners: Sequence[Term], lines: Sequence[Sequence[str]]) -> Iterator[str]:
    writer: dict[int, int] = {}
    for word, pid, *more in lines:
        if word != "wrote":
            continue
        seq = int(more[0])
        if writer.setdefault(seq, int(pid)) != int(pid):
            yield f"{seq} was written by {writer[seq]} and by {pid}"
        owner = next((one for one in owners if one.first <= seq <= one.last), None)
        if owner is None or owner.pid != int(pid):
            yield f"{pid} wrote {seq}, which is in the time of {owner}"


def _gone(lines: Sequence[Sequence[str]], earlier: Term, later: Term) -> bool:
    """Whether the earlier owner was killed, or overruled, before the later one wrote anything."""
    for word, pid, *more in lines:
        if word in ("killing", "overruling") and int(pid) == earlier.pid:
            return True
        if word == "wrote" and int(pid) == later.pid and int(more[0]) >= later.first:
            return False
    return True  # the later one was killed before it could tell; so who knows


def doubled(ran: Sequence[str]) -> list[str]:
    """Attempts that began more than once."""
    counts: Mapping[str, int] = {line: ran.count(line) for line in set(ran)}
    return sorted(line for line, count in counts.items() if count > 1)
