"""Whether a project says of what its workflows share what is in force."""

from orchestrate.cluster.coordinating.client import InForce
from orchestrate.cluster.coordinating.settings import Settings
from orchestrate.cluster.roster.versions import Warned
from orchestrate.workflow.moments import rfc3339

SECTIONS = {
    "capacity": "[capacity]",
    "places": "[engine] max_workflows",
    "limits": "[rate_limits]",
    "freezes": "[[freeze]]",
}
"""What the fields of `Settings` are called in `orchestrate.toml`."""


def warned(settings: Settings, in_force: InForce | None) -> list[Warned]:
    """What differs, and who said what counts."""
    if in_force is None or in_force.settings.digest == settings.digest:
        return []
    ours, theirs = settings.to_data(), in_force.settings.to_data()
    names = ", ".join(name for key, name in SECTIONS.items() if ours[key] != theirs[key])
    who = in_force.set_by.get("actor")
    by = f", as {who} said {rfc3339(in_force.set_by['at'])}" if who else ""
    return [
        Warned(
            f"{names} of orchestrate.toml is not what is in force{by}",
            "The next `orchestrate run` or `worker` with this file changes it; or take the other "
            "file.",
        )
    ]
