"""OpenTelemetry's own exporters, fed with spans whose ids are ours. Needs the extra `otel`."""

import logging
import os
import time
from collections.abc import Sequence

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, Status, StatusCode, TraceFlags

from orchestrate import __version__
from orchestrate.observe.trace import TraceSpan, resource_attributes
from orchestrate.project.telemetry import Telemetry

_QUEUE = 20_000
_BATCH = 512
_DELAY = 500.0
"""Milliseconds between two batches."""
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)


class Sender:
    """Sends spans in batches, in a thread of the library. `lost`: spans that it gave up on."""

    def __init__(self, settings: Telemetry) -> None:
        # Its complaints would draw over the picture of a run; what is lost is counted and told.
        logging.getLogger("opentelemetry").addHandler(logging.NullHandler())
        logging.getLogger("opentelemetry").propagate = False
        self._counted = _Counting(_exporter(settings))
        self._processor = BatchSpanProcessor(
            self._counted, _QUEUE, schedule_delay_millis=_DELAY, max_export_batch_size=_BATCH
        )
        named = os.environ.get("OTEL_SERVICE_NAME", "")
        self._resource = Resource.create(resource_attributes(settings.service_name or named))
        self._scope = InstrumentationScope("orchestrate", __version__)

    @property
    def lost(self) -> int:
        """How many spans could not be delivered."""
        return self._counted.lost

    def send(self, span: TraceSpan) -> None:
        """Queue a span; never blocks."""
        status = Status(StatusCode.UNSET)
        if span.error is not None:
            status = Status(StatusCode.ERROR, span.error)
        self._processor.on_end(
            ReadableSpan(
                name=span.name,
                context=_context(span.trace_id, span.span_id),
                parent=_context(span.trace_id, span.parent_id) if span.parent_id else None,
                resource=self._resource,
                attributes=span.attributes,
                status=status,
                start_time=span.started_at,
                end_time=span.finished_at,
                instrumentation_scope=self._scope,
            )
        )

    def close(self, until: float) -> None:
        """Send what is queued, until a moment of the monotonic clock."""
        self._processor.force_flush(max(1, int((until - time.monotonic()) * 1000)))
        self._processor.shutdown()


def _context(trace_id: str, span_id: str) -> SpanContext:
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=False, trace_flags=_SAMPLED)


class _Counting(SpanExporter):
    """An exporter that counts what did not arrive."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner
        self.lost = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """See `SpanExporter.export`."""
        result = self._inner.export(spans)
        if result is not SpanExportResult.SUCCESS:
            self.lost += len(spans)
        return result

    def shutdown(self) -> None:
        """See `SpanExporter.shutdown`."""
        self._inner.shutdown()


def _exporter(settings: Telemetry) -> SpanExporter:
    """By protocol; what the settings leave out is taken from the OTEL_ variables by the library."""
    environ = os.environ
    protocol = (
        settings.protocol
        or environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
        or environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
        or "http/protobuf"
    )
    headers = dict(settings.headers) or None
    endpoint = settings.endpoint
    if protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as Grpc

        return Grpc(endpoint=endpoint, headers=headers)
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as Http

    if endpoint is not None and not endpoint.rstrip("/").endswith("/v1/traces"):
        endpoint = f"{endpoint.rstrip('/')}/v1/traces"
    return Http(endpoint=endpoint, headers=headers)
