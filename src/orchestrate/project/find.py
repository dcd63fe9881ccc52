"""Where the project is: the nearest parent with `orchestrate.toml` or `playbooks/`."""

from collections.abc import Mapping
from pathlib import Path

from orchestrate.errors import NotFoundError
from orchestrate.project.model import Project
from orchestrate.project.settings import FILE_NAME, read_settings

PLAYBOOKS = "playbooks"
STATE_DIRECTORY = ".orchestrate"
STATE_VARIABLE = "ORCHESTRATE_STATE_DIR"


def find_project(start: Path, env: Mapping[str, str]) -> Project:
    """The project that `start` (a directory) lies in.

    `env` may move the state directory with ORCHESTRATE_STATE_DIR (a relative one counts from
    `start`). Raises NotFoundError outside of any project, SettingsError for a broken
    `orchestrate.toml`.
    """
    start = start.absolute()
    root = find_root(start)
    if root is None:
        raise NotFoundError(
            f"{start} is not in a project: neither it nor a parent has {FILE_NAME} or {PLAYBOOKS}/",
            hint="Change into a project, or make one here with `orchestrate init`.",
        )
    override = env.get(STATE_VARIABLE, "")
    state_dir = start / Path(override).expanduser() if override else root / STATE_DIRECTORY
    return Project(root, state_dir, read_settings(root))


def find_root(start: Path) -> Path | None:
    """The root of the project around `start`, or None."""
    for directory in (start, *start.parents):
        if (directory / FILE_NAME).is_file() or (directory / PLAYBOOKS).is_dir():
            return directory
    return None
