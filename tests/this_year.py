"""The year with which the names of new workflows begin, as in `WF-2026-001`."""

from datetime import UTC, datetime

YEAR = datetime.now(UTC).year
