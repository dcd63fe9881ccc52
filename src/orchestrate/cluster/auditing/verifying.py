"""Whether everything that Temporal has of workflows is what was recorded.

Each journal by itself, against what lists show, against what earlier runs of the same workflow left
(a journal only grows), and against what was signed or exported; actions beside journals against
what their keeper shows, and the same.
"""

import json
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from orchestrate.cluster.auditing.actions import NONE, SUBJECT
from orchestrate.cluster.auditing.checkpoints import Signed, signed_at
from orchestrate.cluster.auditing.journals import Journal, Journals
from orchestrate.cluster.errors import ClusterError, UnansweredError
from orchestrate.errors import NotFoundError
from orchestrate.workflow.audit import Finding
from orchestrate.workflow.events import EventType
from orchestrate.workflow.moments import parse_moment

_TOLD = ("playbook", "environment", "actor")
"""What lists show as the first event says it."""


class Expected(NamedTuple):
    """An event that was there once, with its digest (hex)."""

    seq: int
    hash: str
    said: str
    """Who says so."""
    since: float
    """The moment from which Temporal's retention may have counted."""


Expectations = dict[str, list[Expected]]
"""By workflow."""


def signed_before(signed: Signed) -> Expectations:
    """What checkpoints say."""
    return {
        workflow: [
            Expected(head.seq, head.hash, f"signed at {at}", head.ended or signed_at(at))
            for head, at in told
        ]
        for workflow, told in signed.heads.items()
    }


def exported_before(lines: Iterable[str], name: str, into: Expectations) -> Iterator[Finding]:
    """Add what an export says; lines that are none are told."""
    for number, line in enumerate(lines, 1):
        try:
            told: Any = json.loads(line)
            since = parse_moment(told["at"])
            one = Expected(int(told["number"]), str(told["hash"]), "exported", since)
            subject = SUBJECT if told["chain"] == "actions" else str(told["workflow"])
            into.setdefault(subject, []).append(one)
        except (ValueError, TypeError, KeyError):
            yield Finding("changed", f"line {number} of {name} is no line of an export")


class Verification:
    """One look at all of a namespace: iterate over it for the findings; then it has the figures."""

    def __init__(self, journals: Journals, expected: Mapping[str, Sequence[Expected]]) -> None:
        self._journals = journals
        self._expected = expected
        self.workflows = 0
        self.events = 0
        self.head = NONE
        """The last action beside journals."""

    def __iter__(self) -> Iterator[Finding]:
        yield from self._look_at_actions()
        listed = self._journals.runs()
        # Lists hear of workflows late: what is expected is looked for by its id.
        for workflow in dict.fromkeys((*listed, *self._expected)):
            if workflow == SUBJECT:
                continue
            try:
                journal = self._journals.read(workflow)
            except NotFoundError:
                yield from self._gone(workflow)
                continue
            except UnansweredError:
                raise
            except (ClusterError, zlib.error, ValueError, KeyError, TypeError) as error:
                yield Finding("changed", f"its journal cannot be read: {error}", workflow)
                continue
            self.workflows += 1
            self.events += len(journal.events)
            yield from self._look_at(workflow, journal, listed.get(workflow, []))

    def _look_at_actions(self) -> Iterator[Finding]:
        book, told = self._journals.actions()
        self.head = book.head
        expected = list(self._expected.get(SUBJECT, ()))
        if told is not None:
            expected.append(Expected(told.number, told.hash, "shown by its keeper", 0.0))
        for one in expected:
            known = book.digest(one.seq)
            if one.seq > book.head.number:
                said = f"the last action beside workflows is {book.head.number}; {one.seq} was "
                yield Finding("cut", f"{said}{one.said}", number=book.head.number + 1)
            elif known is not None and known != one.hash:
                said = f"action {one.seq} is another one than what was {one.said}: it, or some "
                yield Finding("replaced", f"{said}before it, were written anew", number=one.seq)

    def _look_at(self, workflow: str, journal: Journal, runs: list[str]) -> Iterator[Finding]:
        events = journal.events
        if not events or events[0].type is not EventType.WORKFLOW_CREATED:
            yield Finding("removed", "its journal has no beginning", workflow, 1)
            return
        wrong = next((at for at, event in enumerate(events, 1) if event.seq != at), None)
        if wrong is not None:
            said = f"in the place of event {wrong} there is {events[wrong - 1].seq}"
            yield Finding("moved", said, workflow, wrong)
        yield from _check_list(workflow, journal)
        for run in runs:
            if run != journal.found.run:
                yield from self._check_run(workflow, journal, run)
        for one in self._expected.get(workflow, ()):
            yield from _compare(workflow, journal, one)

    def _check_run(self, workflow: str, journal: Journal, run: str) -> Iterator[Finding]:
        try:
            earlier = self._journals.read(workflow, run)
        except NotFoundError:
            return  # its retention is over
        if earlier.digests:
            head = earlier.digests[-1].hex()
            said = f"the run {run} ended with it"
            yield from _compare(workflow, journal, Expected(len(earlier.events), head, said, 0.0))

    def _gone(self, workflow: str) -> Iterator[Finding]:
        """It is not to be had any more: whether Temporal may have forgotten it by now."""
        latest = max(self._expected.get(workflow, ()), key=lambda one: one.since, default=None)
        if latest is None:
            return
        kept = self._journals.retention()
        if latest.since + kept > time.time():
            said = f"it is gone, though Temporal keeps workflows for {kept / 86400:g} days; it was "
            yield Finding("removed", f"{said}{latest.said}", workflow)


def _compare(workflow: str, journal: Journal, one: Expected) -> Iterator[Finding]:
    if one.seq > len(journal.events):
        said = f"its journal ends with event {len(journal.events)}; {one.seq} was {one.said}"
        yield Finding("cut", said, workflow, len(journal.events) + 1)
    elif journal.digests[one.seq - 1].hex() != one.hash:
        said = f"event {one.seq} is another one than what was {one.said}: it, or some before it, "
        yield Finding("replaced", f"{said}were written anew", workflow, one.seq)


def _check_list(workflow: str, journal: Journal) -> Iterator[Finding]:
    found, first = journal.found, journal.events[0].data
    shown = found.summary._asdict()
    wrong = [name for name in _TOLD if first.get(name) != shown[name]]
    if found.closed and not found.abrupt:
        ends = (e for e in reversed(journal.events) if e.type is EventType.WORKFLOW_FINISHED)
        last = next(ends, None)
        if last is None or str(last.data["state"]) != str(found.summary.state):
            wrong.append("state")
    if wrong:
        said = f"its list entry does not agree with its journal: {', '.join(wrong)}"
        yield Finding("changed", said, workflow)
