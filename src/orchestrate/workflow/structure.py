"""Where a path stands in a plan: the way from the playbook down to a step."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from orchestrate.playbook.plan import (
    Conditional,
    ForEach,
    Parallel,
    Plan,
    Step,
    SubPlaybook,
    Transaction,
)
from orchestrate.workflow import paths

BODY = "body"


class Place(NamedTuple):
    """A step on the way: its path, its place among its siblings, and where these stand.

    `owner` is the path of the step that contains the sequence ("" is the workflow), `zone` the part
    of it: `body` or a handler. `prefix` is the path below which the siblings are. `plan_prefix` is
    the path of the included playbook whose own handler or step it is, if it is one.
    """

    path: str
    step: Step
    siblings: Sequence[Step]
    position: int
    prefix: str
    owner: str
    zone: str


class Located(NamedTuple):
    """The steps from the outside in; the last is the step meant, or, if `rest` is not empty, the
    parallel or foreach step whose branch or iteration is meant.
    """

    places: tuple[Place, ...]
    rest: str

    @property
    def step(self) -> Step:
        """The innermost step."""
        return self.places[-1].step


def locate(plan: Plan, path: str) -> Located | None:
    """Find `path` in a plan; None if the plan has no such step, branch or iteration."""
    return _Walk(plan, path.split("/")).run() if path else None


class _Walk:
    def __init__(self, plan: Plan, segments: list[str]) -> None:
        self._segments = segments
        self._at = 0
        self._places: list[Place] = []
        self._steps: Sequence[Step] = plan.steps
        self._prefix = self._owner = ""
        self._zone = BODY
        if segments[0] in paths.HANDLERS:
            self._enter(_handlers_of(plan, segments[0]), segments[0], "", segments[0])
            self._at = 1

    def _enter(self, steps: Sequence[Step], prefix: str, owner: str, zone: str) -> None:
        self._steps, self._prefix, self._owner, self._zone = steps, prefix, owner, zone

    def run(self) -> Located | None:
        while self._at < len(self._segments):
            segment = self._segments[self._at]
            key, bracket, _ = segment.partition("[")
            index = next((i for i, step in enumerate(self._steps) if step.key == key), None)
            if index is None:
                return None
            self._at += 1
            path = paths.join(self._prefix, key)
            step = self._steps[index]
            self._places.append(
                Place(path, step, self._steps, index, self._prefix, self._owner, self._zone)
            )
            inner = paths.join(self._prefix, segment)
            if self._at == len(self._segments):
                return Located(tuple(self._places), inner if bracket else "")
            if not self._descend(step, path, inner):
                return None
            if self._at == len(self._segments):
                return Located(tuple(self._places), self._prefix)
        return None

    def _descend(self, step: Step, path: str, inner: str) -> bool:
        following = self._segments[self._at]
        if following in paths.ASIDE:
            self._at += 1
            steps = _handlers_of(step, following)
            self._enter(steps, paths.join(path, following), path, following)
            return True
        match step.action:
            case Parallel(branches=branches):
                branch = next((b for b in branches if b.key == following), None)
                if branch is None:
                    return False
                self._at += 1
                self._enter(branch.steps, paths.join(inner, following), path, BODY)
            case Conditional(then=then, otherwise=otherwise):
                if following not in (paths.THEN, paths.ELSE):
                    return False
                self._at += 1
                taken = then if following == paths.THEN else otherwise
                self._enter(taken, paths.join(inner, following), path, BODY)
            case ForEach(steps=steps) | Transaction(steps=steps):
                self._enter(steps, inner, path, BODY)
            case SubPlaybook(plan=plan):
                self._enter_included(plan, path, inner, following)
            case _:
                return False
        return True

    def _enter_included(self, plan: Plan, path: str, inner: str, following: str) -> None:
        if following != paths.PLAYBOOK or self._at + 1 >= len(self._segments):
            self._enter(plan.steps, inner, path, BODY)
            return
        handler = self._segments[self._at + 1]
        self._at += 2
        prefix = paths.join(paths.join(inner, paths.PLAYBOOK), handler)
        steps = _handlers_of(plan, handler) if handler in paths.HANDLERS else ()
        self._enter(steps, prefix, path, f"{paths.PLAYBOOK}/{handler}")


def _handlers_of(owner: Plan | Step, handler: str) -> Sequence[Step]:
    match handler:
        case paths.ON_FAILURE:
            return owner.on_failure
        case paths.ON_SUCCESS:
            return owner.on_success
        case paths.COMPENSATE:
            return owner.compensate if isinstance(owner, Step) else ()
        case _:
            return owner.always


def handler_paths_after(owner: str, zone: str) -> Iterator[str]:
    """The handlers that run after `zone` of a step (or, for "", of the workflow)."""
    inner, _, handler = zone.rpartition("/")
    if zone == BODY or inner:
        last = handler if inner else BODY
        for name in _after(last):
            yield paths.join(paths.join(owner, paths.PLAYBOOK), name) if owner else name
        if not owner:
            return
        zone = BODY
    for name in _after(zone):
        yield paths.join(owner, name)


def _after(zone: str) -> tuple[str, ...]:
    if zone == BODY:
        return paths.HANDLERS
    return () if zone in (paths.FINALLY, paths.COMPENSATE) else (paths.FINALLY,)


def leaves_iteration_open(located: Located, path: str) -> bool:
    """Whether the path goes through a foreach without saying which iteration."""
    segments = len(path.split("/"))
    return any(
        isinstance(place.step.action, ForEach)
        and index < len(located.places) - 1
        and "[" not in path.split("/")[min(len(place.path.split("/")), segments) - 1]
        and located.places[index + 1].zone == BODY
        for index, place in enumerate(located.places)
    )


def iterations_of(recorded: Iterable[str], path: str) -> Iterator[str]:
    """The iterations of the foreach at `path` to which recorded paths belong, repeated."""
    opening = f"{path}["
    for other in recorded:
        if other.startswith(opening):
            yield other[: other.index("]", len(opening)) + 1]
