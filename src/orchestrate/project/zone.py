"""The time zone of this machine."""

import os
from pathlib import Path


def local_zone() -> str:
    """The IANA name of this machine's time zone; UTC if it cannot be told."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if named:
        return named
    place = Path("/etc/timezone")
    if place.is_file():
        return place.read_text().strip() or "UTC"
    target = os.path.realpath("/etc/localtime")
    _, found, zone = target.partition("/zoneinfo/")
    return zone if found else "UTC"
