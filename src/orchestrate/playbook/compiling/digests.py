"""Digests of steps: the same digest, the same thing done.

Made from what was written, so that a plan of the same text has the same digests whatever program
version compiled it. A step's own name, its place and all descriptions are left out; what it
contains is in it by digest.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from orchestrate.playbook.document.kinds import STEP_LISTS
from orchestrate.playbook.nodes import MapNode, plain
from orchestrate.playbook.plan import (
    Conditional,
    Expression,
    ForEach,
    Json,
    Parallel,
    Plan,
    SecretRef,
    Step,
    SubPlaybook,
    Template,
    Text,
    Transaction,
)

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_LEFT_OUT = frozenset(("name", "description", "branches", *STEP_LISTS))


def digest_step(node: MapNode, step: Step) -> str:
    """The digest of a step as written in `node`; those of the steps inside are made already."""
    own = {e.key.text: plain(e.value) for e in node.entries if e.key.text not in _LEFT_OUT}
    inside: list[Json] = []
    match step.action:
        case Parallel(branches=branches):
            for branch in branches:
                when = branch.when.source if branch.when else None
                inside.append([branch.key, when, *_digests(branch.steps)])
        case Conditional(then=then, otherwise=otherwise):
            inside += [_digests(then), _digests(otherwise)]
        case ForEach(steps=steps) | Transaction(steps=steps):
            inside.append(_digests(steps))
        case SubPlaybook(plan=plan):
            inside.append(_of_plan(plan))
        case _:
            pass
    handlers: list[Json] = [
        _digests(step.on_failure),
        _digests(step.on_success),
        _digests(step.always),
    ]
    if step.compensate:
        handlers.append(_digests(step.compensate))
    return _sha256([own, inside, handlers])


def digest_sources(digests: Iterable[str]) -> str:
    """The digest of a plan: over those of all its sources."""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def _digests(steps: Iterable[Step]) -> list[Json]:
    return [[step.name, step.digest] for step in steps]


def _of_plan(plan: Plan) -> Json:
    """What an included playbook does; its files may differ in comments."""
    claim: list[Json] = []
    if plan.locks or plan.resources:
        locks: list[Json] = [
            [_written(lock.name), lock.shared, _written(lock.wait), lock.on_conflict]
            for lock in plan.locks
        ]
        claim = [locks, _written(plan.resources)]
    return [
        *claim,
        *(_digests(steps) for steps in (plan.steps, plan.on_failure, plan.on_success, plan.always)),
        _written(plan.variables),
        _written(plan.outputs),
        [[parameter.name, parameter.type, parameter.default] for parameter in plan.parameters],
    ]


def _written(template: Template) -> Json:
    """A template without its places."""
    match template:
        case Expression():
            return {"${}": template.code}
        case SecretRef():
            return {"${}": f"secrets.{template.name}"}
        case Text():
            return {"": [_written(part) for part in template.parts]}
        case Mapping():
            return [[name, _written(value)] for name, value in template.items()]
        case str():
            return template
        case Sequence():
            return [_written(value) for value in template]
        case _:
            return template


def _sha256(value: object) -> str:
    return hashlib.sha256(_encode(value).encode()).hexdigest()
