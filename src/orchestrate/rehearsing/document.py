"""A dry run as JSON: what `run --dry-run --json` prints."""

from orchestrate.playbook.plan import Expression, Json, Step, Wait
from orchestrate.playbook.undecided import plain, plain_value
from orchestrate.rehearsing import claims
from orchestrate.rehearsing.calls import environment_of
from orchestrate.rehearsing.workflows import WorkflowRehearsal
from orchestrate.workflow.rehearsal.planned import Planned, Problem
from orchestrate.workflow.rehearsal.reasons import Reason


def to_json(rehearsal: WorkflowRehearsal) -> dict[str, Json]:
    """The whole dry run."""
    new, planned = rehearsal.new, rehearsal.planned
    without = without_estimate(rehearsal)
    return {
        "playbook": new.plan.name,
        "version": new.plan.version,
        "environment": new.environment,
        "parameters": plain_value(new.parameters),
        "options": new.options._asdict(),
        "can_run": rehearsal.can_run,
        "state": planned.state,
        "complete": planned.complete,
        "estimate": {
            "seconds": round(planned.seconds, 3),
            "workflows": rehearsal.estimates.workflows,
            "without": list(without),
        },
        **({} if planned.claimed is None else claims.to_json(planned.claimed, rehearsal.held)),
        "steps": [_step(rehearsal, step) for step in planned.steps],
        "problems": [_problem(problem) for problem in rehearsal.problems],
        "warnings": list(planned.warnings),
    }


def without_estimate(rehearsal: WorkflowRehearsal) -> tuple[str, ...]:
    """The steps that would run and of which nobody knows how long they take."""
    return tuple(
        step.path
        for step in rehearsal.planned.steps
        if step.call is not None and not step.depends_on and _estimate(rehearsal, step) is None
    )


def _estimate(rehearsal: WorkflowRehearsal, step: Planned) -> float | None:
    from orchestrate.workflow.paths import static

    return rehearsal.estimates.seconds.get(static(step.path))


def _step(rehearsal: WorkflowRehearsal, step: Planned) -> dict[str, Json]:
    target = rehearsal.targets.get(step.path)
    inner = rehearsal.inside.get(step.path)
    found: dict[str, Json] = {
        "path": step.path,
        "name": step.step.name if step.step is not None else None,
        "kind": step.kind,
        "label": step.step.label if step.step is not None else None,
        "state": step.state,
        "message": step.message,
        "depends_on": list(step.depends_on),
        "reasons": [_reason(reason) for reason in step.reasons],
        "begins_at": round(step.begins_at, 3),
        "seconds": None if step.seconds is None else round(step.seconds, 3),
    }
    if step.call is not None:
        found["call"] = step.shown
        found["program"] = None if target is None or target.problem else target.to_json()
        found["env"] = environment_of(step.call)
        found["workdir"] = None if step.call.workdir is None else plain(step.call.workdir)
        found["attempts"] = step.attempts
        found["timeout"] = step.timeout
        found["estimate"] = _estimate(rehearsal, step)
    if step.claimed is not None:
        found.update(claims.to_json(step.claimed, rehearsal.held))
    if step.items is not None:
        found["iterations"] = len(step.items)
    if step.output is not None:
        found["sets"] = plain_value(step.output)
    if step.checkpoint:
        found["checkpoint"] = step.checkpoint
    if step.step is not None:
        found.update(_declared(step.step))
    if inner is not None:
        found["playbook"] = to_json(inner)
    return found


def _declared(step: Step) -> dict[str, Json]:
    """What the playbook says about it, if it does."""
    found: dict[str, Json] = {}
    if step.description:
        found["description"] = step.description
    if step.needs is not None:
        found["needs"] = list(step.needs)
    if step.retry.attempts != 1:
        delay = step.retry.delay
        found["retry"] = {
            "delay": delay.source if isinstance(delay, Expression) else delay,
            "backoff": step.retry.backoff,
            "max_delay": step.retry.max_delay,
            "jitter": step.retry.jitter,
            "on_exit_codes": step.retry.on_exit_codes,
        }
    if isinstance(step.action, Wait) and isinstance(step.action.until, str):
        found["until"] = step.action.until
    return found


def _reason(reason: Reason) -> dict[str, Json]:
    return {
        "key": reason.key,
        "expression": reason.expression,
        "value": None if reason.undecided else reason.holds,
        "values": plain_value(reason.values),
        "undecided": list(reason.undecided),
    }


def _problem(problem: Problem) -> dict[str, Json]:
    return {
        "path": problem.path,
        "message": problem.message,
        "only_if": list(problem.suppositions),
    }
