"""Spawning the supervisor before anything heavy is imported, so that it starts meanwhile."""

from pathlib import Path

from orchestrate.embedded import location
from orchestrate.processes.client import Supervisor


def start_supervisor(state_dir: Path, group: str | None) -> Supervisor:
    """A supervisor for the engine that is yet to be made, which takes it over and closes it."""
    location.prepare(state_dir, group)
    return Supervisor.start(location.new_supervisor(state_dir))
