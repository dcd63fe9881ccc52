"""Rules about names: those that nobody reads, and those that hide others."""

from collections.abc import Iterator

from orchestrate.errors import Place
from orchestrate.playbook.linting.model import WARNING, Finding, Rule, Subject
from orchestrate.playbook.linting.reading import names_read
from orchestrate.playbook.names import normalise
from orchestrate.playbook.nodes import MapNode
from orchestrate.playbook.parameters import ENVIRONMENT
from orchestrate.playbook.plan import Set
from orchestrate.playbook.triggers import secrets_of


def _unused_variable(subject: Subject) -> Iterator[Finding]:
    setting = [each.step for each in subject.steps if isinstance(each.step.action, Set)]
    if not subject.plan.variables and not setting:
        return
    read = names_read(subject.plan)
    variables = subject.document.get("variables")
    for entry in variables.entries if isinstance(variables, MapNode) else ():
        if normalise(entry.key.text) not in read:
            yield _unread("variable", entry.key.text, entry.key.place)
    for step in setting:
        written = subject.key(step, "variables")
        entries = written.value.entries if written and isinstance(written.value, MapNode) else ()
        for entry in entries:
            if normalise(entry.key.text) not in read:
                finding = _unread("variable", entry.key.text, entry.key.place)
                yield finding._replace(step=step.place)


def _unused_parameter(subject: Subject) -> Iterator[Finding]:
    parameters = subject.plan.parameters
    declared = [each for each in parameters if not each.implicit and each.name != ENVIRONMENT]
    if not declared:
        return
    read = names_read(subject.plan)
    text = "\n".join(subject.lines)
    for parameter in declared:
        variable = f"PARAM_{normalise(parameter.name).upper()}"
        if normalise(parameter.name) not in read and variable not in text:
            finding = _unread("parameter", parameter.name, parameter.place)
            hint = f"remove it, or ignore this if a command reads {variable}"
            yield finding._replace(hint=hint)


def _unused_secret(subject: Subject) -> Iterator[Finding]:
    own = [each for each in subject.plan.secrets if each.place.file == subject.document.place.file]
    if not own:
        return
    read = names_read(subject.plan) | {
        normalise(secret.name) for secret in secrets_of(subject.plan.triggers)
    }
    read |= {
        normalise(secret.name) for each in subject.plan.integrations for secret in each.secrets
    }
    for secret in own:
        if normalise(secret.name) not in read:
            yield _unread("secret", secret.name, secret.place)


def _unread(what: str, name: str, place: Place) -> Finding:
    message = f"the {what} `{name}` is never read"
    return Finding(message, place, "remove it, or look for a misspelt use of it", len(name))


def _hidden_environment_value(subject: Subject) -> Iterator[Finding]:
    given = {normalise(name): name for name in subject.facts.variables}
    for parameter in subject.plan.parameters:
        name = given.get(normalise(parameter.name))
        if name is not None:
            yield Finding(
                f"the parameter `{parameter.name}` hides the variable `{name}` of the environment "
                f"{subject.facts.environment}",
                parameter.place,
                f"give it under `parameters:` of environments/{subject.facts.environment}",
                len(parameter.name),
            )


UNUSED_VARIABLE = Rule(
    "unused-variable",
    WARNING,
    "a variable is never read",
    "A variable, of the playbook or of a `set` step, that no expression reads has no effect. Often "
    "the place that should read it holds a fixed value, or another name.",
    _unused_variable,
)
UNUSED_PARAMETER = Rule(
    "unused-parameter",
    WARNING,
    "a parameter is never read",
    "Whoever runs the playbook gives a value that changes nothing. Commands get every parameter in "
    "the environment as `PARAM_NAME`, too; if one of them reads it there, ignore this rule on the "
    "line of the parameter. A `PARAM_NAME` in the playbook itself counts as a use.",
    _unused_parameter,
)
UNUSED_SECRET = Rule(
    "unused-secret",
    WARNING,
    "a secret is never read",
    "Every declared secret must have a value before a workflow can start, also one that nothing "
    "uses. What is not needed should not be fetched.",
    _unused_secret,
)
HIDDEN_ENVIRONMENT_VALUE = Rule(
    "hidden-environment-value",
    WARNING,
    "a parameter hides a variable of the environment's file",
    "Parameters are looked up before variables. If an environment's file gives a variable the name "
    "of a parameter, that value has no effect. Under `parameters:` of the same file it would be "
    "the parameter's value there.",
    _hidden_environment_value,
)
