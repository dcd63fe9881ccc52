"""Datadog: figures, events, their tags, and what Datadog says no with."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from vendors.datadog import Datadog
from vendors.notices import STEP, notice
from vendors.serving import GARBAGE, HALF, HANG, REFUSE, Trouble, saying

from orchestrate.integrations.service import (
    Limits,
    OptionsError,
    Refused,
    RetryLater,
    Service,
)
from orchestrate.integrations.services import build

SHORT = Limits(connect=5.0, total=0.5)
PATIENT = Limits(connect=30.0, total=60.0)
BASE = ["project:shop", "playbook:deploy-web-app", "env:production", "category:deployment"]


@pytest.fixture
def datadog() -> Iterator[Datadog]:
    server = Datadog()
    server.start()
    yield server
    server.stop()


def service(server: Datadog, limits: Limits = PATIENT, **options: Any) -> Service:
    given = {"api_key": server.key, "url": server.address, "track_metrics": True}
    return build("datadog", {**given, **options}, limits)


def test_a_workflow_that_ended_is_counted_and_measured(datadog: Datadog) -> None:
    failed = notice("failure")
    assert service(datadog, tags=["team:Ops Night", "tier1"]).deliver(failed, {}) == {}
    tags = [*BASE, "team:ops_night", "tier1"]
    counted = {
        (each["metric"], *each["tags"][len(tags) :]): each["points"][0]["value"]
        for each in datadog.series
    }
    assert counted == {
        ("orchestrate.workflow.finished", "outcome:failed"): 1,
        ("orchestrate.workflow.retries",): 3,
        ("orchestrate.step.finished", "outcome:succeeded"): 4,
        ("orchestrate.step.finished", "outcome:failed"): 1,
        ("orchestrate.step.finished", "outcome:skipped"): 2,
    }
    assert all(each["tags"][: len(tags)] == tags and each["type"] == 1 for each in datadog.series)
    measured = {
        (each["metric"], *each["tags"][len(tags) :]): each["points"][0][1]
        for each in datadog.distributions
    }
    step = "orchestrate.step.duration"
    assert measured == {
        ("orchestrate.workflow.duration", "outcome:failed"): [143.0],
        ("orchestrate.workflow.lock_wait",): [1.5],
        (step, "step:deploy/backend", "type:deployment", "outcome:failed"): [92.4],
        (step, "step:backup-current", "type:backup", "outcome:succeeded"): [31.0],
    }
    assert failed.finished_at is not None
    assert datadog.series[0]["points"][0]["timestamp"] == int(failed.finished_at)
    assert not any("WF-" in tag for each in datadog.series for tag in each["tags"])


def test_a_notice_is_an_event(datadog: Datadog) -> None:
    failed = notice("failure")
    service(datadog).deliver(failed, {})
    [event] = datadog.events
    assert event["title"] == "deploy-web-app failed in production"
    assert event["alert_type"] == "error"
    assert event["aggregation_key"] == "WF-2026-017"
    assert event["date_happened"] == int(failed.at)
    assert event["tags"] == [*BASE, "workflow:wf-2026-017", "outcome:failed"]
    assert "Failed step: deploy/backend (4 attempts, exit code 2)" in event["text"]
    assert "error: <registry> & mirror are gone" in event["text"]
    assert "orchestrate resume --workflow WF-2026-017" in event["text"]


@pytest.mark.parametrize(
    ("kind", "alert"),
    [
        ("start", "info"),
        ("success", "success"),
        ("recovery", "success"),
        ("pause", "warning"),
        ("approval", "warning"),
    ],
)
def test_only_ends_have_figures(datadog: Datadog, kind: str, alert: str) -> None:
    service(datadog).deliver(notice(kind), {})
    assert [each["alert_type"] for each in datadog.events] == [alert]
    assert bool(datadog.series) == (kind in ("success", "recovery"))


def test_figures_without_events_and_events_without_figures(datadog: Datadog) -> None:
    service(datadog, track_events=False).deliver(notice(), {})
    assert (len(datadog.events), len(datadog.series)) == (0, 5)
    service(datadog, track_metrics=False).deliver(notice(), {})
    assert (len(datadog.events), len(datadog.series)) == (1, 5)


def test_only_what_is_asked_for_is_an_event_and_every_end_is_counted(datadog: Datadog) -> None:
    for kind in ("start", "success", "recovery", "failure"):
        service(datadog, events=["start", "failure"]).deliver(notice(kind), {})
    assert [each["alert_type"] for each in datadog.events] == ["info", "error"]
    ended = [each for each in datadog.series if each["metric"] == "orchestrate.workflow.finished"]
    assert len(ended) == 3
    # A success after a failure is a success to whom asks for those.
    service(datadog, events=["success"]).deliver(notice("recovery"), {})
    assert datadog.events[-1]["alert_type"] == "success"


def test_what_was_sent_before_the_trouble_is_not_sent_again(datadog: Datadog) -> None:
    datadog.troubles = [None, None, saying(503)]
    with pytest.raises(RetryLater) as later:
        service(datadog).deliver(notice(), {})
    assert later.value.memory is not None
    assert service(datadog).deliver(notice(), later.value.memory) == {}
    assert (len(datadog.events), len(datadog.distributions)) == (1, 4)
    assert len(datadog.series) == 5
    # What is remembered of one notice says nothing of the next.
    service(datadog).deliver(notice(key="WF-2026-017/40/datadog"), later.value.memory)
    assert len(datadog.events) == 2


def test_figures_that_datadog_would_drop_are_refused_and_the_event_comes(
    datadog: Datadog,
) -> None:
    ago = time.time() - 2 * 3600
    with pytest.raises(Refused, match="more than an hour old"):
        service(datadog).deliver(notice(at=ago, finished_at=ago), {})
    assert (len(datadog.events), datadog.series) == (1, [])
    yesterday = time.time() - 24 * 3600
    service(datadog, track_metrics=False).deliver(notice(at=yesterday), {})
    assert "date_happened" not in datadog.events[1]


def test_the_longest_event_keeps_the_limits_and_is_no_markdown(datadog: Datadog) -> None:
    loud = STEP._replace(output="%%% \n# loud\n" + "x" * 9000, message="m" * 9000)
    service(datadog).deliver(notice(failed=loud, playbook="p" * 900), {})
    [event] = datadog.events
    assert len(event["title"]) == 500
    assert "%%%" not in event["text"]
    assert max(map(len, event["tags"])) <= 200


@pytest.mark.parametrize(
    ("trouble", "after", "why"),
    [
        (saying(429, {"errors": []}, {"X-RateLimit-Reset": "12"}), 12.0, "asks for patience"),
        (saying(429, {"errors": []}, {"Retry-After": "5"}), 5.0, "asks for patience"),
        (saying(500, {"errors": ["Internal error"]}), None, "Datadog has trouble (500)"),
        (saying(408, {"errors": ["Request timeout"]}), None, "Datadog has trouble (408)"),
        (saying(302, "", {"Location": "https://elsewhere.example.com"}), None, "leads elsewhere"),
        (GARBAGE, None, "not its own"),
        (REFUSE, None, "closed the connection"),
        (HALF, None, "closed the connection"),
    ],
)
def test_what_passes_is_tried_later(
    datadog: Datadog, trouble: Trouble, after: float | None, why: str
) -> None:
    datadog.troubles = [trouble]
    with pytest.raises(RetryLater) as later:
        service(datadog).deliver(notice(), {})
    assert (later.value.after, why in later.value.why) == (after, True)
    assert len(datadog.asked) == 1
    assert datadog.key not in later.value.why


@pytest.mark.parametrize("answer", ["", "ok", "<html>accepted</html>"])
def test_a_relay_may_accept_in_its_own_words(datadog: Datadog, answer: str) -> None:
    datadog.troubles = [saying(202, answer)] * 3
    assert service(datadog).deliver(notice(), {}) == {}
    assert len(datadog.asked) == 3


def test_a_datadog_that_hangs_or_never_ends_is_left_in_time(datadog: Datadog) -> None:
    datadog.troubles = [HANG]
    began = time.monotonic()
    with pytest.raises(RetryLater, match="Datadog did not answer in time"):
        service(datadog, SHORT).deliver(notice(), {})
    assert time.monotonic() - began < 60
    datadog.troubles = [saying(200, '"' + "x" * 5_000_000)]
    with pytest.raises(RetryLater, match="not its own"):
        service(datadog).deliver(notice(), {})


def test_what_will_never_be_taken_is_refused_with_what_to_do(datadog: Datadog) -> None:
    with pytest.raises(Refused, match=r"\(403\): .*look at `api_key`.*Forbidden") as refused:
        service(datadog, api_key="wrong-key").deliver(notice(), {})
    assert "wrong-key" not in refused.value.why
    datadog.troubles = [saying(400, {"errors": ["Payload is not in the expected format"]})]
    with pytest.raises(Refused, match="not in the expected format"):
        service(datadog).deliver(notice(), {})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "has no `api_key`"),
        ({"api_key": "k", "site": "https://app.datadoghq.eu"}, "is no site of Datadog"),
        ({"api_key": "k", "site": "app.datadoghq.eu"}, "is no site of Datadog"),
        ({"api_key": "k", "track_metrics": "yes"}, "`track_metrics` of the datadog integration"),
        ({"api_key": "k", "url": "relay:8080"}, "`url` of the datadog integration"),
    ],
)
def test_options_that_cannot_work(options: Any, message: str) -> None:
    with pytest.raises(OptionsError) as wrong:
        build("datadog", options, PATIENT)
    assert message in wrong.value.message
    assert wrong.value.hint


def test_a_site_is_where_the_keys_belong() -> None:
    made: Any = build("datadog", {"api_key": "k", "site": "us5.datadoghq.com"}, PATIENT)
    assert made._address == "https://api.us5.datadoghq.com"
