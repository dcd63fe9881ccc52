"""Metrics as text: for Prometheus, in its own format or in OpenMetrics, and for textfiles."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from orchestrate.playbook.plan import Json
from orchestrate.project.monitoring import Monitoring
from orchestrate.workflow.metrics import COUNTER, HISTOGRAM, METRICS, Metric, Series

FORMATS = ("prometheus", "openmetrics")
_NO_LABELS: Mapping[str, str] = {}
_ACCEPT = {"prometheus": "", "openmetrics": "application/openmetrics-text; version=1.0.0"}


def render(
    series: Sequence[Series], accept: str, labels: Mapping[str, str] = _NO_LABELS
) -> tuple[bytes, str]:
    """The text and its content type, as the `Accept` header of a request wants it. `labels`: what
    every metric has beside its own.
    """
    from prometheus_client.exposition import choose_encoder
    from prometheus_client.registry import Collector, CollectorRegistry

    class Gathered(Collector):
        def collect(self) -> "Iterator[object]":  # type: ignore[override]
            return _families(series, labels)

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Gathered())
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


def render_as(series: Sequence[Series], form: str, labels: Mapping[str, str] = _NO_LABELS) -> str:
    """The text in one of `FORMATS`."""
    return render(series, _ACCEPT[form], labels)[0].decode()


def write_textfile(root: Path, settings: Monitoring, series: Sequence[Series]) -> str:
    """Write `[metrics] textfile` of the project in `root`, for node_exporter's textfile collector,
    which never sees half of one.

    Returns what went wrong, or "".
    """
    import os

    path = root / (settings.textfile or "")
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        # Others have to read it; it holds names and figures, no values of anything.
        with open(fresh, "w", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o644)) as file:
            file.write(render_as(series, "prometheus", settings.labels))
        fresh.replace(path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink()
        return f"{path} cannot be written: {error.strerror}"
    return ""


def plain(
    series: Iterable[Series], labels: Mapping[str, str] = _NO_LABELS
) -> list[dict[str, Json]]:
    """The same as plain data."""
    return [
        {
            "metric": one.metric.name,
            "kind": one.metric.kind,
            "labels": {**labels, **dict(zip(one.metric.labels, one.labels, strict=True))},
            **_figures(one),
        }
        for one in series
    ]


def _figures(one: Series) -> dict[str, Json]:
    if one.metric.kind == HISTOGRAM:
        buckets: dict[str, Json] = dict(_cumulated(one))
        return {"count": one.total.amount, "sum": one.total.sum, "buckets": buckets}
    return {"value": _value(one)}


def _value(one: Series) -> float:
    return one.total.amount if one.metric.kind == COUNTER else one.total.sum


def _cumulated(one: Series) -> list[tuple[str, float]]:
    """Upper end and how many are not above it, for each bucket."""
    reached = 0
    found: list[tuple[str, float]] = []
    ends = [*map(str, one.metric.bounds), "+Inf"]
    for end, amount in zip(ends, one.total.buckets, strict=True):
        reached += amount
        found.append((end, reached))
    return found


def _families(series: Sequence[Series], labels: Mapping[str, str]) -> "Iterator[object]":
    """One for each metric that has series, in the order of their definition."""
    by_metric: dict[str, list[Series]] = {}
    for one in series:
        by_metric.setdefault(one.metric.name, []).append(one)
    for name, metric in METRICS.items():
        if name in by_metric:
            yield _family(metric, by_metric[name], labels)


def _family(metric: Metric, series: Sequence[Series], labels: Mapping[str, str]) -> object:
    from prometheus_client import core

    more = {name: value for name, value in labels.items() if name not in metric.labels}
    names = (*metric.labels, *more)
    match metric.kind:
        case "histogram":
            family = core.HistogramMetricFamily(metric.name, metric.help, labels=names)
            for one in series:
                family.add_metric((*one.labels, *more.values()), _cumulated(one), one.total.sum)
            return family
        case "counter":
            family = core.CounterMetricFamily(metric.name, metric.help, labels=names)
        case _:
            family = core.GaugeMetricFamily(metric.name, metric.help, labels=names)
    for one in series:
        family.add_metric((*one.labels, *more.values()), _value(one))
    return family
