"""What a step, or the whole playbook, would hold while it runs, and who has that now."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from orchestrate.app import App
from orchestrate.playbook.plan import Json
from orchestrate.playbook.undecided import plain
from orchestrate.workflow.rehearsal.planned import Claimed

Held: TypeAlias = Mapping[str, Sequence[Mapping[str, Any]]]
"""Who holds a lock or some of a resource now, by its name, as `locks --json` shows it."""


def held_now(app: App) -> Held:
    """What is recorded. Makes no state directory where there is none, and asks no cluster: what is
    not executed must not need one.
    """
    if app.project.settings.cluster is not None or not app.project.state_dir.is_dir():
        return {}
    with app.open_coordination() as shared:
        found = shared.locks()
    return {each["name"]: each["held_by"] for each in (*found["locks"], *found["capacity"])}


def in_words(claimed: Claimed, held: Held) -> Iterator[str]:
    """What it holds, a lock or a resource at a time."""
    for name, shared in claimed.locks.items():
        mode = "shared lock" if shared else "lock"
        yield f"{mode} {plain(name)}{_by_others(held.get(name, ()), shared=shared)}"
    for name, amount in claimed.resources.items():
        others = sum(int(holder["amount"]) for holder in held.get(name, ()))
        yield f"takes {amount} {name}{f' ({others} in use now)' if others else ''}"


def _by_others(holders: Sequence[Mapping[str, Any]], *, shared: bool) -> str:
    against = [one for one in holders if not (shared and one["shared"])]
    if not against:
        return ""
    first = against[0]
    where = f" ({first['step']})" if first["step"] else ""
    return f", held now by {first['workflow']}{where} since {first['since']}"


def to_json(claimed: Claimed, held: Held) -> dict[str, Json]:
    """The keys `locks` and `resources`; the same for a step and for the whole."""
    return {
        "locks": [
            {"name": plain(name), "shared": shared, "held_by": list(held.get(name, ()))}
            for name, shared in claimed.locks.items()
        ],
        "resources": dict(claimed.resources),
    }
