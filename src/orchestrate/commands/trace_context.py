"""W3C trace context: who called a workflow, and which span each attempt is.

Ids are derived, never drawn: whoever continues a workflow names the same spans, and so does every
export. The trace is the caller's, if a valid context came with the workflow; else it follows from
the workflow's id and the moment of its creation, because ids alone repeat from project to project.
"""

from typing import NamedTuple

VARIABLE = "TRACEPARENT"
_HEX = frozenset("0123456789abcdef")


class Context(NamedTuple):
    """A span as `traceparent` writes it, with lower-case hexadecimal ids."""

    trace_id: str
    span_id: str
    sampled: bool

    def __str__(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"


class Trace(NamedTuple):
    """The trace of one workflow. `parent_id`: the caller's span, "" if there is none."""

    id: str
    parent_id: str
    sampled: bool

    def span(self, kind: str, seq: int) -> str:
        """The id of a span: of that kind, begun by the event at that position."""
        return _digest(f"{self.id} {kind} {seq}")[:16]

    def attempt(self, seq: int) -> Context:
        """The context that an attempt hands to what it calls."""
        return Context(self.id, self.span("attempt", seq), self.sampled)


def parse(text: str) -> Context | None:
    """What a `traceparent` says; None if it is not valid: then it counts as absent."""
    parts = text.strip().split("-")
    if len(parts) < 4 or (parts[0] == "00" and len(parts) != 4):
        return None
    version, trace, span, flags = parts[:4]
    lengths = (len(version), len(trace), len(span), len(flags))
    if lengths != (2, 32, 16, 2) or version == "ff":
        return None
    if not _HEX.issuperset("".join(parts[:4])) or not trace.strip("0") or not span.strip("0"):
        return None
    return Context(trace, span, bool(int(flags, 16) & 1))


def trace_of(workflow: str, created_at: float, caller: str = "", ratio: float = 1.0) -> Trace:
    """The trace of a workflow. `ratio`: the share of traces without a caller that are sampled."""
    context = parse(caller)
    if context is not None:
        return Trace(context.trace_id, context.span_id, context.sampled)
    identity = _digest(f"workflow {workflow} {created_at:.6f}")[:32]
    # The rule of OpenTelemetry's ratio sampler, so that all who take part decide alike.
    return Trace(identity, "", int(identity[16:], 16) < round(ratio * (1 << 64)))


def _digest(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()
