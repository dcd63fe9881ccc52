"""Moments as text: seconds since the epoch to RFC 3339 in UTC, and back. Reads no clock."""

from datetime import UTC, datetime


def rfc3339(at: float | None) -> str | None:
    """`2026-11-22T16:30:00.125Z`, or None for None."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def compact(at: float) -> str:
    """`20261122T163000Z`: the built-in `timestamp`, fit for names of files and backups."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")


def parse_moment(text: str) -> float:
    """Seconds since the epoch of an RFC 3339 moment. Raises ValueError if it is none, or if it
    does not say its offset from UTC.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a moment such as 2026-11-22T16:30:00Z") from None
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} does not say its time zone; end it with Z or an offset")
    return moment.timestamp()
