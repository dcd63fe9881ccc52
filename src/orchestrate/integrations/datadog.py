"""Datadog: figures of workflows that ended, and an event for each notice.

Tags are few and bounded: nothing that is new with every workflow is one. Workflows are named in
events only. What was sent before an attempt failed midway is remembered, and not sent twice.
"""

import re
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from orchestrate.integrations import wording
from orchestrate.integrations.message import Notice, StepTime
from orchestrate.integrations.options import Options
from orchestrate.integrations.service import (
    Limits,
    Memory,
    OptionsError,
    Refused,
    RetryLater,
    Service,
)
from orchestrate.playbook.plan import Json

SITE = "datadoghq.com"
OLDEST = 3600.0 - 120.0
"""Seconds of age up to which Datadog takes a point, with some for the way there."""
OLDEST_EVENT = 17 * 3600.0
"""And an event; it may be 18 hours old."""
TAG = 200
"""Characters of a tag."""
TITLE = 500
TEXT = 3900
"""Characters of an event's text; 4,000 are taken."""
KEY = 100
"""Characters of the key by which events are put together."""
_ALERTS = {
    "start": "info",
    "success": "success",
    "failure": "error",
    "pause": "warning",
    "approval": "warning",
    "recovery": "success",
}
_ODD = re.compile(r"[^\w\-:./]+")


def make(given: Mapping[str, Json], limits: Limits) -> Service:
    """Options: `api_key`, `site`, `url` (a relay in place of a site), `track_metrics`,
    `track_events`, `tags`; `events`, if not everything that it is told shall be an event.
    """
    options = Options("datadog", given)
    key = options.needed(
        "api_key",
        "Write `api_key: ${DATADOG_API_KEY}` in the playbook, or set it under "
        "[integrations.datadog] in orchestrate.toml.",
    )
    site = options.text("site") or SITE
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", site) or site.startswith(("app.", "api.")):
        raise OptionsError(
            f"`{site}` is no site of Datadog",
            hint="It is one such as datadoghq.com, us3.datadoghq.com, us5.datadoghq.com, "
            "datadoghq.eu, ap1.datadoghq.com or ddog-gov.com.",
        )
    url = options.text("url")
    address = f"https://api.{site}" if url is None else options.address("url", url)
    wanted = [name for name in ("metrics", "events") if options.flag(f"track_{name}", default=True)]
    tags = [_tag(each) for each in options.texts("tags")]
    kinds = options.texts("events") or list(_ALERTS)
    if "success" in kinds:
        kinds.append("recovery")
    return _Datadog(_library(), address, key, wanted, kinds, tags, limits)


def _library() -> Any:
    try:
        return import_module("orchestrate.integrations.datadog_client")
    except ImportError:
        raise OptionsError(
            "the datadog integration needs the library datadog-api-client, which is not installed",
            hint="Install it: `pip install 'aither-orchestrate[datadog]'`.",
        ) from None


class _Datadog:
    """Remembered: which parts of a notice were `sent`, and the notice's `key`."""

    def __init__(
        self,
        library: Any,
        address: str,
        key: str,
        wanted: list[str],
        kinds: list[str],
        tags: list[str],
        limits: Limits,
    ) -> None:
        self._library = library
        self._address = address
        self._key = key
        self._wanted = wanted
        self._kinds = kinds
        self._tags = tags
        self._limits = limits

    def scope(self, notice: Notice) -> str:
        return notice.workflow

    def deliver(self, notice: Notice, memory: Memory) -> Memory:
        talk = self._library.Talk(self._address, self._key, self._limits)
        parts = self._parts(talk, notice)
        known = memory.get("sent") if memory.get("key") == notice.key else None
        sent: list[Json] = list(known) if isinstance(known, list) else []
        for name, send in parts.items():
            if name in sent:
                continue
            try:
                send()
            except RetryLater as later:
                done: Memory = {"key": notice.key, "sent": sent}
                raise RetryLater(later.after, later.why, done) from None
            sent.append(name)
        if self._too_old(notice):
            raise Refused("the figures are more than an hour old: Datadog would leave them out")
        return {}

    def _parts(self, talk: Any, notice: Notice) -> dict[str, Callable[[], None]]:
        """What there is to send, in this order."""
        parts: dict[str, Callable[[], None]] = {}
        if "events" in self._wanted and notice.kind in self._kinds:
            parts["event"] = lambda: talk.event(event(notice, [*base_tags(notice), *self._tags]))
        if "metrics" in self._wanted and notice.is_over and not self._too_old(notice):
            tags = [*base_tags(notice), *self._tags]
            parts["distributions"] = lambda: talk.distributions(distributions(notice, tags))
            parts["counts"] = lambda: talk.series(counts(notice, tags))
        return parts

    def _too_old(self, notice: Notice) -> bool:
        measured = "metrics" in self._wanted and notice.finished_at is not None
        return measured and time.time() - _moment(notice) > OLDEST


def base_tags(notice: Notice) -> list[str]:
    """What every figure and event is tagged with."""
    tags = {
        "project": notice.project,
        "playbook": notice.playbook,
        "env": notice.environment,
        "category": notice.category,
    }
    return [_tag(f"{name}:{value}") for name, value in tags.items() if value]


def counts(notice: Notice, tags: list[str]) -> list[dict[str, Any]]:
    """How many workflows and steps ended in which way, and how many attempts were not the first."""
    when = int(_moment(notice))

    def count(metric: str, value: float, *more: str) -> dict[str, Any]:
        point = {"timestamp": when, "value": float(value)}
        return {
            "metric": metric,
            "type": 1,
            "interval": 1,
            "points": [point],
            "tags": [*tags, *more],
        }

    steps = [
        count("orchestrate.step.finished", number, f"outcome:{outcome}")
        for outcome, number in notice.metrics.steps.items()
        if number
    ]
    return [
        count("orchestrate.workflow.finished", 1, f"outcome:{notice.state}"),
        count("orchestrate.workflow.retries", notice.metrics.retries),
        *steps,
    ]


def distributions(notice: Notice, tags: list[str]) -> list[dict[str, Any]]:
    """How long workflows and their top-level steps took, and waited for locks and capacity."""
    when = int(_moment(notice))

    def spread(metric: str, value: float, *more: str) -> dict[str, Any]:
        return {"metric": metric, "points": [[float(when), [float(value)]]], "tags": [*tags, *more]}

    return [
        spread("orchestrate.workflow.duration", notice.duration or 0.0, f"outcome:{notice.state}"),
        spread("orchestrate.workflow.lock_wait", notice.metrics.lock_wait),
        *(
            spread("orchestrate.step.duration", step.duration, *_step_tags(step))
            for step in notice.metrics.slowest
        ),
    ]


def event(notice: Notice, tags: list[str]) -> dict[str, Any]:
    """What the event stream shows."""
    made: dict[str, Any] = {
        "title": wording.shortened(wording.headline(notice), TITLE),
        "text": _verbatim(wording.shortened(wording.plain(notice), TEXT)),
        "alert_type": "warning" if notice.state == "cancelled" else _ALERTS[notice.kind],
        "aggregation_key": notice.workflow[:KEY],
        "source_type_name": "orchestrate",
        "tags": [*tags, f"workflow:{_tag(notice.workflow)}", f"outcome:{notice.state}"],
    }
    if time.time() - notice.at < OLDEST_EVENT:
        made["date_happened"] = int(notice.at)
    return made


def _step_tags(step: StepTime) -> tuple[str, ...]:
    return (_tag(f"step:{step.path}"), _tag(f"type:{step.label}"), f"outcome:{step.state}")


def _moment(notice: Notice) -> float:
    return notice.at if notice.finished_at is None else notice.finished_at


def _tag(said: str) -> str:
    """A tag as Datadog keeps it."""
    return _ODD.sub("_", said.strip().lower())[:TAG]


def _verbatim(said: str) -> str:
    # Three percent signs would begin Markdown, in which output of steps is not to be read.
    return said.replace("%%%", "% % %")
