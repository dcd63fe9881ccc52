"""`locks` and `resources` of steps and playbooks: rendered once, claimed before anything begins."""

from collections.abc import Mapping, Sequence

from orchestrate.playbook.expressions import ExpressionError
from orchestrate.playbook.plan import Expression, Json, Lock, Plan, Step
from orchestrate.playbook.templates import render
from orchestrate.workflow.calls import render_number
from orchestrate.workflow.claims import Refusal
from orchestrate.workflow.frames import Frame
from orchestrate.workflow.history import CLAIM
from orchestrate.workflow.outcomes import Status
from orchestrate.workflow.program import Claim, LockWanted
from orchestrate.workflow.results import Failure, Result
from orchestrate.workflow.skipping import skipped

LONGEST_NAME = 200


async def enter(frame: Frame, wanted: Step | Plan, path: str) -> Refusal | None:
    """Wait until all of it is had; or why it is not. Raises `Cancelled`, and OrchestrateError for
    what has no value.
    """
    journal = frame.run.journal
    decided = journal.decide(path, CLAIM, lambda: _rendered(frame, wanted))
    assert isinstance(decided, Mapping)
    return await frame.run.claims.acquire(frame.scope, _claim(path, decided))


def leave(frame: Frame, path: str) -> None:
    """It is over. Where something inside may still be running the claim stays with the workflow."""
    from orchestrate.workflow.granting import covers

    run = frame.run
    run.claims.leave(path, keep=any(covers(path, doubtful) for doubtful in run.doubtful))


def refused_step(frame: Frame, step: Step, path: str, refusal: Refusal) -> Result:
    """The result of a step that may not begin. Its handlers do not run: nothing began."""
    if refusal.outcome == "skip":
        return skipped(step)._replace(message=refusal.message)
    failure = Failure(path, refusal.message, None, frame.run.journal.position)
    return Result(Status.FAILED, message=refusal.message, failure=failure)


def _rendered(frame: Frame, wanted: Step | Plan) -> Json:
    locks: dict[str, Json] = {}
    for lock in wanted.locks:
        name = _name(frame, lock)
        before = locks.get(name)
        shared = lock.shared and (not isinstance(before, list) or before[0] is True)
        wait = None if lock.wait is None else render_number(frame, lock.wait, "wait")
        locks[name] = [shared, lock.on_conflict, wait]
    amounts = {name: _amount(frame, name, amount) for name, amount in wanted.resources}
    # In order of their names: so every claim of the same locks reads alike.
    return {"locks": {name: locks[name] for name in sorted(locks)}, "resources": amounts}


def _name(frame: Frame, lock: Lock) -> str:
    value = render(lock.name, frame.lookup)
    if (
        isinstance(value, bool | Mapping)
        or value is None
        or not isinstance(value, str | int | float)
    ):
        raise ExpressionError(f"the name of a lock must be text, not {value!r}", place=lock.place)
    name = str(value).strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise ExpressionError(
            f"{name[:50]!r} cannot be the name of a lock",
            hint=f"one line of 1 to {LONGEST_NAME} visible letters",
            place=lock.place,
        )
    return name


def _amount(frame: Frame, name: str, amount: int | Expression) -> int:
    number = render_number(frame, amount, f"resources.{name}")
    if number < 1 or number != int(number):
        place = amount.place if isinstance(amount, Expression) else None
        raise ExpressionError(
            f"resources.{name} must be a whole number from 1 on, not {number:g}", place=place
        )
    return int(number)


def _claim(path: str, decided: Mapping[str, Json]) -> Claim:
    locks, resources = decided["locks"], decided["resources"]
    assert isinstance(locks, Mapping)
    assert isinstance(resources, Mapping)
    wanted: list[LockWanted] = []
    for name, value in locks.items():
        assert isinstance(value, Sequence)
        shared, on_conflict, wait = value
        limit = float(wait) if isinstance(wait, int | float) else None
        wanted.append(LockWanted(name, bool(shared), str(on_conflict), limit))
    amounts = {name: int(str(amount)) for name, amount in resources.items()}
    return Claim(path, tuple(wanted), amounts, {})
