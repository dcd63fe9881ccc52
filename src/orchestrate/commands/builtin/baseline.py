"""What `/monitor --baseline previous` compares with: the figures of the last run that passed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from orchestrate.commands.builtin.durable_files import locked, write_atomically

NOTICEABLE = 0.05
"""Seconds. A latency that grew by less is no regression, whatever the ratio: 1 ms and 3 ms are the
same to everybody."""


class Figures(NamedTuple):
    """What one check came to over a run."""

    pass_rate: float
    """0 to 1."""
    latency: float | None
    """p95, seconds."""
    value: float | None
    """The mean."""
    better: str | None
    """`lower` or `higher` if the value may be compared."""


def read_baseline(path: Path) -> dict[str, Figures] | None:
    """The recorded figures; None if there are none (a damaged record counts as none)."""
    try:
        data: dict[str, Any] = json.loads(path.read_bytes())
        return {name: Figures(**figures) for name, figures in data["checks"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def record_baseline(path: Path, checks: Mapping[str, Figures]) -> None:
    """Keep `checks` as what the next run compares with."""
    data = {"checks": {name: figures._asdict() for name, figures in checks.items()}}
    with locked(path.with_suffix(".lock")):
        write_atomically(path, json.dumps(data, indent=1).encode())


def compare(
    now: Mapping[str, Figures],
    before: Mapping[str, Figures],
    *,
    tolerance: float,
    threshold: float,
) -> tuple[list[str], list[str]]:
    """What was compared, and what of it got worse (sentences).

    Compared are, for each check that both runs did: its pass rate (worse: lower by more than
    1 - `threshold`), its p95 latency (worse: longer by more than the share `tolerance` and by
    more than NOTICEABLE), and its value if it says which direction is better (worse by more than
    the share `tolerance`).
    """
    compared: list[str] = []
    worse: list[str] = []
    for name, new in now.items():
        old = before.get(name)
        if old is None:
            continue
        compared.append(f"{name} pass rate")
        if new.pass_rate < old.pass_rate - (1 - threshold):
            worse.append(f"{name}: pass rate {new.pass_rate:.0%}, was {old.pass_rate:.0%}")
        if new.latency is not None and old.latency is not None:
            compared.append(f"{name} latency")
            grown = new.latency - old.latency
            if grown > NOTICEABLE and grown > old.latency * tolerance:
                milliseconds = f"{new.latency * 1000:.0f} ms, was {old.latency * 1000:.0f} ms"
                worse.append(f"{name}: latency {milliseconds}")
        if new.better and new.value is not None and old.value is not None:
            compared.append(f"{name} value")
            grown = new.value - old.value if new.better == "lower" else old.value - new.value
            if grown > abs(old.value) * tolerance:
                worse.append(f"{name}: value {new.value:g}, was {old.value:g}")
    return compared, worse
