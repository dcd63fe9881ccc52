"""Rules about locks: those that are had already, and those of which more is wanted inside."""

from collections.abc import Iterator
from itertools import pairwise

from orchestrate.playbook.linting.model import ERROR, NOTE, WARNING, Finding, Rule, Subject
from orchestrate.playbook.linting.walk import Located
from orchestrate.playbook.plan import Expression, Lock, Template, Text


def _held_lock(subject: Subject) -> Iterator[Finding]:
    for located, lock, outer in _again(subject):
        if lock.shared or not outer.shared:
            yield _at(
                located,
                lock,
                f"the lock `{_written(lock.name)}` is held around this step already",
                "remove it here, or there if only this step needs it",
            )


def _lock_upgrade(subject: Subject) -> Iterator[Finding]:
    for located, lock, outer in _again(subject):
        if outer.shared and not lock.shared:
            yield _at(
                located,
                lock,
                f"the lock `{_written(lock.name)}` is shared around the step, which wants it alone",
                "take it exclusively around the step, or not at all there",
            )


def _again(subject: Subject) -> Iterator[tuple[Located, Lock, Lock]]:
    """Locks that steps ask for inside of a claim of the same name, each with the outer one."""
    for located in subject.steps:
        for lock in located.step.locks:
            outer = _around(subject, located, _written(lock.name))
            if outer is not None:
                yield located, lock, outer


def _around(subject: Subject, located: Located, name: str) -> Lock | None:
    # A compensation runs after the step that it undoes gave its locks back.
    holders = [
        above.step.locks
        for below, above in pairwise(located.around())
        if below.role != "compensate"
    ]
    for locks in (*holders, subject.plan.locks):
        for lock in locks:
            if _written(lock.name) == name:
                return lock
    return None


def _at(located: Located, lock: Lock, message: str, hint: str) -> Finding:
    return Finding(message, lock.place, hint, len(_written(lock.name)), located.step.place)


def _written(name: Template) -> str:
    match name:
        case Expression(source=source):
            return f"${{{source}}}"
        case Text(parts=parts):
            return "".join(map(_written, parts))
        case _:
            return str(name)


DUPLICATE_LOCK = Rule(
    "duplicate-lock",
    ERROR,
    "one claim names the same lock twice",
    "The entries of one `locks:` are had together, so the second of the same name adds nothing, "
    "and if they differ in `shared` or `wait` nobody can say which is meant.",
    None,
)
HELD_LOCK = Rule(
    "held-lock",
    NOTE,
    "a step asks for a lock that is held around it",
    "The playbook, or a step that contains this one, holds the lock for the whole time, so the "
    "step simply has it: the entry does nothing. Often the outer one was meant to be here only, "
    "which would keep others waiting for less time.",
    _held_lock,
)
LOCK_UPGRADE = Rule(
    "lock-upgrade",
    WARNING,
    "a step wants for itself what is shared around it",
    "Around the step the lock is shared, inside it is to be exclusive. Two workflows that have "
    "come so far both wait for the other to let go of its share: a deadlock, which ends with one "
    "of them refused.",
    _lock_upgrade,
)
UNKNOWN_RESOURCE = Rule(
    "unknown-resource",
    ERROR,
    "a resource is not among the project's capacity",
    "`resources:` takes from what `[capacity]` in `orchestrate.toml` names. What is not there can "
    "never be had, so `run` is refused.",
    None,
)
TOO_MUCH_CAPACITY = Rule(
    "too-much-capacity",
    ERROR,
    "a claim asks for more than there is",
    "A step asks for more of a resource than `[capacity]` in `orchestrate.toml` has, or does so "
    "together with what the playbook and the steps around it hold already: it would wait for "
    "itself. Amounts that are expressions are looked at by `run`, which is refused then.",
    None,
)
