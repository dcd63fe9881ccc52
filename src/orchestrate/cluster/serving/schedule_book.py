"""The schedules of a project as the workflow keeps them: what they are, what became of their last
slots, and when each is looked at next. Pure; times are handed in.

A cron expression is never read here: what is known of time zones differs with the machine, and a
replay must not. When a schedule is due is said by whoever fired it last, as seconds from then on.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from orchestrate.cluster.auditing.actions import Done, done
from orchestrate.cluster.payloads import Data
from orchestrate.errors import ConflictError
from orchestrate.triggers.schedules import Decided, Schedule, missing, taken

KEPT = 100
"""Slots of one schedule that are remembered."""
SHOWN = 20
"""Slots that everybody can see."""
MOST = 500
"""Schedules in one namespace: what is shown of them has to fit into a memo."""


class Fired(NamedTuple):
    """What became of the slots of a schedule that were due."""

    decided: Sequence[Decided]
    wait: float | None
    """Seconds until it has to be looked at again; None: never."""
    after: str | None
    """The workflow whose end it waits for."""


class _Entry:
    """A schedule. `made` tells it from an earlier one of its name, `changes` from itself before."""

    __slots__ = ("after", "changes", "due", "history", "made", "schedule")

    def __init__(self, schedule: Schedule, made: int) -> None:
        self.schedule = schedule
        self.made = made
        self.changes = 0
        self.due: float | None = 0.0
        self.after: str | None = None
        self.history: list[Decided] = []
        """Newest first."""


class Firing(NamedTuple):
    """A schedule that is due, and what is needed to decide its slots."""

    name: str
    made: int
    changes: int
    schedule: Data
    history: Sequence[Sequence[Any]]
    after: str | None
    """Before that this workflow has to end."""


class ScheduleBook:
    """All schedules of a namespace."""

    def __init__(self, state: Data | None = None) -> None:
        """`state` is what `state()` gave."""
        self._entries: dict[str, _Entry] = {}
        self._made = 0
        self.touched: set[str] = set()
        """Names of those that look different since somebody emptied this set."""
        self.done: list[Done] = []
        """What people did since somebody emptied this list."""
        if state is not None:
            self._restore(state)

    # What people ask

    def perform(self, verb: str, arguments: Data, now: float) -> Any:
        """Raises an OrchestrateError."""
        name = str(arguments.get("schedule", arguments).get("name"))
        before = self._told(name)
        value = self._perform(verb, arguments)
        self._note(name, before, arguments.get("author"), now)
        return value

    def _told(self, name: str) -> Data:
        """A schedule as the audit shows it."""
        entry = self._entries.get(name)
        if entry is None:
            return {}
        told = entry.schedule._asdict()
        del told["decided_until"]
        return told

    def _note(self, name: str, before: Data, author: Data | None, now: float) -> None:
        after = self._told(name)
        if before == after:
            return
        changed = after or before
        if author is not None and changed["declared_in"] is not None:
            author = {**author, "actor": changed["actor"]}  # by whoever wrote the playbook
        what = f"schedule_{_change(before, after)}"
        self.done.append(done(now, what, author, name, before=before, after=after))

    def _perform(self, verb: str, arguments: Data) -> Any:
        match verb:
            case "put":
                return self._put(Schedule.of(arguments["schedule"]), replace=arguments["replace"])
            case "enable":
                self._enable(arguments["name"], enabled=arguments["enabled"], now=arguments["now"])
            case "remove":
                self._entry(arguments["name"])
                del self._entries[arguments["name"]]
                self.touched.add(arguments["name"])
            case _:
                raise ConflictError(
                    f"the worker that keeps the schedules does not know `{verb}`",
                    hint="It is an older program: start workers of this version.",
                )
        return None

    def _put(self, schedule: Schedule, *, replace: bool) -> bool:
        entry = self._entries.get(schedule.name)
        if entry is None:
            if len(self._entries) >= MOST:
                raise ConflictError(
                    f"there are {MOST} schedules already",
                    hint="Remove some: `orchestrate schedule --list` lists them.",
                )
            self._made += 1
            self._entries[schedule.name] = _Entry(schedule, self._made)
            self.touched.add(schedule.name)
            return True
        if not replace:
            if entry.schedule.same_as(schedule):
                return False
            raise taken(entry.schedule)
        self._change(entry, schedule)
        return True

    def _enable(self, name: str, *, enabled: bool, now: float) -> None:
        entry = self._entry(name)
        if entry.schedule.enabled != enabled:
            self._change(entry, entry.schedule._replace(enabled=enabled, decided_until=now))

    def _change(self, entry: _Entry, schedule: Schedule) -> None:
        entry.schedule = schedule
        entry.changes += 1
        entry.due, entry.after = 0.0, None
        self.touched.add(schedule.name)

    def _entry(self, name: str) -> _Entry:
        entry = self._entries.get(name)
        if entry is None:
            raise missing(name, sorted(self._entries))
        return entry

    # What is due

    def next_due(self, but: Mapping[str, Any]) -> float | None:
        """When something has to be looked at, apart from those that are looked at now."""
        times = [
            entry.due
            for name, entry in self._entries.items()
            if entry.schedule.enabled and entry.due is not None and name not in but
        ]
        return min(times, default=None)

    def due(self, now: float, but: Mapping[str, Any]) -> list[Firing]:
        """Those that have to be looked at."""
        return [
            Firing(
                name, entry.made, entry.changes, entry.schedule._asdict(),
                [list(one) for one in entry.history[:SHOWN]], entry.after,
            )
            for name, entry in self._entries.items()
            if entry.schedule.enabled
            and entry.due is not None
            and entry.due <= now
            and name not in but
        ]  # fmt: skip

    def fired(self, firing: Firing, came: Fired, now: float) -> None:
        """What became of its slots; it may have been changed or removed meanwhile."""
        entry = self._entries.get(firing.name)
        if entry is None or entry.made != firing.made:
            return
        for decided in came.decided:
            entry.history.insert(0, decided)
        del entry.history[KEPT:]
        if came.decided:
            until = max(entry.schedule.decided_until, *(one.at for one in came.decided))
            entry.schedule = entry.schedule._replace(decided_until=until)
            self.touched.add(firing.name)
        if entry.changes == firing.changes:
            entry.due = None if came.wait is None else now + came.wait
            entry.after = came.after

    # What is seen and kept

    def shown(self, name: str) -> Data | None:
        """A schedule as others see it; None: there is none."""
        entry = self._entries.get(name)
        if entry is None:
            return None
        history = [list(one) for one in entry.history[:SHOWN]]
        return {"schedule": entry.schedule._asdict(), "history": history}

    def state(self) -> Data:
        """Everything, as JSON."""
        return {
            "made": self._made,
            "entries": [
                [e.schedule._asdict(), e.made, e.due, e.after, [list(one) for one in e.history]]
                for e in self._entries.values()
            ],
        }

    def _restore(self, state: Data) -> None:
        self._made = state["made"]
        for schedule, made, due, after, history in state["entries"]:
            entry = self._entries[schedule["name"]] = _Entry(Schedule.of(schedule), made)
            entry.due, entry.after = due, after
            entry.history = [Decided(*one) for one in history]
        self.touched = set(self._entries)


def _change(before: Data, after: Data) -> str:
    """What was done to a schedule."""
    if not before:
        return "added"
    if not after:
        return "removed"
    if {**before, "enabled": after["enabled"]} == after:
        return "enabled" if after["enabled"] else "disabled"
    return "changed"
