"""A dry run for people: the steps as a tree, with the calls as they would be made."""

import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from orchestrate.cli.formats import assignments, counted, cut, duration, first_line, value
from orchestrate.cli.style import Style
from orchestrate.playbook.plan import Expression, Json, Retry, Script, Shell
from orchestrate.playbook.shell.rewriting import VARIABLE_PREFIX
from orchestrate.playbook.undecided import is_undecided, outside, plain, plain_value
from orchestrate.rehearsing import claims
from orchestrate.rehearsing.calls import environment_of
from orchestrate.rehearsing.document import without_estimate
from orchestrate.rehearsing.workflows import WorkflowRehearsal
from orchestrate.workflow import paths
from orchestrate.workflow.rehearsal.dry_run import container
from orchestrate.workflow.rehearsal.planned import (
    FAILS,
    NOT_REACHED,
    RUNS,
    SKIPPED,
    UNDECIDED,
    Planned,
)
from orchestrate.workflow.rehearsal.reasons import Reason

_SHOWN_ITERATIONS = 3
_MARKS = {
    RUNS: "pending",
    UNDECIDED: "unknown",
    SKIPPED: "skipped",
    FAILS: "failed",
    NOT_REACHED: "skipped",
}
_ZONES = {
    paths.THEN: "then",
    paths.ELSE: "else",
    paths.ON_FAILURE: "if it fails",
    paths.ON_SUCCESS: "if it succeeds",
    paths.FINALLY: "finally",
    paths.COMPENSATE: "to undo it",
}
_CONTAINERS = frozenset(("conditional", "foreach", "parallel", "playbook", "transaction"))
_REACTIONS = (paths.ON_FAILURE, paths.COMPENSATE)
_OF_WORKFLOW = {paths.ON_FAILURE: "if the workflow fails", paths.ON_SUCCESS: "if it succeeds"}


class Line(NamedTuple):
    """One line. `state` chooses the mark; "" has none."""

    depth: int
    state: str
    name: str
    text: str


def lines_of(
    rehearsal: WorkflowRehearsal, depth: int = 0, *, verbose: bool = False
) -> Iterator[Line]:
    """The tree of steps. `verbose`: with all iterations, and what would be executed."""
    yield from _Tree(rehearsal, verbose=verbose).below("", depth, frozenset())


def render(style: Style, line: Line) -> str:
    """A line for the terminal."""
    indent = "  " * line.depth
    room = style.width - len(indent) if style.width else 0
    if not line.state:
        return indent + style.dim(cut(line.text, room))
    mark = style.mark(_MARKS[line.state])
    text = cut(line.text, max(10, room - len(line.name) - 4)) if room else line.text
    return f"{indent}{mark} {style.strong(line.name)}{'  ' if text else ''}{text}"


def headline(style: Style, rehearsal: WorkflowRehearsal) -> str:
    """Which playbook, where, with which values."""
    new = rehearsal.new
    version = f" {new.plan.version}" if new.plan.version else ""
    given = assignments(plain_map(new.parameters))
    return (
        f"{style.strong(new.plan.name)}{version} in {new.environment}{': ' if given else ''}{given}"
    )


def plain_map(values: Mapping[str, Json]) -> dict[str, Json]:
    """The values with what is undecided in them for people."""
    return {name: plain_value(item) for name, item in values.items()}


def of_the_whole(rehearsal: WorkflowRehearsal) -> Iterator[str]:
    """What the playbook holds from its first step to its last."""
    if rehearsal.planned.claimed is not None:
        words = " · ".join(claims.in_words(rehearsal.planned.claimed, rehearsal.held))
        yield f"from the first step to the last: {words}"


def summary(rehearsal: WorkflowRehearsal) -> Iterator[str]:
    """How much it is, and how long it takes."""
    doing = [s for s in rehearsal.planned.steps if s.step and s.kind not in _CONTAINERS]
    counts = {state: sum(step.state == state for step in doing) for state in _MARKS}
    words = [f"{counted(counts[RUNS], 'step')} would run"]
    words += [f"{counts[UNDECIDED]} may"] if counts[UNDECIDED] else []
    words += [f"{counts[SKIPPED]} skipped"] if counts[SKIPPED] else []
    words += [f"{counts[NOT_REACHED]} not reached"] if counts[NOT_REACHED] else []
    yield f"{', '.join(words)}; {_time(rehearsal)}"
    if rehearsal.planned.state == "running":
        yield "it has no end while all steps succeed: something is looked for that does not come"
    if rehearsal.new.options.step_by_step:
        yield "each step is confirmed before it runs"
    if not rehearsal.planned.complete:
        yield "there are more cases than could be shown"


def _time(rehearsal: WorkflowRehearsal) -> str:
    seconds, workflows = rehearsal.planned.seconds, rehearsal.estimates.workflows
    without = without_estimate(rehearsal)
    if not workflows:
        known = f", at least {duration(seconds)} of waiting" if seconds else ""
        return f"no earlier workflow says how long it takes{known}"
    told = f"about {duration(seconds)}, from {counted(workflows, 'earlier workflow')}"
    if not without:
        return told
    names = ", ".join(without[:3]) + (", …" if len(without) > 3 else "")
    return f"{told}; not counted, because they have not run before: {names}"


class _Tree:
    def __init__(self, rehearsal: WorkflowRehearsal, *, verbose: bool) -> None:
        self._rehearsal = rehearsal
        self._verbose = verbose
        self._most = sys.maxsize if verbose else _SHOWN_ITERATIONS
        steps = {step.path: step for step in rehearsal.planned.steps}
        self._inside: dict[str, list[Planned]] = {}
        for path, step in steps.items():
            self._inside.setdefault(container(path, steps), []).append(step)

    def below(self, above: str, depth: int, told: frozenset[str]) -> Iterator[Line]:
        """What is in a step; `told` are the cases that are told already."""
        zone = ""
        iterations: dict[str, None] = {}
        for step in self._inside.get(above, ()):
            if step.step is None:
                yield from self._branch(step, depth, told)
                continue
            loop = _iteration(step.path, above)
            if loop:
                iterations.setdefault(loop)
                if len(iterations) > self._most:
                    continue
            here = _zone(step.path, above)
            if here != zone and here:
                yield Line(depth, "", "", f"{self._titled(here, above)}:")
            zone = here
            yield from self._step(step, depth + (1 if here else 0), told)
        hidden = len(iterations) - self._most
        if hidden > 0:
            yield Line(depth, "", "", f"… and {counted(hidden, 'iteration')} more")

    def _titled(self, zone: str, above: str) -> str:
        if not above and zone in _OF_WORKFLOW:
            return _OF_WORKFLOW[zone]
        if zone == "[0]" and any(r.undecided for r in self._reasons(above) if r.key == "items"):
            return "for each"
        return " ".join(_ZONES.get(part, part) for part in zone.split("/"))

    def _reasons(self, path: str) -> Sequence[Reason]:
        return next((s.reasons for s in self._rehearsal.planned.steps if s.path == path), ())

    def _branch(self, step: Planned, depth: int, told: frozenset[str]) -> Iterator[Line]:
        """A branch of a parallel or conditional step, or a compensation."""
        last = paths.last(step.path)
        skipped = f" {step.message or 'not taken'}" if step.state == SKIPPED else ""
        yield Line(depth, "", "", f"{_ZONES.get(last, last)}:{skipped}")
        for reason in step.reasons:
            yield Line(depth + 2, "", "", _because(reason))
        yield from self.below(step.path, depth + 1, told | _cases(step))

    def _step(self, step: Planned, depth: int, told: frozenset[str]) -> Iterator[Line]:
        yield Line(depth, step.state, paths.last(step.path), _what(step))
        for text in self._details(step, told):
            yield Line(depth + 2, "", "", text)
        inner = self._rehearsal.inside.get(step.path)
        if inner is not None:
            yield from lines_of(inner, depth + 1, verbose=self._verbose)
        yield from self.below(step.path, depth + 1, told | _cases(step))

    def _details(self, step: Planned, told: frozenset[str]) -> Iterator[str]:
        yield from _case(step, told)
        for reason in step.reasons:
            yield _because(reason)
        if step.claimed is not None and step.state != SKIPPED:
            yield " · ".join(claims.in_words(step.claimed, self._rehearsal.held))
        words = [*self._where(step), *_limits(step)]
        if words:
            yield " · ".join(words)
        target = self._rehearsal.targets.get(step.path)
        if self._verbose and target is not None and target.argv:
            yield f"argv: {' '.join(map(_word, target.argv))}"
        for name, shown in _values(step):
            yield f"{name} = {cut(value(shown), 80)}"

    def _where(self, step: Planned) -> Iterable[str]:
        if step.step is not None and step.step.label:
            yield step.step.label
        if step.call is None:
            return
        target = self._rehearsal.targets.get(step.path)
        if target is None:
            yield "what is called is known only when it runs"
        elif target.problem:
            yield target.problem
        elif target.host:
            yield f"{target.origin}, on {target.host}"
        elif target.playbook:
            yield f"{target.origin}: the playbook {target.playbook}"
        elif target.origin:
            yield target.origin
        seconds = self._rehearsal.estimates.seconds.get(paths.static(step.path))
        if seconds is not None:
            yield f"about {duration(seconds)}"


def _cases(step: Planned) -> frozenset[str]:
    """Cases that need not be told again inside the step. Of a condition that only the run will
    know, `then` and `else` say what it is.
    """
    doubts = (d for r in step.reasons if r.key == "condition" for d in r.undecided)
    sides = (f"{doubt} is {truth}" for doubt in doubts for truth in ("true", "false"))
    return frozenset((*step.depends_on, *sides))


def _case(step: Planned, told: frozenset[str]) -> Iterator[str]:
    """In which case it runs, unless that is said by where it stands."""
    zone = paths.parent(step.path)
    handler = next((z for z in paths.ancestors(zone) if paths.last(z) in _REACTIONS), None)
    failed = f"{paths.static(paths.parent(handler))} fails" if handler else ""
    cases = [case for case in step.depends_on if case != failed and case not in told]
    if not cases:
        return
    case = " and ".join(cases)
    if handler and case.endswith(" fails"):
        yield f"for one, if {case}"
    else:
        yield f"only if {case}".replace("only if not if", "unless")


def _what(step: Planned) -> str:
    if step.state == SKIPPED:
        return f"skipped: {step.message}" if step.message else "skipped"
    if step.state == FAILS:
        return f"fails: {step.message}"
    if step.state == NOT_REACHED:
        return "not reached"
    if step.waits == "event":
        return f"wait for the event {first_line(step.shown)}"
    if step.kind == "approval":
        return f"approval: {first_line(step.shown)}"
    if step.shown and step.kind != "wait":
        return first_line(step.shown)
    if step.items is not None and not any(r.key == "items" and r.undecided for r in step.reasons):
        return f"foreach: {counted(len(step.items), 'iteration')}"
    if step.kind == "wait":
        what = f"until it holds: {step.shown}" if step.shown else duration(step.seconds)
        return f"wait {what}"
    return step.kind


def _because(reason: Reason) -> str:
    values = ", ".join(
        f"{name} = {cut(value(plain_value(shown)), 60)}"
        for name, shown in reason.values.items()
        if name != reason.expression
    )
    if reason.undecided:
        return f"{reason.key} {reason.expression}: known only when it runs"
    if reason.key == "items":
        return f"items {reason.expression}"
    holds = "true" if reason.holds else "false"
    return f"{reason.key} {reason.expression}: {holds}{f' ({values})' if values else ''}"


def _limits(step: Planned) -> Iterable[str]:
    if step.step is None or step.state == SKIPPED:
        return
    retry = step.step.retry
    if step.attempts > 1:
        yield f"up to {step.attempts} attempts{_pauses(retry)}"
    if step.timeout is not None:
        yield f"at most {duration(step.timeout)}{' each' if step.attempts > 1 else ''}"
    if step.step.needs is not None:
        yield f"needs {', '.join(step.step.needs)}" if step.step.needs else "needs nothing"
    if step.step.continue_on_error:
        yield "goes on if it fails"
    if step.checkpoint:
        yield f"then checkpoint {step.checkpoint}"
    if step.call is not None and step.call.workdir is not None:
        yield f"in {plain(step.call.workdir)}"


def _pauses(retry: Retry) -> str:
    if isinstance(retry.delay, Expression):
        return f", {retry.delay.source} apart"
    if not retry.delay:
        return ""
    grows = f", growing {retry.backoff:g} times" if retry.backoff != 1 else ""
    return f", {duration(retry.delay)} apart{grows}"


def _values(step: Planned) -> Iterable[tuple[str, Json]]:
    """Values that the call does not show: variables, those in shell text, those that are set."""
    call = step.call
    if call is not None:
        yield from environment_of(call).items()
        action = step.step.action if step.step is not None else None
        if isinstance(action, Shell | Script):
            for name, source in action.variables.items():
                if isinstance(source, Expression) and name.startswith(VARIABLE_PREFIX):
                    shown = call.env.get(name, "")
                    yield source.source, plain(shown) if isinstance(shown, str) else "***"
    if isinstance(step.output, Mapping):
        yield from plain_map(step.output).items()


def _word(word: str) -> str:
    """A word as a shell reads it; what is undecided in it is left as it is."""
    known = outside(word)
    bare = is_undecided(word) and (not known or shlex.quote(known) == known)
    return plain(word) if bare or word == "***" else shlex.quote(plain(word))


def _zone(path: str, above: str) -> str:
    """The branch, iteration or handler of `above` in which the step stands."""
    inside = path[len(above) :].lstrip("/")
    return inside.rpartition("/")[0]


def _iteration(path: str, above: str) -> str:
    inside = path[len(above) :]
    return inside.partition("]")[0] if inside.startswith("[") else ""
