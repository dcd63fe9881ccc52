"""Rules about what can never run."""

import re
from collections.abc import Iterator, Mapping, Sequence

from orchestrate.errors import OrchestrateError
from orchestrate.playbook.expressions import evaluate
from orchestrate.playbook.linting.model import WARNING, Finding, Rule, Subject
from orchestrate.playbook.linting.walk import Located
from orchestrate.playbook.parameters import ENVIRONMENT
from orchestrate.playbook.plan import Assert, Conditional, EventWait, Expression, Json, Set, Wait

_EQUALS = re.compile(r"""same_\((?P<name>\w+), (?P<value>"[^"\\]*")\)""")


def _unreachable(subject: Subject) -> Iterator[Finding]:
    values = _possible_values(subject)
    for located in subject.steps:
        step = located.step
        if step.when is not None and _constant(step.when, values) is False:
            yield subject.at_key(
                step, "when", "this step never runs: its condition is always false",
                "remove the step, or mend the condition",
            )  # fmt: skip
        if isinstance(step.action, Conditional):
            yield from _branches(subject, located, step.action, values)
        elif isinstance(step.action, Assert):
            yield from _after_assert(subject, located, step.action, values)


def _branches(
    subject: Subject, located: Located, action: Conditional, values: Mapping[str, Sequence[Json]]
) -> Iterator[Finding]:
    constant = _constant(action.condition, values)
    dead = action.then if constant is False else action.otherwise if constant is True else ()
    if dead:
        key = "then" if constant is False else "else"
        shown = "false" if constant is False else "true"
        yield subject.at_key(
            located.step,
            key,
            f"these steps never run: the condition is always {shown}",
            "remove them, or mend the condition",
        )


def _after_assert(
    subject: Subject, located: Located, action: Assert, values: Mapping[str, Sequence[Json]]
) -> Iterator[Finding]:
    step = located.step
    fails = _constant(action.condition, values) is False
    if fails and not step.continue_on_error and step.when is None and located.following:
        yield subject.at(
            located.following[0],
            "this and what follows never run: the assertion before always fails",
            "remove them, or mend the assertion",
        )


def _constant(condition: Expression, values: Mapping[str, Sequence[Json]]) -> bool | None:
    """The value that a condition always has, if it always has the same."""
    if not condition.names:
        try:
            value = evaluate(condition, _nothing)
        except OrchestrateError:
            return None
        return value if isinstance(value, bool) else None
    found = _EQUALS.fullmatch(condition.code)
    if found is None or found["name"] not in values:
        return None
    possible = values[found["name"]]
    if found["value"][1:-1] not in possible:
        return False
    return True if len(possible) == 1 else None


def _nothing(name: str) -> Json:
    raise KeyError(name)


def _possible_values(subject: Subject) -> dict[str, Sequence[Json]]:
    """What names can stand for, where the playbook says so: choices, and where it may run."""
    names = {
        parameter.name.replace("-", "_"): parameter.choices
        for parameter in subject.plan.parameters
        if parameter.choices is not None
    }
    if subject.plan.environments is not None:
        names[ENVIRONMENT] = subject.plan.environments
    introduced = (name for located in subject.steps for name in _introduced(located))
    hidden = {name.replace("-", "_") for name in introduced}
    return {name: values for name, values in names.items() if name not in hidden}


def _introduced(located: Located) -> Iterator[str]:
    """Names that a step brings, which may hide others."""
    action = located.step.action
    if isinstance(action, Set):
        yield from action.variables
    variable = getattr(action, "variable", None)
    if variable is not None:
        yield variable


def _handler_cannot_run(subject: Subject) -> Iterator[Finding]:
    for located in subject.steps:
        step = located.step
        if step.on_failure and step.timeout is None and _cannot_fail(located):
            yield subject.at_key(
                step, "on_failure", "this step cannot fail, so its `on_failure` never runs",
                "move the handler to a step that can fail, or to the playbook",
            )  # fmt: skip


def _cannot_fail(located: Located) -> bool:
    match located.step.action:
        case Wait(duration=int() | float(), until=None):
            return True
        case EventWait(event=str(), source=str() | None):
            return True
        case Set(variables=variables):
            return all(isinstance(value, bool | int | float) for value in variables.values())
        case Assert(condition=condition):
            return _constant(condition, {}) is True
        case _:
            return False


UNREACHABLE = Rule(
    "unreachable",
    WARNING,
    "steps can never run",
    "A condition that is always true or always false takes away a branch or a step: `when: false`, "
    "a comparison with a value that is not among a parameter's `choices:` or the playbook's "
    "`environments:`, or steps after an assertion that always fails. Usually the condition is not "
    "what was meant; if the step is switched off on purpose, remove it or say so in a comment.",
    _unreachable,
)
HANDLER_CANNOT_RUN = Rule(
    "handler-cannot-run",
    WARNING,
    "an `on_failure` belongs to a step that cannot fail",
    "`on_failure:` on a wait for a fixed time or (without a timeout) for an event, on a `set` of "
    "fixed values, or on an assertion that always holds never runs. What it is meant to undo "
    "belongs to another step, or to the whole.",
    _handler_cannot_run,
)
