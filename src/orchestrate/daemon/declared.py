"""The triggers that the project's playbooks declare, read again when a file changes."""

from pathlib import Path
from typing import NamedTuple

from orchestrate.app import App
from orchestrate.errors import OrchestrateError
from orchestrate.library.catalogue import FOLDER, playbook_files
from orchestrate.library.plans import load_plan
from orchestrate.playbook.triggers import ScheduleTrigger, Trigger
from orchestrate.project.zone import local_zone
from orchestrate.triggers.matching import Declared
from orchestrate.triggers.schedules import CatchUp, Overlap, Schedule, Schedules
from orchestrate.triggers.slots import Dst

_WORD = b"triggers"


class Found(NamedTuple):
    """A trigger, and where it stands."""

    at: Declared
    trigger: Trigger


class Playbook(NamedTuple):
    """What a file said when it was last read without errors."""

    triggers: tuple[Found, ...]
    broken: str
    """What is wrong with the file now; its triggers are then those from before."""


class Declarations:
    """The triggers of all playbooks of a project."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._stamp: tuple[tuple[str, int, int], ...] | None = None
        self.playbooks: dict[str, Playbook] = {}
        """By name: the path below `playbooks/`, without ending."""

    def all(self) -> list[Found]:
        """Every trigger that is enabled."""
        return [
            found
            for playbook in self.playbooks.values()
            for found in playbook.triggers
            if found.trigger.enabled
        ]

    def read(self, *, anew: bool = False) -> bool:
        """Look at the files; False if none has changed since the last time."""
        root = self._app.project.root / FOLDER
        files = list(playbook_files(self._app.project))
        stamp = tuple(_stamp(file) for file in files)
        if stamp == self._stamp and not anew:
            return False
        self._stamp = stamp
        before, self.playbooks = self.playbooks, {}
        for file in files:
            name = str(file.relative_to(root).with_suffix(""))
            found = self._read(file, name, before.get(name))
            if found.triggers or found.broken:
                self.playbooks[name] = found
        return True

    def _read(self, file: Path, name: str, before: Playbook | None) -> Playbook:
        try:
            if _WORD not in file.read_bytes():
                return Playbook((), "")
            plan = load_plan(self._app.project, None, str(file)).plan
        except (OrchestrateError, OSError) as error:
            kept = before.triggers if before is not None else ()
            return Playbook(kept, str(error).split("\n")[0])
        triggers = (Found(Declared(name, one.name), one) for one in plan.triggers)
        return Playbook(tuple(triggers), "")


def _stamp(file: Path) -> tuple[str, int, int]:
    try:
        seen = file.stat()
    except OSError:
        return str(file), 0, 0
    return str(file), seen.st_mtime_ns, seen.st_size


def declare_schedules(found: list[Found], schedules: Schedules, now: float) -> list[str]:
    """Keep the schedules that are declared, and no others that once were; the names of those that
    changed. Whether a person disabled one is kept.
    """
    wanted = {str(one.at): _schedule(one.at, one.trigger, now) for one in found
              if isinstance(one.trigger, ScheduleTrigger)}  # fmt: skip
    known = {kept.name: kept for kept in schedules.all() if kept.declared_in is not None}
    changed: list[str] = []
    for name in known.keys() - wanted.keys():
        schedules.remove(name)
        changed.append(name)
    for name, schedule in wanted.items():
        kept = known.get(name)
        if kept is not None and kept.same_as(schedule):
            continue
        if kept is not None:
            schedule = schedule._replace(enabled=kept.enabled)
        schedules.put(schedule, replace=True)
        changed.append(name)
    return changed


def _schedule(at: Declared, trigger: ScheduleTrigger, now: float) -> Schedule:
    return Schedule(
        name=str(at),
        playbook=at.playbook,
        cron=trigger.cron,
        zone=trigger.zone or local_zone(),
        environment=trigger.environment,
        parameters=trigger.parameters,
        actor=f"trigger {at}",
        dst=Dst(trigger.dst),
        catch_up=CatchUp(trigger.catch_up),
        overlap=Overlap(trigger.overlap),
        jitter=trigger.jitter,
        enabled=True,
        declared_in=at.playbook,
        decided_until=now,
    )
