"""What came of a program beside what must come of it."""

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from random_programs import facts
from random_programs.case import Case
from random_programs.model import expected
from random_programs.record import Record

from orchestrate.workflow.events import Event


def differences(
    case: Case, events: Sequence[Event], lost: frozenset[tuple[str, int]] = frozenset()
) -> Iterator[str]:
    """All that is not as it must be; nothing if the play is right."""
    yield from facts.faults(events)
    why = facts.stuck(events)
    if why:
        yield f"stuck: {why}"
        return
    end = facts.end_of(events)
    if end is None:
        asked, last = [event.path for event in facts.open_questions(events)], events[-1]
        yield f"it did not end; asked: {asked}, last: {last.seq} {last.type} {last.path}"
        return
    done = facts.attempts(events)
    again = frozenset((one.path, one.number) for one in done if one.again)
    unknown = frozenset((one.path, one.number) for one in done if one.status == "unknown")
    if not unknown <= lost:
        yield f"nobody knows how they ended, but no machine was lost: {sorted(unknown - lost)}"
    model = expected(case, unknown, again)
    if end.data["state"] != model.state:
        yield f"state {end.data['state']}, not {model.state}"
    outputs = end.data.get("outputs") or {}
    if outputs != dict(model.outputs):
        yield f"outputs {outputs}, not {dict(model.outputs)}"
    yield from _missing("end", facts.ends(events), model.ends)
    yield from _missing("rolled back", facts.rolled_back(events), model.rolled_back)
    yield from _attempts(case, done, model, events[0].at)
    yield from _undoing(case, events, model)


def _missing(
    what: str, found: Sequence[tuple[object, ...]], wanted: Sequence[tuple[object, ...]]
) -> Iterator[str]:
    have, need = Counter(found), Counter(wanted)
    for one in sorted((need - have).elements(), key=str):
        yield f"{what} is missing: {one}"
    for one in sorted((have - need).elements(), key=str):
        yield f"{what} is too much: {one}"


def _attempts(
    case: Case, done: Sequence[facts.Attempt], model: Record, begin: float
) -> Iterator[str]:
    found = [(a.path, a.number, a.status, *shlex.split(a.call)) for a in done]
    wanted = [(a.path, a.number, a.status, *shlex.split(a.call)) for a in model.attempts]
    if case.racing:
        times = [(one.started - begin, one.ended - begin) for one in done]
        found = [(*one, *when) for one, when in zip(found, times, strict=True)]
        wanted = [(*one, a.started, a.ended) for one, a in zip(wanted, model.attempts, strict=True)]
    yield from _missing("attempt", found, wanted)


def _undoing(case: Case, events: Sequence[Event], model: Record) -> Iterator[str]:
    """In the reverse order of finishing; the model knows that order only where it knows times."""
    found, moments = facts.undone(events), {path: moment for moment, path in model.undone}
    wanted = [path for _, path in model.undone]
    is_same = sorted(found) == sorted(wanted)
    # Of several transactions that undo something at one moment any may be the first.
    in_order = is_same and all(moments[one] <= moments[other] for one, other in pairwise(found))
    if not is_same or (case.racing and not in_order):
        yield f"undone {found}, not {wanted}"
