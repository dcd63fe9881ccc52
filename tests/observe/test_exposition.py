"""Metrics as text, read back by the parsers of the official library."""

import stat

import pytest
from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics

from orchestrate.observe.exposition import plain, render, render_as, write_textfile
from orchestrate.project.monitoring import Monitoring
from orchestrate.workflow import metrics
from orchestrate.workflow.metrics import Series, Tally, standing


def some() -> list[Series]:
    tally = Tally()
    tally.add(metrics.CREATED, 'odd "name"\\\n', amount=3)
    tally.reach(metrics.LAST_FINISHED, 1795397930.5, "p", "failed")
    for seconds in (0.02, 0.3, 100_000.0):
        tally.observe(metrics.STEP_DURATION, seconds, "p", "deployment")
    counted = [Series(metric, labels, total) for (metric, labels), total in tally.totals.items()]
    return [*counted, standing(metrics.STORE_SIZE, 4096, "wal")]


@pytest.mark.parametrize(
    ("form", "parse"),
    [
        ("prometheus", parser.text_string_to_metric_families),
        ("openmetrics", openmetrics.text_string_to_metric_families),
    ],
)
def test_both_formats_are_read_by_the_official_parser(form, parse) -> None:
    samples = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in parse(render_as(some(), form))
        for sample in family.samples
    }
    name = "orchestrate_step_duration_seconds"
    labels = (("playbook", "p"), ("type", "deployment"))
    assert samples[f"{name}_count", *labels] == 3
    assert samples[f"{name}_sum", *labels] == 100_000.32
    assert samples[f"{name}_bucket", ("le", "0.05"), *labels] == 1
    assert samples[f"{name}_bucket", ("le", "0.5"), *labels] == 2
    assert samples[f"{name}_bucket", ("le", "14400.0"), *labels] == 2
    assert samples[f"{name}_bucket", ("le", "+Inf"), *labels] == 3
    made = "orchestrate_workflows_created_total"
    assert samples[made, ("playbook", 'odd "name"\\\n')] == 3
    assert samples["orchestrate_store_bytes", ("file", "wal")] == 4096


def test_the_format_is_that_which_a_request_accepts() -> None:
    text, kind = render(some(), "")
    assert kind.startswith("text/plain; version=0.0.4")
    assert b"# EOF" not in text
    text, kind = render(some(), "application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
    assert kind.startswith("application/openmetrics-text; version=1.0.0")
    assert text.endswith(b"# EOF\n")


def test_as_plain_data() -> None:
    found = plain(some())
    assert found[0] == {
        "metric": "orchestrate_workflows_created_total",
        "kind": "counter",
        "labels": {"playbook": 'odd "name"\\\n'},
        "value": 3,
    }
    assert found[2]["count"] == 3
    assert found[2]["buckets"]["+Inf"] == 3


def test_a_textfile_is_whole_readable_and_leaves_nothing_else(tmp_path) -> None:
    file = tmp_path / "orchestrate.prom"
    file.write_text("old")
    assert write_textfile(tmp_path, Monitoring(file.name), some()) == ""
    assert file.read_text() == render_as(some(), "prometheus")
    assert stat.S_IMODE(file.stat().st_mode) & 0o444 == 0o444
    assert list(tmp_path.iterdir()) == [file]


def test_a_textfile_that_cannot_be_written_leaves_the_old_one(tmp_path) -> None:
    (tmp_path / "orchestrate.prom").mkdir()
    said = write_textfile(tmp_path, Monitoring("orchestrate.prom"), some())
    assert said == f"{tmp_path / 'orchestrate.prom'} cannot be written: Is a directory"
    assert [path.name for path in tmp_path.iterdir()] == ["orchestrate.prom"]
