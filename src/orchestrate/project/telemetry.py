"""`[telemetry]`: where traces are sent while workflows run."""

from collections.abc import Mapping
from typing import NamedTuple

from orchestrate.project.fields import Table

PROTOCOLS = ("http/protobuf", "grpc")
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_NO_HEADERS: Mapping[str, str] = {}


class Telemetry(NamedTuple):
    """`endpoint` None: that of OTEL_EXPORTER_OTLP_ENDPOINT, or nowhere. `sample`: the share of
    traces that are sent, 0 to 1. `flush`: how many seconds the end of a process may wait for it.
    """

    endpoint: str | None = None
    protocol: str | None = None
    headers: Mapping[str, str] = _NO_HEADERS
    service_name: str | None = None
    sample: float = 1.0
    flush: float = 3.0


def has_receiver(settings: Telemetry, env: Mapping[str, str]) -> bool:
    """Whether traces are sent anywhere: the settings say so, or OpenTelemetry's own variables."""
    if env.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    return settings.endpoint is not None or any(map(env.get, _ENDPOINTS))


def read_telemetry(table: Table) -> Telemetry:
    """The table, checked."""
    defaults = Telemetry()
    endpoint, protocol = table.read("endpoint", "text"), table.read("protocol", "text")
    headers, name = table.read("headers", "map"), table.read("service_name", "text")
    sample, flush = table.read("sample", "number"), table.read("flush", "duration")
    if protocol is not None and protocol not in PROTOCOLS:
        table.problem("protocol", f"{table.name('protocol')} is {protocol!r}",
                      f"It is one of {', '.join(PROTOCOLS)}.")  # fmt: skip
    if endpoint is not None and not endpoint.startswith(("http://", "https://")):
        table.problem("endpoint", f"{table.name('endpoint')} is no address",
                      "Write one such as http://localhost:4318.")  # fmt: skip
    if sample is not None and not 0 <= sample <= 1:
        table.problem("sample", f"{table.name('sample')} must be from 0 to 1, not {sample}")
    given: dict[str, object] = headers or {}
    for key, value in given.items():
        if not isinstance(value, str):
            table.problem("headers", f"{table.name('headers')}.{key} must be text")
    table.finish()
    return Telemetry(
        endpoint,
        protocol,
        headers or _NO_HEADERS,
        name,
        defaults.sample if sample is None else float(sample),
        defaults.flush if flush is None else flush,
    )
