"""The dashboard and the alert rules ask only for metrics and labels that there are."""

import json
import re
from collections.abc import Iterator
from typing import Any

import promql_parser as promql
import pytest
import yaml
from documents import ROOT

from orchestrate.workflow.metrics import HISTOGRAM, METRICS, Metric

FOLDER = ROOT / "docs" / "monitoring"
OF_THE_SCRAPE = {"job", "instance"}


def of_the_dashboard() -> Iterator[tuple[str, str]]:
    board = json.loads((FOLDER / "grafana-dashboard.json").read_text())
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]
    for variable in board["templating"]["list"]:
        found = re.match(r"label_values\((.+), (\w+)\)", variable.get("definition", ""))
        if found is not None:
            yield variable["name"], f"count by ({found[2]}) ({found[1]})"


def of_the_alerts() -> Iterator[tuple[str, str]]:
    for group in yaml.safe_load((FOLDER / "alerts.yaml").read_text())["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]


QUERIES = [*of_the_dashboard(), *of_the_alerts()]


def parsed(query: str) -> Any:
    """Grafana's variables stand for text, or for a duration."""
    return promql.parse(query.replace("$__rate_interval", "5m"))


def selectors(node: Any) -> Iterator[Any]:
    match node:
        case promql.VectorSelector():
            yield node
        case promql.MatrixSelector():
            yield node.vector_selector
        case promql.BinaryExpr():
            yield from selectors(node.lhs)
            yield from selectors(node.rhs)
        case promql.Call():
            for argument in node.args:
                yield from selectors(argument)
        case promql.AggregateExpr() | promql.ParenExpr() | promql.UnaryExpr():
            yield from selectors(node.expr)
        case promql.NumberLiteral():
            pass
        case _:
            pytest.fail(f"nobody looks into {type(node)}")


def grouped(node: Any) -> Iterator[tuple[list[str], Any]]:
    """The labels of each `by (…)`, and what is grouped."""
    match node:
        case promql.AggregateExpr():
            if node.modifier is not None:
                yield list(node.modifier.labels), node.expr
            yield from grouped(node.expr)
        case promql.BinaryExpr():
            yield from grouped(node.lhs)
            yield from grouped(node.rhs)
        case promql.Call():
            for argument in node.args:
                yield from grouped(argument)
        case promql.ParenExpr() | promql.UnaryExpr():
            yield from grouped(node.expr)
        case _:
            pass


def metric_of(name: str) -> Metric | None:
    """The metric of a series' name."""
    plain = re.sub(r"_(bucket|sum|count)$", "", name)
    if plain != name:
        found = METRICS.get(plain)
        return found if found is not None and found.kind == HISTOGRAM else None
    found = METRICS.get(name)
    return None if found is None or found.kind == HISTOGRAM else found


def labels_of(metric: Metric) -> set[str]:
    return {*metric.labels, *OF_THE_SCRAPE, *(["le"] if metric.kind == HISTOGRAM else [])}


@pytest.mark.parametrize(("where", "query"), QUERIES, ids=[where for where, _ in QUERIES])
def test_a_query_names_what_there_is(where: str, query: str) -> None:
    found = list(selectors(parsed(query)))
    assert found
    for selector in found:
        metric = metric_of(selector.name)
        assert metric is not None, f"{where}: there is no {selector.name}"
        asked = {matcher.name for matcher in selector.matchers.matchers}
        assert asked <= labels_of(metric), f"{where}: {selector.name} has no such label"
    for labels, inner in grouped(parsed(query)):
        for selector in selectors(inner):
            metric = metric_of(selector.name)
            assert metric is not None
            assert set(labels) <= labels_of(metric), f"{where}: {selector.name}"


def test_the_check_finds_what_is_wrong() -> None:
    assert metric_of("orchestrate_workflow") is None
    assert metric_of("orchestrate_step_duration_seconds") is None
    assert metric_of("orchestrate_step_duration_seconds_bucket") is not None
    ((labels, inner),) = grouped(parsed("sum by (state) (rate(orchestrate_events_total[5m]))"))
    assert labels == ["state"]
    assert [selector.name for selector in selectors(inner)] == ["orchestrate_events_total"]
    with pytest.raises(ValueError, match="unclosed"):
        parsed("sum(orchestrate_held")


def test_every_alert_says_what_is_wrong_and_what_to_do() -> None:
    groups = yaml.safe_load((FOLDER / "alerts.yaml").read_text())["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules) > 10
    for rule in rules:
        assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("info", "warning", "critical")
        assert rule["annotations"].keys() == {"summary", "description"}
    tested = yaml.safe_load((FOLDER / "alerts.test.yaml").read_text())["tests"]
    named = {case["alertname"] for test in tested for case in test["alert_rule_test"]}
    assert named <= {rule["alert"] for rule in rules}


def test_every_metric_is_documented_and_nothing_else() -> None:
    text = (ROOT / "docs" / "monitoring.md").read_text()
    rows = set(re.findall(r"^\| `(orchestrate_\w+)`", text, re.MULTILINE))
    assert rows == set(METRICS)


def test_panels_do_not_overlap() -> None:
    board = json.loads((FOLDER / "grafana-dashboard.json").read_text())
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
