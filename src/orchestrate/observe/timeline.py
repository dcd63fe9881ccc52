"""From events to spans: a fold, so that a finished, a running and a resumed workflow read alike.

Times never run backwards in a timeline, also where the clock of the machine did: each span lies
within what contains it. What was forgotten by a resume keeps its spans, because it took time; what
ran again under the same path has spans of its own.
"""

from collections.abc import Callable, Iterable, Mapping

from orchestrate.observe.spans import Kind, Span, Wait
from orchestrate.playbook.plan import Json
from orchestrate.workflow import paths
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.history import Forgetting

_BEGINS = {
    "claim_waiting": Wait.CLAIM,
    "approval_requested": Wait.DECISION,
    "event_awaited": Wait.EVENT,
}
_ENDS = {
    "claimed": Wait.CLAIM,
    "claim_refused": Wait.CLAIM,
    "approval_given": Wait.DECISION,
    "approval_rejected": Wait.DECISION,
    "event_received": Wait.EVENT,
}
_LEAST_GAP = 0.001
"""Seconds without an owner that are worth a span."""


def _ignore(_: Span) -> None:
    """Nobody wants to know."""


class Timeline:
    """Spans of one workflow; `apply` takes one event more. `on_close` is told every span but groups
    when it has ended.
    """

    def __init__(self, workflow: str, on_close: Callable[[Span], None] = _ignore) -> None:
        self.workflow = workflow
        self.root = Span(Kind.WORKFLOW, "", workflow, 1, 0.0, None)
        self.created: Mapping[str, Json] = {}
        """The data of `workflow_created`."""
        self.created_at = 0.0
        """As recorded, even if later events have earlier times."""
        self.at = 0.0
        """The moment of the last event."""
        self._on_close = on_close
        self._steps: dict[str, Span] = {}
        self._groups: dict[tuple[int, str], Span] = {}
        self._attempts: dict[int, Span] = {}
        self._waits: dict[str, dict[str, Span]] = {}
        self._held: dict[str, Span] = {}
        self._epoch: Json = None

    def apply(self, event: Event) -> None:
        """Take the next event."""
        before = self.at
        self.at = max(before, event.at)
        if event.seq == 1 or not before:
            self.root.started_at = self.at
        match event.type:
            case EventType.WORKFLOW_CREATED:
                self.created, self.created_at = event.data, event.at
                self.root.name = str(event.data.get("playbook", ""))
                self._wait(event, "", Wait.QUEUE)
            case EventType.OWNED | EventType.RESUMED:
                self._take_up(event, before)
            case EventType.ATTEMPT_STARTED:
                self._start_attempt(event)
            case EventType.ATTEMPT_FINISHED:
                self._finish_attempt(event)
            case EventType.FORGOTTEN:
                self._forget(Forgetting(event.data))
            case EventType.WORKFLOW_FINISHED:
                self._finish(event)
            case EventType.STEP_STARTED | EventType.STEP_FINISHED | EventType.FORCED:
                self._step_event(event)
            case _:
                self._waiting_event(event)

    def end_of(self, span: Span) -> float:
        """When a span ended; what lasts has lasted until the last event, or until `settle`."""
        return self.at if span.finished_at is None else span.finished_at

    def settle(self, now: float) -> None:
        """What lasts has lasted until `now`, unless the workflow has ended."""
        if self.root.finished_at is None:
            self.at = max(self.at, now)

    @property
    def duration(self) -> float:
        """Seconds from its creation to its end."""
        return self.end_of(self.root) - self.root.started_at

    # Steps and attempts

    def _step_event(self, event: Event) -> None:
        data = event.data
        if event.type is EventType.STEP_STARTED:
            self._open_step(event)
            return
        span = self._steps.get(event.path)
        if span is None or span.finished_at is not None:
            if event.type is EventType.FORCED and span is not None:
                span.status = str(data["status"])
                return
            span = self._open_step(event)
        self._describe(span, data, "message")
        self._close(span, str(data["status"]), self.at)

    def _open_step(self, event: Event) -> Span:
        path, data = event.path, event.data
        span = self._steps.get(path)
        if span is None:
            parent = self._container(path, event)
            span = Span(Kind.STEP, path, paths.last(path), event.seq, self.at, parent)
            self._steps[path] = span
            self._count_open(span)
        elif span.finished_at is not None:
            self._reopen(span)
        self._describe(span, data, "kind", "label")
        return span

    def _start_attempt(self, event: Event) -> None:
        step, data = self._open_step(event), event.data
        self._end_waits(event.path)
        span = Span(Kind.ATTEMPT, event.path, step.name, event.seq, self.at, step)
        self._describe(span, data, "number", "of", "kind", "label", "call", "timeout")
        step.facts["attempts"] = data.get("number")
        identity = data["id"]
        assert isinstance(identity, int)
        self._attempts[identity] = span

    def _finish_attempt(self, event: Event) -> None:
        data = event.data
        identity = data["id"]
        assert isinstance(identity, int)
        span = self._attempts.pop(identity, None)
        if span is None:
            return
        ended = self._within(data.get("finished_at"), span.started_at, self.at)
        span.started_at = self._within(data.get("started_at"), span.started_at, ended)
        self._describe(span, data, "exit_code", "message", "timed_out", "again")
        status = str(data["status"])
        self._close(span, status, ended)
        step = span.parent
        if data.get("final") and step is not None and step.finished_at is None:
            self._describe(step, data, "exit_code", "message")
            self._close(step, status, ended)

    def _within(self, moment: Json, earliest: float, latest: float) -> float:
        at = float(moment) if isinstance(moment, int | float) else latest
        return min(max(at, earliest), latest)

    def _container(self, path: str, event: Event) -> Span:
        """What a step is part of: the nearest step above it that lasts, or its branch there."""
        above = paths.parent(path)
        step = self.root
        for ancestor in paths.ancestors(above):
            found = self._steps.get(ancestor)
            if found is not None and found.finished_at is None:
                step = found
                break
        if above == step.path or above in self._steps:
            return step
        key = step.seq, above
        group = self._groups.get(key)
        if group is None:
            name = above[len(step.path) :].lstrip("/")
            group = Span(Kind.GROUP, above, name, event.seq, self.at, step)
            self._groups[key] = group
        return group

    def _count_open(self, span: Span) -> None:
        group = span.parent
        if group is not None and group.kind is Kind.GROUP:
            group.open_children += 1
            group.finished_at, group.status = None, "running"

    def _reopen(self, span: Span) -> None:
        span.finished_at, span.status = None, "running"
        self._count_open(span)
        above = span.owner
        if above is not None and above.finished_at is not None and above is not self.root:
            self._reopen(above)

    def _close(self, span: Span, status: str, at: float) -> None:
        if span.kind is Kind.STEP:
            self._end_waits(span.path)
        for child in span.children:
            if child.finished_at is None:
                self._close(child, "cancelled", self.at)
            at = max(at, self.end_of(child))
        span.finished_at, span.status = max(at, span.started_at), status
        group = span.parent
        if span.kind is Kind.STEP and group is not None and group.kind is Kind.GROUP:
            group.open_children -= 1
            if not group.open_children:
                group.finished_at, group.status = max(span.finished_at, self.at), status
        if span.kind is not Kind.GROUP:
            self._on_close(span)

    def _describe(self, span: Span, data: Mapping[str, Json], *keys: str) -> None:
        span.facts.update({key: data[key] for key in keys if data.get(key) not in (None, "")})

    # Waits

    def _waiting_event(self, event: Event) -> None:
        path, subject = event.path, str(event.data.get("subject", ""))
        match event.type:
            case EventType.WORKFLOW_STARTED:
                self._end_wait("", Wait.QUEUE)
            case EventType.RELEASED if event.data.get("reason") not in ("ended", "paused"):
                self._wait(event, "", Wait.UNOWNED)
            case EventType.TIMER_SET if path and "at" in event.data:
                kind = Wait.RETRY if subject.startswith("retry") else Wait.TIMER
                self._wait(event, path, kind, subject)
            case EventType.TIMER_FIRED:
                self._end_wait(path, subject)
            case EventType.PAUSED:
                self._wait(event, "", Wait.PAUSE)
            case EventType.UNPAUSED:
                self._end_wait("", Wait.PAUSE)
            case EventType.PARKED:
                self._wait(event, path, Wait.DECISION, subject)
            case EventType.RESOLVED:
                self._end_wait(path, subject)
            case _:
                self._foreign_wait(event, str(event.type))

    def _foreign_wait(self, event: Event, name: str) -> None:
        """Waits by the names of their events: locks, capacity, rates, approvals, events."""
        kind = _BEGINS.get(name)
        if kind is not None:
            self._wait(event, event.path, kind)
        elif name in _ENDS:
            self._end_wait(event.path, _ENDS[name])
        if name == "claimed":
            self._hold(event)
        elif name == "claim_released" and event.path in self._held:
            span = self._held.pop(event.path)
            if span.finished_at is None:
                self._close(span, "released", self.at)

    def _hold(self, event: Event) -> None:
        """Locks are held from now on."""
        tokens = event.data.get("tokens")
        held = self._held.get(event.path)
        if not isinstance(tokens, Mapping) or not tokens:
            return
        if held is not None and held.finished_at is None:
            return
        step = self._open_step(event) if event.path else self.root
        span = Span(Kind.LOCK, event.path, ", ".join(tokens), event.seq, self.at, step)
        self._held[event.path] = span

    def _wait(self, event: Event, path: str, kind: Wait, subject: str = "") -> None:
        open_waits = self._waits.setdefault(path, {})
        key = subject or str(kind)
        if key in open_waits:
            return
        step = self._open_step(event) if path else self.root
        span = Span(Kind.WAIT, path, str(kind), event.seq, self.at, step)
        self._describe(span, event.data, "subject", "reason", "message")
        blockers = event.data.get("blockers")
        if isinstance(blockers, list | tuple):
            wanted = [b.get("lock", b.get("resource")) for b in blockers if isinstance(b, Mapping)]
            span.facts["subject"] = ", ".join(sorted({str(name) for name in wanted if name}))
        open_waits[key] = span

    def _end_wait(self, path: str, key: str) -> None:
        span = self._waits.get(path, {}).pop(str(key), None)
        if span is not None:
            self._close(span, "ended", self.at)

    def _end_waits(self, path: str) -> None:
        for span in self._waits.pop(path, {}).values():
            self._close(span, "ended", self.at)

    # The workflow

    def _take_up(self, event: Event, before: float) -> None:
        """Somebody runs it again: what passed since is a wait of its own."""
        if self.root.finished_at is not None:
            gap = Span(
                Kind.WAIT, "", str(Wait.STOPPED), event.seq, self.root.finished_at, self.root
            )
            self.root.finished_at, self.root.status = None, "running"
            self._close(gap, "ended", self.at)
            self._epoch = event.data.get("epoch")
            return
        epoch = event.data.get("epoch")
        known = self._waits.get("", {}).keys() & {Wait.UNOWNED, Wait.PAUSE, Wait.QUEUE}
        changed = self._epoch is not None and epoch != self._epoch
        if changed and not known and self.at - before >= _LEAST_GAP:
            gap = Span(Kind.WAIT, "", str(Wait.UNOWNED), event.seq, before, self.root)
            self._close(gap, "ended", self.at)
        self._end_wait("", Wait.UNOWNED)
        self._epoch = epoch if epoch is not None else self._epoch

    def _finish(self, event: Event) -> None:
        for path in tuple(self._waits):
            self._end_waits(path)
        self._attempts.clear()
        state = str(event.data["state"])
        error = event.data.get("error")
        if isinstance(error, Mapping):
            self._describe(self.root, error, "message")
            self.root.facts["step"] = error.get("step")
        self._close(self.root, state, self.at)

    def _forget(self, forgetting: Forgetting) -> None:
        """What no longer counts has ended; what is done again under its path is another span."""
        for identity, span in tuple(self._attempts.items()):
            if forgetting.covers(span.path):
                del self._attempts[identity]
                self._close(span, "cancelled", self.at)
        kept: dict[str, Span] = {}
        for path, span in reversed(self._steps.items()):
            if not forgetting.covers(path):
                kept[forgetting.moved(path)] = span
                if path in forgetting.reopen and span.finished_at is not None:
                    self._reopen(span)
            elif span.finished_at is None:
                self._close(span, "cancelled", self.at)
        self._steps = dict(reversed(kept.items()))


def timeline_of(workflow: str, events: Iterable[Event]) -> Timeline:
    """The timeline of all `events`."""
    timeline = Timeline(workflow)
    for event in events:
        timeline.apply(event)
    return timeline
