"""Schedules, their slots and what became of these, as JSON."""

from orchestrate.playbook.plan import Json
from orchestrate.triggers.schedules import Decided, Schedule, coming
from orchestrate.triggers.slots import Slot
from orchestrate.workflow.moments import rfc3339


def schedule_json(which: Schedule, now: float) -> dict[str, Json]:
    """A schedule as documented."""
    found = coming(which, max(now, which.decided_until), 1) if which.enabled else []
    data = which._asdict()
    del data["decided_until"]
    data["time_zone"] = data.pop("zone")
    data["next_at"] = rfc3339(found[0].at) if found else None
    return data


def decided_json(entry: Decided) -> dict[str, Json]:
    """What became of a slot."""
    return {
        "slot": entry.slot,
        "at": rfc3339(entry.at),
        "outcome": entry.outcome,
        "workflow": entry.workflow,
        "reason": entry.reason,
        "decided_at": rfc3339(entry.decided_at),
    }


def slot_json(slot: Slot) -> dict[str, Json]:
    """A slot that is to come."""
    return {"slot": slot.name, "at": rfc3339(slot.at), "remark": slot.remark}
