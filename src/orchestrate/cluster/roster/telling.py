"""Workers as lists and programs are told of them."""

from typing import TYPE_CHECKING

from orchestrate.playbook.plan import Json
from orchestrate.workflow.moments import rfc3339

if TYPE_CHECKING:
    from orchestrate.cluster.roster.looking import Standing


def most_steps(one: "Standing") -> int:
    """How many steps it takes at once."""
    return one.registration.max_steps * len(one.registration.pools)


def worker_json(one: "Standing") -> dict[str, Json]:
    """As `workers --json` prints it."""
    said = one.registration
    return {
        "name": said.name,
        "state": one.state,
        "host": said.host,
        "pid": said.pid,
        "pools": list(said.pools),
        "labels": list(said.labels),
        "version": said.version,
        "generation": said.generation,
        "steps": {"running": one.running, "max": most_steps(one)},
        "started_at": rfc3339(said.started_at),
        "heard_of_at": rfc3339(one.last_sign_at),
        "lost_since": rfc3339(one.last_sign_at) if one.state == "lost" else None,
    }
