"""A plan in short: one line for each step, values as the author wrote them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from orchestrate.playbook.plan import (
    Action,
    Approval,
    Assert,
    Command,
    Conditional,
    EventWait,
    Expression,
    ForEach,
    Parallel,
    Plan,
    Script,
    SecretRef,
    Set,
    Shell,
    Step,
    SubPlaybook,
    Template,
    Text,
    Transaction,
    Wait,
)
from orchestrate.workflow import paths
from orchestrate.workflow.kinds import kind_of

_SEVERAL = frozenset(" \t\n\"'")


class OutlineLine(NamedTuple):
    """One step. `depth` counts from 0; `role` says what else than its turn makes it run: a handler,
    a branch, `then` or `else`; `call` is what it does, as written; `notes` are its other keys.
    """

    depth: int
    path: str
    role: str
    kind: str
    call: str
    notes: tuple[str, ...]


def outline(plan: Plan) -> list[OutlineLine]:
    """Every step with its handlers, in written order. Steps of sub-playbooks are left to them."""
    lines = list(_steps(plan.steps, "", "", 0))
    for role, steps in _handlers(plan):
        lines += _steps(steps, role, role, 0)
    return lines


def calls_of(plan: Plan) -> list[str]:
    """What a plan calls, as written, each once; sub-playbooks not included."""
    calls = (line.call for line in outline(plan) if line.kind in ("command", "shell", "script"))
    return list(dict.fromkeys(calls))


def _steps(steps: Sequence[Step], prefix: str, role: str, depth: int) -> Iterator[OutlineLine]:
    for step in steps:
        path = paths.join(prefix, step.key)
        kind = step.label or kind_of(step)
        yield OutlineLine(
            depth, path, role, kind_of(step), call_of(step.action), _notes(step, kind)
        )
        yield from _inside(step.action, path, depth + 1)
        for name, handler in (*_handlers(step), (paths.COMPENSATE, step.compensate)):
            yield from _steps(handler, paths.join(path, name), name, depth + 1)


def _inside(action: Action, path: str, depth: int) -> Iterator[OutlineLine]:
    match action:
        case Parallel(branches=branches):
            for branch in branches:
                inner = paths.join(path, branch.key)
                yield from _steps(branch.steps, inner, f"branch {branch.key}", depth)
        case Conditional(then=then, otherwise=otherwise):
            yield from _steps(then, paths.join(path, paths.THEN), "then", depth)
            yield from _steps(otherwise, paths.join(path, paths.ELSE), "else", depth)
        case ForEach(steps=steps) | Transaction(steps=steps):
            yield from _steps(steps, path, "", depth)
        case _:
            pass


def _handlers(owner: Plan | Step) -> Iterator[tuple[str, tuple[Step, ...]]]:
    yield paths.ON_FAILURE, owner.on_failure
    yield paths.ON_SUCCESS, owner.on_success
    yield paths.FINALLY, owner.always


def call_of(action: Action) -> str:
    """What a step does, in one line or as its author wrote it."""
    match action:
        case Command(words=words):
            return " ".join(_word(word) for word in words)
        case Shell(source=source) | Script(source=source):
            return source.strip()
        case Parallel(branches=branches):
            return f"{len(branches)} branches at once"
        case Conditional(condition=condition):
            return f"if {condition.source}"
        case ForEach(items=items, variable=variable):
            return f"for each {variable} of {as_written(items)}"
        case Transaction(steps=steps):
            return f"{len(steps)} steps, all or nothing"
        case SubPlaybook(plan=plan):
            return f"playbook {plan.name}"
        case Assert(condition=condition):
            return f"assert {condition.source}"
        case Set(variables=variables):
            return ", ".join(f"{name} = {as_written(value)}" for name, value in variables.items())
        case Wait(duration=duration, until=until):
            ends = _seconds(duration) if until is None else as_written(until)
            return f"wait {ends}" if until is None else f"wait until {ends}"
        case EventWait(event=event, source=source):
            where = "" if source is None else f" from {as_written(source)}"
            return f"wait for the event {as_written(event)}{where}"
        case Approval(message=message):
            return f"approval: {as_written(message)}"


def _notes(step: Step, kind: str) -> tuple[str, ...]:
    """The keys that change how it runs."""
    notes = [kind] if step.label else []
    if step.when is not None:
        notes.append(f"when {step.when.source}")
    if step.needs is not None:
        notes.append(f"needs {', '.join(step.needs) or 'nothing'}")
    if step.timeout is not None:
        notes.append(f"timeout {_seconds(step.timeout)}")
    if step.retry.attempts != 1:
        notes.append(f"attempts {as_written(step.retry.attempts)}")
    if step.workdir is not None:
        notes.append(f"in {as_written(step.workdir)}")
    notes += claims_of(step)
    notes += [f"{name}={as_written(value)}" for name, value in step.env.items()]
    if step.continue_on_error:
        notes.append("continue on error")
    return tuple(notes)


def claims_of(owner: Step | Plan) -> list[str]:
    """What it holds while it runs: locks, and so much of each resource."""
    locks = [
        f"{'shared ' if lock.shared else ''}lock {as_written(lock.name)}" for lock in owner.locks
    ]
    return locks + [f"takes {as_written(amount)} {name}" for name, amount in owner.resources]


def _seconds(template: Template) -> str:
    """A time as people write it: `90s`, `1h30m`."""
    if not isinstance(template, int | float):
        return as_written(template)
    text, rest = "", float(template)
    for unit, size in (("h", 3600), ("m", 60)):
        count, rest = divmod(rest, size)
        text += f"{count:g}{unit}" if count else ""
    return f"{text}{rest:g}s" if rest or not text else text


def _word(word: Template) -> str:
    """One argument; quoted if it would look like several."""
    text = as_written(word)
    if isinstance(word, Expression | SecretRef) or (text and not _SEVERAL & set(text)):
        return text
    return f"'{text}'"


def as_written(template: Template) -> str:
    """A value as it stands in the playbook, more or less."""
    match template:
        case Expression(source=source):
            return f"${{{source}}}"
        case SecretRef(name=name):
            return f"${{secrets.{name}}}"
        case Text(parts=parts):
            return "".join(as_written(part) for part in parts)
        case str():
            return template
        case Mapping():
            inner = ", ".join(f"{name}: {as_written(value)}" for name, value in template.items())
            return f"{{{inner}}}"
        case Sequence():
            return f"[{', '.join(as_written(value) for value in template)}]"
        case float() if template.is_integer():
            return str(int(template))
        case _:
            return json.dumps(template)
