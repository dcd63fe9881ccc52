"""Times as playbooks write them: cron expressions (five fields, names, `@daily`), evaluated by
`cronsim`, and time zones.

The day-of-month and day-of-week rules are those of Debian's cron. Six fields (seconds) are refused:
two schedulers that count seconds differently are worse than none.
"""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from cronsim import CronSim, CronSimError

from orchestrate.errors import UsageError
from orchestrate.playbook.spelling import nearest

MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
FIELDS = ("minute", "hour", "day of month", "month", "day of week")
_RANGES = ("0-59", "0-23", "1-31, L", "1-12, JAN-DEC", "0-7, SUN-SAT")
_BEGINNING = datetime(2024, 1, 1)


class Cron(NamedTuple):
    """A checked expression: `source` as it was written, `fields` the five of them."""

    source: str
    fields: str

    @property
    def follows_the_clock(self) -> bool:
        """Whether it runs every so many minutes or hours, whatever the clock on the wall does: its
        hours or minutes begin with `*`. Others mean a time of day.
        """
        minute, hour, *_ = self.fields.split()
        return hour.startswith("*") or minute.startswith("*")

    def local_times(self, after: datetime) -> Iterator[datetime]:
        """Times on the wall clock, without zone, after `after` (exclusive), without end."""
        try:
            yield from CronSim(self.fields, after.replace(tzinfo=None))
        except (CronSimError, OverflowError):  # the year 9999, or no such day within 50 years
            return


def parse_cron(text: str) -> Cron:
    """Check an expression. Raises UsageError that names the field which is wrong."""
    source = " ".join(text.split())
    if source.startswith("@"):
        return Cron(source, _macro(source))
    fields = source.upper().split()
    if len(fields) != len(FIELDS):
        raise UsageError(f"`{source}` has {len(fields)} fields; a schedule has five",
                         hint=_hint_of_count(fields))  # fmt: skip
    for position, field in enumerate(fields):
        alone = ["*"] * len(FIELDS)
        alone[position] = field
        try:
            next(CronSim(" ".join(alone), _BEGINNING))
        except (CronSimError, ValueError, AssertionError, StopIteration):
            raise UsageError(
                f"`{field}` cannot be a {FIELDS[position]}",
                hint=f"The {FIELDS[position]} is `*`, numbers or names ({_RANGES[position]}),"
                " lists `1,2`, ranges `1-5`, steps `*/10`.",
            ) from None
    cron = Cron(source, " ".join(fields))
    if next(cron.local_times(_BEGINNING), None) is None:
        raise UsageError(
            f"`{source}` never comes", hint="There is no such day, such as 30 February."
        )
    return cron


def _macro(source: str) -> str:
    if source == "@reboot":
        raise UsageError("`@reboot` is no time", hint="Use a systemd unit that runs at start.")
    fields = MACROS.get(source.lower())
    if fields is None:
        raise UsageError(f"`{source}` is unknown", hint=f"There are: {', '.join(MACROS)}.")
    return fields


def _hint_of_count(fields: list[str]) -> str:
    if len(fields) == len(FIELDS) + 1:
        return f"Seconds are not supported; without the first field: `{' '.join(fields[1:])}`."
    return f"They are {', '.join(FIELDS)}: `0 2 * * *` is every day at 02:00. Put it in quotes."


def zone_named(name: str) -> tzinfo:
    """A time zone of the IANA database. Raises UsageError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        alike = (zone for zone in available_timezones() if zone[:3].lower() == name[:3].lower())
        near = nearest(name, sorted(alike))
        hint = f"Did you mean `{near}`?" if near else "Such as `Europe/Berlin`, or `UTC`."
        raise UsageError(f"there is no time zone {name}", hint=hint) from None
