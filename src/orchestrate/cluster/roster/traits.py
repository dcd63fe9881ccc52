"""What is compared of workers and the project: settings, keys, libraries."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache

import temporalio

from orchestrate.cluster.connection import Address
from orchestrate.cluster.coordinating.differing import SECTIONS
from orchestrate.cluster.coordinating.settings import Settings
from orchestrate.cluster.roster.registration import Traits
from orchestrate.project.cluster import ClusterEngine
from orchestrate.project.model import Project
from orchestrate.project.model import Settings as ProjectSettings
from orchestrate.project.settings import DEFAULTS


def traits_of(project: Project, configured: ClusterEngine, address: Address) -> Traits:
    """Those of a process with that project."""
    return Traits(
        settings=settings_of(project.settings, configured),
        keys=tuple(key.name for key in address.keys),
        sdk=temporalio.__version__,
    )


def settings_of(settings: ProjectSettings, configured: ClusterEngine) -> dict[str, str]:
    """What counts for others, too; by the names that it has in `orchestrate.toml`."""
    shared = Settings.of_project(settings).to_data()
    return {
        **{name: _digest(shared[field]) for field, name in SECTIONS.items()},
        "[engine] worker_lost_after": f"{configured.worker_lost_after:g} s",
        "[engine] project_files": configured.project_files,
        "[engine] kill_grace": f"{settings.kill_grace:g} s",
        "[engine] output_limit": str(settings.output_limit),
        "[telemetry] sample": f"{settings.telemetry.sample:g}",
    }


@cache
def usual() -> Mapping[str, str]:
    """What a file says that says nothing of it."""
    return settings_of(DEFAULTS, ClusterEngine(""))


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]
