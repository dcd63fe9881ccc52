"""`[rate_limits]` and `[[freeze]]` of `orchestrate.toml`: read, checked and typed."""

import re
from typing import Any

from orchestrate.project.fields import Table, describe
from orchestrate.project.model import FreezeWindow, RateLimit

RATE = r"^\s*([1-9]\d{0,5})\s*/\s*(second|minute|hour|day)\s*$"
_SECONDS = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0}
PRIORITIES = ("critical", "high", "normal", "low")
FREEZE = {
    "name": "text",
    "from": "text",
    "until": "text",
    "cron": "text",
    "duration": "duration",
    "time_zone": "text",
    "environments": "texts",
    "allow_priority": "text",
}
GROUP = {"commands": "texts", "limit": "text"}


def read_rate_limits(table: Table) -> tuple[RateLimit, ...]:
    """Every limit: by command (`"infra"`), by its first words (`"/infra deploy"`), by group."""
    found: list[RateLimit] = []
    for key in table.data:
        if key == "group":
            found += [_group(name, entry) for name, entry in table.table("group").tables()]
        else:
            count, period = _rate(table, key)
            found.append(RateLimit(key, (_words(key),), count, period))
    return tuple(found)


def _group(name: str, table: Table) -> RateLimit:
    table.require("commands", "limit")
    commands = table.read("commands", "texts") or ()
    count, period = _rate(table, "limit")
    table.finish()
    return RateLimit(f"group {name}", tuple(map(_words, commands)), count, period)


def _rate(table: Table, key: str) -> tuple[int, float]:
    text = table.read(key, "text")
    found = re.match(RATE, text) if text is not None else None
    if found is None:
        if text is not None:
            hint = 'Such as "10/minute"; per second, minute, hour or day.'
            table.problem(key, f"{table.name(key)} is {describe(text)}, which is no rate", hint)
        return 1, 1.0
    return int(found[1]), _SECONDS[found[2]]


def _words(command: str) -> tuple[str, ...]:
    """The first words of calls, without the slash of a command."""
    return tuple(command.removeprefix("/").split())


def read_capacity(table: Table) -> tuple[tuple[str, int], ...]:
    """`[capacity]`: names and whole numbers."""
    return tuple((name, table.integer(name, 1, 1)) for name in table.data)


def read_freezes(top: Table) -> tuple[FreezeWindow, ...]:
    """Every `[[freeze]]`."""
    found: list[FreezeWindow] = []
    for data in top.read("freeze", "tables") or ():
        texts = {key: _as_text(value) for key, value in data.items()}
        entry = Table(texts, ("freeze",), top.source)
        found.append(_freeze(entry, entry.values(FREEZE)))
    return tuple(found)


def _as_text(value: Any) -> Any:
    """TOML has dates and times of its own; they are taken as they are written."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def _freeze(entry: Table, values: Any) -> FreezeWindow:
    if "name" not in values:
        entry.problem("name", "a [[freeze]] has no `name`", "Say why nothing may begin then.")
    once, again = {"from", "until"} & values.keys(), {"cron", "duration"} & values.keys()
    if len(once) + len(again) != 2 or len(once) == 1:
        hint = "`from` and `until` for once, `cron` and `duration` for again and again."
        entry.problem("name", "a [[freeze]] needs its times, either once or again", hint)
    if values.get("allow_priority", "high") not in PRIORITIES:
        known = ", ".join(PRIORITIES)
        entry.problem("allow_priority", "freeze.allow_priority is no priority", f"One of {known}.")
    zone = values.get("time_zone")
    _check_zone_and_cron(entry, zone, values.get("cron"))
    environments = values.get("environments")
    return FreezeWindow(
        name=values.get("name", ""),
        start=_moment(entry, "from", values, zone),
        end=_moment(entry, "until", values, zone),
        cron=values.get("cron"),
        duration=values.get("duration") or 0.0,
        zone=zone,
        environments=None if environments is None else tuple(environments),
        allow_priority=values.get("allow_priority"),
    )


def _check_zone_and_cron(entry: Table, zone: str | None, cron: str | None) -> None:
    from orchestrate.errors import OrchestrateError
    from orchestrate.playbook.cron import parse_cron, zone_named

    for key, value, check in (("time_zone", zone, zone_named), ("cron", cron, parse_cron)):
        try:
            if value is not None:
                check(value)
        except OrchestrateError as error:
            entry.problem(key, error.message, error.hint)


def _moment(entry: Table, key: str, values: Any, zone: str | None) -> float | None:
    """Seconds since the epoch. A date alone is its midnight; what names no zone is in `zone`."""
    text = values.get(key)
    if text is None:
        return None
    from datetime import datetime

    from orchestrate.errors import OrchestrateError
    from orchestrate.playbook.cron import zone_named

    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None and zone is not None:
            moment = moment.replace(tzinfo=zone_named(zone))
        return moment.timestamp()
    except OrchestrateError:  # a zone that does not exist is reported already
        return None
    except (ValueError, OverflowError, OSError):
        hint = "Such as 2026-12-20 or 2026-12-20T18:00:00+01:00."
        entry.problem(key, f"freeze.{key} is no date or time: {text}", hint)
        return None
