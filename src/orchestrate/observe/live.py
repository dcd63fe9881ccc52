"""Traces sent while workflows run, over OTLP.

A thread of its own folds the events into spans and hands each to OpenTelemetry's exporter when it
has ended. Nothing here can slow or fail a workflow: what arrives while the queue is full is dropped
and counted, a receiver that is gone costs at most the time that the end of the process may wait.
"""

import threading
import time
from collections.abc import Iterable, Sequence
from queue import SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

from orchestrate.commands.trace_context import Trace
from orchestrate.observe.spans import Span
from orchestrate.observe.timeline import Timeline
from orchestrate.observe.trace import is_told, trace_identity, trace_span
from orchestrate.project.telemetry import Telemetry
from orchestrate.workflow.engine import Observer
from orchestrate.workflow.events import Event, EventType

if TYPE_CHECKING:
    from orchestrate.observe.sdk import Sender

_MOST = 50_000
"""Events that wait to be folded; the exporter has a bounded queue of its own."""


class _Begun(NamedTuple):
    """A workflow is run from now on; what it recorded before was sent before."""

    workflow: str
    events: list[Event]


class LiveExport:
    """Sends the spans of all workflows that this process runs."""

    def __init__(self, settings: Telemetry) -> None:
        self._settings = settings
        self._queue: SimpleQueue[tuple[str, Event] | _Begun | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._timelines: dict[str, _Sent] = {}
        self._sender: Sender | None = None
        self._dropped = 0
        self._fault = ""

    def follow(self, workflow: str, before: Iterable[Event]) -> Observer:
        """Whom to tell the events of a workflow from now on; `before` are those so far."""
        self._queue.put(_Begun(workflow, list(before)))
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="telemetry", daemon=True)
            self._thread.start()

        def tell(event: Event) -> None:
            if self._queue.qsize() < _MOST:
                self._queue.put((workflow, event))
            else:
                self._dropped += 1

        return tell

    def close(self) -> str:
        """Send what is left, within the time for that; returns what went wrong, or ""."""
        if self._thread is None:
            return ""
        self._queue.put(None)
        self._thread.join(self._settings.flush)
        if self._fault:
            return self._fault
        lost = self._dropped + (self._sender.lost if self._sender is not None else 0)
        if self._thread.is_alive():
            return f"the receiver did not take everything within {self._settings.flush:g} s"
        return f"{lost} spans could not be delivered" if lost else ""

    def _work(self) -> None:
        try:
            from orchestrate.observe.sdk import Sender

            sender = self._sender = Sender(self._settings)
        except ImportError:
            self._fault = "nothing was sent: install `aither-orchestrate[otel]`"
            return
        except Exception as error:  # whatever a library does not like must not end a workflow
            self._fault = f"nothing was sent: {error}"
            return
        while True:
            taken = self._queue.get()
            if taken is None:
                break
            try:
                self._take(taken, sender)
            except Exception as error:
                self._fault = f"a span was not sent: {error}"
        sender.close(time.monotonic() + self._settings.flush)

    def _take(self, taken: tuple[str, Event] | _Begun, sender: "Sender") -> None:
        if isinstance(taken, _Begun):
            self._timelines[taken.workflow] = _Sent(taken, self._settings.sample, sender)
            return
        workflow, event = taken
        sent = self._timelines.get(workflow)
        if sent is not None:
            sent.apply(event)
            if event.type is EventType.RELEASED:
                del self._timelines[workflow]  # whoever takes it up tells what comes later


class _Sent:
    """One workflow whose spans are sent as they end."""

    def __init__(self, begun: _Begun, ratio: float, sender: "Sender") -> None:
        self._sender = sender
        self._trace: Trace | None = None
        self._timeline = Timeline(begun.workflow, self._closed)
        self._last = 0
        untold = _untold(begun.events)
        for event in begun.events[:untold]:
            self.apply(event)
        trace = trace_identity(self._timeline, ratio)
        self._trace = trace if trace.sampled else None
        for event in begun.events[untold:]:
            self.apply(event)

    def apply(self, event: Event) -> None:
        """Take the next event; those that are not recorded have no number."""
        if event.seq > self._last:
            self._last = event.seq
            self._timeline.apply(event)

    def _closed(self, span: Span) -> None:
        if self._trace is not None and is_told(span):
            self._sender.send(trace_span(self._timeline, self._trace, span))


def _untold(events: Sequence[Event]) -> int:
    """From where on nobody has told yet: behind the last time that it ended or was let go; but of
    every workflow the first event is needed to know its trace.
    """
    for index in range(len(events) - 1, 0, -1):
        if events[index].type in (EventType.WORKFLOW_FINISHED, EventType.RELEASED):
            return index + 1
    return 1
