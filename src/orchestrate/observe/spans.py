"""A span: something that took time in a workflow, and what it was part of."""

from collections.abc import Iterator
from enum import StrEnum

from orchestrate.playbook.plan import Json


class Kind(StrEnum):
    """What took the time."""

    WORKFLOW = "workflow"
    STEP = "step"
    GROUP = "group"
    """A branch, an iteration or a handler: it has steps, and no events of its own."""
    ATTEMPT = "attempt"
    WAIT = "wait"
    LOCK = "lock"
    """Locks and capacity were held: it goes on beside what happens, and is no part of the time."""


class Wait(StrEnum):
    """What was waited for."""

    QUEUE = "queue"
    CLAIM = "claim"
    """A lock, capacity, or a rate."""
    RETRY = "retry"
    TIMER = "timer"
    """A `wait` step."""
    EVENT = "event"
    PAUSE = "pause"
    DECISION = "decision"
    UNOWNED = "unowned"
    """No process ran the workflow."""
    STOPPED = "stopped"
    """It had ended, and was resumed later."""


class Span:
    """One span. Times are seconds since the epoch; `finished_at` is None while it lasts. `seq` is
    the position of the event that began it: with the kind, it names the span for good.
    """

    __slots__ = (
        "children", "facts", "finished_at", "kind", "name", "open_children", "parent", "path",
        "seq", "started_at", "status",
    )  # fmt: skip

    def __init__(
        self, kind: Kind, path: str, name: str, seq: int, at: float, parent: "Span | None"
    ) -> None:
        self.kind = kind
        self.path = path
        self.name = name
        self.seq = seq
        self.started_at = at
        self.finished_at: float | None = None
        self.status = "running"
        self.parent = parent
        self.children: list[Span] = []
        self.open_children = 0
        self.facts: dict[str, Json] = {}
        """What else is known: kind and label of a step, number and exit code of an attempt, …"""
        if parent is not None:
            parent.children.append(self)

    def walk(self) -> "Iterator[Span]":
        """The span and all below it, each before what it contains."""
        stack: list[Span] = [self]
        while stack:
            span = stack.pop()
            yield span
            stack.extend(reversed(span.children))

    @property
    def owner(self) -> "Span | None":
        """What contains it, groups left out."""
        above = self.parent
        while above is not None and above.kind is Kind.GROUP:
            above = above.parent
        return above
