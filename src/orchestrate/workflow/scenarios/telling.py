"""Red scenarios in words: what was expected, what happened, at which place of the scenario file and
of the playbook, and what came before and after.
"""

from collections.abc import Iterator, Mapping, Sequence

from orchestrate.errors import Place
from orchestrate.playbook.diagnostics import Diagnostic, Diagnostics
from orchestrate.playbook.document.kinds import CALL_KEYS
from orchestrate.playbook.nodes import ListNode, MapNode, Node, Scalar
from orchestrate.playbook.plan import Plan
from orchestrate.playbook.reader import read
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.memory import EPOCH
from orchestrate.workflow.scenarios.expectations import Mismatch
from orchestrate.workflow.scenarios.judging import Verdict
from orchestrate.workflow.structure import locate
from orchestrate.workflow.trace import trace_line

_BEFORE, _AFTER = 5, 3
"""Lines of the trace around the one that matters."""


class Teller:
    """Renders mismatches; knows the texts of the scenario files and of the playbooks."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._diagnostics = Diagnostics()
        self._documents: dict[str, Node | None] = {}
        for file, text in texts.items():
            self._diagnostics.add_source(file, text)

    def mismatch(self, mismatch: Mismatch, severity: str = "error") -> str:
        """The mismatch at its place in the scenario file."""
        message, parts = mismatch.message, list[str]()
        if mismatch.subject:
            message = f"{mismatch.subject} is another"
            parts = [f"  expected  {mismatch.expected}", f"  was       {mismatch.was}"]
        found = Diagnostic(mismatch.key, severity, message, mismatch.place, length=mismatch.length)
        return "\n".join([self._diagnostics.render(found), *parts])

    def verdict(self, verdict: Verdict) -> Iterator[str]:
        """Everything about a scenario that is red, one block after another."""
        for mismatch in verdict.mismatches:
            yield self.mismatch(mismatch)
            where = self._step(verdict.scenario.plan, mismatch.path)
            if where:
                yield where
        if verdict.played is None:
            return
        seq = next((m.seq for m in verdict.mismatches if m.seq), 0)
        if seq:
            yield "\n".join(["what happened there:", *around(verdict.played.events, seq)])

    def _step(self, plan: Plan, path: str) -> str:
        located = locate(plan, path) if path else None
        if located is None:
            return ""
        place, length = self._call_place(located.step.place)
        note = Diagnostic("step", "note", f"this is `{path}`", place, length=length)
        return self._diagnostics.render(note)

    def _call_place(self, place: Place) -> tuple[Place, int]:
        """Where what a step calls stands; where the step itself does, if that is not found."""
        ahead: list[Node | None] = [self._document(place.file)]
        while ahead:
            node = ahead.pop()
            if isinstance(node, ListNode):
                ahead += node.items
            elif isinstance(node, MapNode):
                if node.place == place:
                    called = next((n for n in map(node.get, CALL_KEYS) if n is not None), node)
                    length = len(called.text.split("\n")[0]) if isinstance(called, Scalar) else 1
                    return called.place, length
                ahead += [entry.value for entry in node.entries]
        return place, 1

    def _document(self, file: str) -> Node | None:
        if file not in self._documents:
            lines = self._diagnostics.texts.get(file, [])
            self._documents[file] = read(file, "\n".join(lines), Diagnostics())
        return self._documents[file]


def around(events: Sequence[Event], seq: int) -> list[str]:
    """The lines of the trace around the event `seq`, which is marked."""
    told = [event for event in events if trace_line(event) is not None]
    at = max((i for i, event in enumerate(told) if event.seq <= seq), default=0)
    lines: list[str] = []
    start, end = max(0, at - _BEFORE), at + _AFTER + 1
    if start:
        lines.append("  …")
    for index, event in enumerate(told[start:end], start):
        mark = ">" if index == at else " "
        lines.append(f"{mark} {event.at - EPOCH:8.1f} s  {_line(event)}")
    if end < len(told):
        lines.append("  …")
    return lines


def _line(event: Event) -> str:
    line = trace_line(event) or ""
    if event.type is EventType.ATTEMPT_STARTED:
        first, *more = str(event.data["call"]).split("\n")
        return f"{line}: {first}{' …' if more else ''}"
    return line
