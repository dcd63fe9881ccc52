"""The playbooks that come with the program.

They are found after the project's own: a project's playbook of the same name wins, so that one of
them can be taken into the project and changed there without anything else having to know.
"""

import os
from pathlib import Path

SHIPPED_FOLDER = os.path.join(os.path.dirname(__file__), "playbooks")  # noqa: PTH118, PTH120 - on every start
"""Where they are: data of the package, with their scenario files in `tests/`."""

_SUFFIX = ".yaml"


def find_shipped(name: str) -> Path | None:
    """The shipped playbook of that name, or None."""
    if not name or "/" in name or name.startswith("."):
        return None
    file = Path(SHIPPED_FOLDER, name + _SUFFIX)
    return file if file.is_file() else None


def shipped_playbooks() -> list[Path]:
    """All of them, by name."""
    return sorted(Path(SHIPPED_FOLDER).glob(f"*{_SUFFIX}"))


def is_shipped(file: Path) -> bool:
    """Whether a playbook is one of them."""
    return str(file.parent) == SHIPPED_FOLDER


def shipped_scenarios(name: str) -> list[Path]:
    """The scenario files of a shipped playbook."""
    return sorted(Path(SHIPPED_FOLDER, "tests").glob(f"{name}{_SUFFIX}"))
