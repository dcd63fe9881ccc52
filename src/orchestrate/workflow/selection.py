"""`--only` and `--skip`: which steps of a playbook take part."""

from collections.abc import Iterator

from orchestrate.errors import NotFoundError
from orchestrate.playbook.diagnostics import nearest
from orchestrate.playbook.plan import (
    Command,
    Conditional,
    EventWait,
    ForEach,
    Parallel,
    Plan,
    Script,
    Shell,
    Step,
    SubPlaybook,
    Transaction,
    Wait,
)
from orchestrate.workflow import paths
from orchestrate.workflow.program import RunOptions


class Selection:
    """What the options leave out. A step is named by its path or by its name alone; an iteration
    need not be given: `regions/1` means that step in all of them.
    """

    __slots__ = ("_only", "_skip", "everything")

    def __init__(self, options: RunOptions) -> None:
        self._only = frozenset(options.only)
        self._skip = frozenset(options.skip)
        self.everything = not (options.only or options.skip)

    def why_left_out(self, path: str, *, contains_steps: bool) -> str | None:
        """Why the step at `path` does not run, or None. Handlers follow their step."""
        if _in_handler(path):
            return None
        if self._names(self._skip, path):
            return "left out by --skip"
        if not self._only or contains_steps:
            return None
        selected = any(self._names(self._only, above) for above in paths.ancestors(path))
        return None if selected else "not among --only"

    def needs_leave(self, step: Step, path: str) -> bool:
        """Whether `--step-by-step` asks before this step: all but handlers, inline kinds, and
        steps that only contain others.
        """
        asked = Command | Shell | Script | Wait | EventWait
        return isinstance(step.action, asked) and not _in_handler(path)

    def _names(self, chosen: frozenset[str], path: str) -> bool:
        return path in chosen or paths.static(path) in chosen or paths.last(path) in chosen


def _in_handler(path: str) -> bool:
    return any(segment in paths.ASIDE for segment in path.split("/"))


def check_selection(plan: Plan, options: RunOptions) -> None:
    """Raises NotFoundError if `--only` or `--skip` names no step of the plan."""
    known: set[str] = set()
    for path in static_paths(plan.steps, ""):
        known.add(path)
        known.add(paths.last(path))
    for option, chosen in (("--only", options.only), ("--skip", options.skip)):
        for name in chosen:
            if paths.static(name) in known:
                continue
            near = nearest(name, sorted(known))
            hint = f"did you mean `{near}`?" if near else "name a step as `status` lists it"
            raise NotFoundError(f"{option} {name}: the playbook has no such step", hint=hint)


def static_paths(steps: tuple[Step, ...], prefix: str) -> Iterator[str]:
    """The paths of all steps and of those inside them, iterations and handlers left out."""
    for step in steps:
        path = paths.join(prefix, step.key)
        yield path
        match step.action:
            case Parallel(branches=branches):
                for branch in branches:
                    yield paths.join(path, branch.key)
                    yield from static_paths(branch.steps, paths.join(path, branch.key))
            case Conditional(then=then, otherwise=otherwise):
                yield from static_paths(then, paths.join(path, paths.THEN))
                yield from static_paths(otherwise, paths.join(path, paths.ELSE))
            case ForEach(steps=inner) | Transaction(steps=inner):
                yield from static_paths(inner, path)
            case SubPlaybook(plan=plan):
                yield from static_paths(plan.steps, path)
            case _:
                pass
