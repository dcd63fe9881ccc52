"""What a changed playbook and changed parameters mean for what is recorded."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, cast

from orchestrate.errors import Place
from orchestrate.playbook.plan import (
    Conditional,
    Expression,
    ForEach,
    Parallel,
    Plan,
    Step,
    SubPlaybook,
    Transaction,
)
from orchestrate.workflow import paths
from orchestrate.workflow.frames import normalise
from orchestrate.workflow.kinds import contains_steps
from orchestrate.workflow.structure import locate
from orchestrate.workflow.written_steps import steps_in

REMOVED = "removed"


class PlanChanges(NamedTuple):
    """`moved`: old path -> new path; `rerun`: recorded path -> why."""

    moved: dict[str, str]
    rerun: dict[str, str]
    warnings: tuple[str, ...]


def changed_plan(old: Plan, new: Plan, recorded: Sequence[str]) -> PlanChanges:
    """Match what is recorded with the edited playbook: by path, then by definition.

    Reused is only what has the same definition; what changed reruns, and what follows it.
    """
    moved = dict(_renamed_branches(old, new, recorded))
    taken: set[str] = set()
    unmatched: list[str] = []
    for path in recorded:
        before, after = locate(old, path), locate(new, paths.moved(path, moved))
        if before is None or before.rest:
            continue
        if after is not None and not after.rest and _same(before.step, after.step):
            taken.add(paths.moved(path, moved))
        else:
            unmatched.append(path)
    rerun: dict[str, str] = {}
    for path in unmatched:
        if any(above in moved or above in rerun for above in paths.ancestors(path)):
            continue
        before = locate(old, path)
        assert before is not None
        other = _find_moved(new, path, before.step, taken)
        if other is not None:
            moved[path] = other
            taken.add(other)
        else:
            rerun[path] = "changed"
    for path in rerun:
        if path in taken or locate(new, path) is None:
            rerun[path] = REMOVED
    _add_insertions(old, new, recorded, moved, rerun)
    warnings = [f"{old_path} is now {new_path}" for old_path, new_path in moved.items()]
    warnings += [
        f"{path} is no longer in the playbook, what it did is not undone"
        for path, why in rerun.items()
        if why == REMOVED
    ]
    return PlanChanges(moved, rerun, tuple(warnings))


def _renamed_branches(old: Plan, new: Plan, recorded: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Branches of the same steps under another name: they have no line of their own."""
    for path in recorded:
        before, after = locate(old, path), locate(new, path)
        if before is None or after is None or before.rest:
            continue
        match before.step.action, after.step.action:
            case Parallel(branches=was), Parallel(branches=now):
                gone = {b.key: _digests(b.steps) for b in was if b.key not in {n.key for n in now}}
                for branch in now:
                    if any(branch.key == other.key for other in was):
                        continue
                    same = next((k for k, d in gone.items() if d == _digests(branch.steps)), None)
                    if same is not None:
                        del gone[same]
                        yield paths.join(path, same), paths.join(path, branch.key)
            case _:
                pass


def _digests(steps: Sequence[Step]) -> tuple[tuple[str, str], ...]:
    return tuple((step.key, step.digest) for step in steps)


def _find_moved(new: Plan, path: str, step: Step, taken: set[str]) -> str | None:
    """A step of the same definition elsewhere in the same sequence of the edited playbook."""
    place = locate(new, path)
    siblings: Sequence[Step] = new.steps
    prefix = path.rpartition("/")[0]
    if prefix:
        container = locate(new, prefix)
        if place is None and container is None:
            return None
        siblings = place.places[-1].siblings if place else _inside(container and container.step)
    for sibling in siblings:
        candidate = paths.join(prefix, sibling.key)
        if candidate != path and candidate not in taken and sibling.digest == step.digest:
            return candidate
    return None


def _inside(step: Step | None) -> Sequence[Step]:
    match step.action if step else None:
        case ForEach(steps=steps) | Transaction(steps=steps):
            return steps
        case SubPlaybook(plan=plan):
            return plan.steps
        case _:
            return ()


def _add_insertions(
    old: Plan,
    new: Plan,
    recorded: Sequence[str],
    moved: Mapping[str, str],
    rerun: dict[str, str],
) -> None:
    """What follows a step that is new reruns."""
    known = set(recorded)
    reached = {paths.static(paths.moved(path, moved)) for path in known}
    for path in recorded:
        located = locate(new, paths.moved(path, moved))
        if located is None or located.rest or path in rerun:
            continue
        place = located.places[-1]
        for sibling in place.siblings[: place.position]:
            before = paths.join(place.prefix, sibling.key)
            inserted = paths.static(before) not in reached and locate(old, before) is None
            if inserted:
                rerun[path] = f"follows {before}, which is new"
                break


def _same(before: Step, after: Step) -> bool:
    if before.digest == after.digest:
        return True
    if not (contains_steps(before) and contains_steps(after)):
        return False
    return _own(before) == _own(after)


def _own(step: Step) -> object:
    """A step without the steps inside it, places and descriptions."""
    return _strip(step._replace(description="", digest="", action=_hollow(step)))


def _hollow(step: Step) -> object:
    match step.action:
        case Parallel() as action:
            return action._replace(branches=())
        case Conditional() as action:
            return action._replace(then=(), otherwise=())
        case ForEach() as action:
            return action._replace(steps=(), keep_results=False)
        case Transaction() as action:
            return action._replace(steps=())
        case SubPlaybook() as action:
            return ("playbook", action.plan.name, action.parameters)
        case other:
            return other


def _strip(value: object) -> object:
    match value:
        case Place():
            return None
        case Expression():
            return ("${}", value.code)
        case Step():
            return value.digest or tuple(_strip(part) for part in value)
        case str():
            return value
        case Mapping():
            entries = cast("Mapping[str, object]", value)
            return tuple((key, _strip(part)) for key, part in entries.items())
        case Sequence():
            return tuple(_strip(part) for part in cast("Sequence[object]", value))
        case _:
            return value


def readers_of(plan: Plan, changed: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Static path -> those of `changed` that the step there reads, directly or through variables
    of the playbook.
    """
    through: dict[str, set[str]] = {normalise(name): {name} for name in changed}
    for name, template in plan.variables.items():
        read = {origin for root in _roots(template) for origin in through.get(root, ())}
        if read:
            through[normalise(name)] = read
    found: dict[str, tuple[str, ...]] = {}
    for path, step in steps_in(plan.steps, included=False):
        own = step._replace(
            on_failure=(), on_success=(), always=(), compensate=(), action=_readable(step)
        )
        read = {origin for root in _roots(own) for origin in through.get(root, ())}
        if read:
            found[path] = tuple(sorted(read))
    return found


def _readable(step: Step) -> object:
    action = step.action
    return action.parameters if isinstance(action, SubPlaybook) else _hollow(step)


def _roots(value: object) -> Iterator[str]:
    match value:
        case Expression():
            yield from value.names
        case str():
            return
        case Mapping():
            for part in cast("Mapping[str, object]", value).values():
                yield from _roots(part)
        case Sequence():
            for part in cast("Sequence[object]", value):
                yield from _roots(part)
        case _:
            return
