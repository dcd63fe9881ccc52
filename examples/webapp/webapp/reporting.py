"""How the commands tell what they did: lines for people, values for the step's output."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple


class Report(NamedTuple):
    """What an operation did. `values` become the step's output when a playbook calls it."""

    text: str
    values: Mapping[str, Any]


def hand_over(report: Report) -> None:
    """Print the text, and give the values to whoever asked for them by ORCHESTRATE_OUTPUT."""
    print(report.text, flush=True)
    wanted = os.environ.get("ORCHESTRATE_OUTPUT")
    if wanted:
        with Path(wanted).open("a", encoding="utf-8") as file:
            file.write(json.dumps(report.values) + "\n")


def progress(percent: float) -> None:
    """Tell how far the operation is, if somebody asked for it by ORCHESTRATE_PROGRESS."""
    wanted = os.environ.get("ORCHESTRATE_PROGRESS")
    if wanted:
        Path(wanted).write_text(f"{percent:.0f}\n", encoding="utf-8")
