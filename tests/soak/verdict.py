"""What a soak has shown: what grows, what was lost, doubled, stuck or left. All is computed."""

import os
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from crash.harness import processes_of
from polling import eventually
from soak.load import open_workflows
from soak.playbooks import SCHEDULES
from soak.samples import Watcher
from soak.site import Site
from soak.trend import Point, Trend, trend_of

SHORTEST = 1200.0
"""Seconds: in a shorter soak nothing has come to rest, and growth says nothing: what ended is kept
for five minutes.
"""
WARM_UP = 1 / 6
"""Of the time: caches fill, and nothing is old enough to be removed."""
_ALL_DUE = 240.0
"""Seconds after which every schedule was due, each once a minute."""
_YOUNG = 1 / 12
"""The same for the beginning of each daemon, five minutes at most: for so long workflows are kept,
so it comes to know more and more of them.
"""


class Series(NamedTuple):
    """Something that must not grow."""

    name: str
    keys: tuple[str, ...]
    """Fields of samples, added up."""
    most: float
    """By which share of its level it may seem to grow over the whole soak."""
    of_daemon: bool = False
    """A new daemon begins anew."""
    unit: float = 1.0
    unit_name: str = ""
    of_kept: bool = False
    """For each workflow that is kept: how many those are rests on how fast the machine is."""

    def value(self, sample: Mapping[str, Any]) -> float | None:
        """What a sample has of it; None if nothing."""
        if any(sample.get(key) is None for key in self.keys):
            return None
        whole = sum(sample[key] for key in self.keys) / self.unit
        return whole / max(1, sum(sample["workflows"].values())) if self.of_kept else whole


_MIB = float(1 << 20)
SERIES = (
    Series("memory of the daemon", ("daemon_rss",), 0.10, True, _MIB, "MiB"),
    Series("open files of the daemon", ("daemon_fds",), 0.10, True),
    Series("threads of the daemon", ("daemon_threads",), 0.10, True),
    Series("largest of the other engines", ("engines_rss_max",), 0.10, False, _MIB, "MiB"),
    Series("largest of the supervisors", ("supervisors_rss_max",), 0.10, False, _MIB, "MiB"),
    Series(
        "store and its log, each workflow", ("database", "wal"), 0.15, False, 1024.0, "KiB", True
    ),
    Series("state beside it, each workflow", ("state",), 0.15, False, 1024.0, "KiB", True),
    Series("files there, for each workflow", ("files",), 0.15, of_kept=True),
)
"""How many processes there are rests on the machine's speed, too; at the end there must be none."""


def points_of(samples: Sequence[Mapping[str, Any]], series: Series, seconds: float) -> list[Point]:
    """The samples that count for it, when everything has warmed up."""
    young = min(300.0, seconds * _YOUNG)
    return [
        Point(sample["at"], value, sample["life"] if series.of_daemon else 0)
        for sample in samples
        if sample["at"] >= seconds * WARM_UP
        and (value := series.value(sample)) is not None
        and not (series.of_daemon and sample["age"] < young)
    ]


def growth_of(trend: Trend, seconds: float) -> float:
    """Of its level, in a time of `seconds`."""
    return trend.slope * seconds / trend.level if trend.level else 0.0


def growths(
    samples: Sequence[Mapping[str, Any]], seconds: float
) -> list[tuple[Series, Trend | None, bool]]:
    """Each series with its trend, and whether it is flat. Nothing is known of a short soak."""
    found: list[tuple[Series, Trend | None, bool]] = []
    for series in SERIES:
        trend = trend_of(points_of(samples, series, seconds)) if seconds >= SHORTEST else None
        flat = seconds < SHORTEST if trend is None else growth_of(trend, seconds) <= series.most
        found.append((series, trend, flat))
    return found


def told(samples: Sequence[Mapping[str, Any]], seconds: float) -> list[str]:
    """The growths as lines."""
    lines: list[str] = []
    for series, trend, flat in growths(samples, seconds):
        if trend is None:
            lines.append(f"{series.name:33} {'too short to say' if flat else 'NO SAMPLES'}")
            continue
        lines.append(
            f"{series.name:33} {trend.level:8.1f} {series.unit_name:4}"
            f"{100 * growth_of(trend, seconds):+6.1f} % in the whole time, "
            f"{'flat' if flat else 'GROWS'} (at most {100 * series.most:.0f} %)"
        )
    return lines


def middle(samples: Sequence[Mapping[str, Any]], key: str) -> float:
    """The median of a field, where there is one; 0 if there never is."""
    values = [sample[key] for sample in samples if sample.get(key) is not None]
    return median(values) if values else 0.0


# --- when everything has ended


def await_the_end(site: Site, watcher: Watcher, patience: float) -> None:
    """Nothing is started any more: what was begun must come to its end."""

    def is_over() -> bool:
        watcher.judge()  # what has ended is pruned after a while, whoever has not
        return not open_workflows(site)

    try:
        eventually(is_over, "every workflow ends", patience, every=0.3)
    except AssertionError:
        for row in site.query(
            "SELECT id, playbook, state, reason FROM workflows WHERE finished_at IS NULL"
        ):
            site.ledger.fault(f"stuck: {row}")
    watcher.judge()
    for workflow, how in site.ledger.begun.items():
        if workflow not in watcher.judged:
            site.ledger.fault(f"lost: {workflow}, begun by {how}")


def check_slots(site: Site, watcher: Watcher, seconds: float) -> None:
    """Each slot of each schedule was started, once."""
    rows = site.query("SELECT schedule, at, outcome, workflow FROM slots ORDER BY schedule, at")
    for schedule, at, outcome, workflow in rows:
        if outcome != "started" or workflow not in watcher.judged:
            site.ledger.fault(f"the slot {at:.0f} of {schedule}: {outcome}, {workflow}")
    for (schedule, before, *_), (other, after, *_) in pairwise(rows):
        if schedule == other and after - before != 60.0:
            site.ledger.fault(f"{schedule} has no slot between {before:.0f} and {after:.0f}")
    if len({row[3] for row in rows}) != len(rows):
        site.ledger.fault("two slots started one workflow")
    if seconds >= _ALL_DUE and len({row[0] for row in rows}) != SCHEDULES:
        site.ledger.fault(f"not every schedule was due: {sorted({row[0] for row in rows})}")
    site.ledger.count("slots", len(rows))


def check_what_is_left(site: Site, watcher: Watcher) -> None:
    """No process, and when everything is pruned no file of any workflow or supervisor."""
    try:
        eventually(lambda: not processes_of(site.root), "every process ends")
    except AssertionError:
        site.ledger.fault(f"left: {processes_of(site.root)}")
    for words in (("audit", "verify"), ("prune", "--older-than", "0", "--yes")):
        done = site.call(*words)
        if done.returncode:
            site.ledger.fault(f"{' '.join(words)}: {done.returncode} {done.stdout}{done.stderr}")
    if site.query("PRAGMA integrity_check") != [("ok",)]:
        site.ledger.fault("the store is damaged")
    for row in site.query("SELECT id, playbook, state, owner_pid, finished_at FROM workflows"):
        site.ledger.fault(f"not pruned: {row}")
    for name in ("workflows", "supervisors", "sockets"):
        left = sorted(path.name for path in (site.state / name).iterdir())
        if left:
            site.ledger.fault(f"left in {name}: {left[:5]} ({len(left)})")
    places = [Path(place) for place in ("/dev/shm", os.environ.get("XDG_RUNTIME_DIR", "")) if place]
    left = [
        str(path)
        for place in places
        for path in place.glob("orchestrate-*")
        if path.name.removeprefix("orchestrate-").rpartition("-")[0] in watcher.supervisors
    ]
    if left:
        site.ledger.fault(f"left in memory: {left[:5]} ({len(left)})")
