"""The options of an integration right before a delivery: secrets put in, never stored."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from orchestrate.integrations.service import OptionsError
from orchestrate.playbook.expression.rendering import as_text
from orchestrate.playbook.integrations import CREDENTIALS, VARIABLES
from orchestrate.playbook.plan import Expression, Json, SecretRef, Template, Text
from orchestrate.playbook.templates import render
from orchestrate.project.telling import VARIABLE, merged, texts_in, unset_in


class Unset(Exception):  # noqa: N818 - what these variables are
    """Environment variables that are not set here."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(", ".join(names))
        self.names = names


class Values(NamedTuple):
    """Where values come from."""

    name: Callable[[str], Json]
    """A name in an expression."""
    secret: Callable[[str], str]
    """A secret of the playbook. Raises Unset, or an OrchestrateError."""
    env: Mapping[str, str]


class Given(NamedTuple):
    """Options as a service takes them, and the values in them that nobody may see."""

    options: Mapping[str, Json]
    hidden: tuple[str, ...]


def resolve(
    kind: str, own: Mapping[str, Template], settings: Mapping[str, Json], values: Values
) -> Given:
    """The options. Raises Unset, or an OrchestrateError for what cannot be rendered or fetched."""
    taken = merged(kind, own, settings)
    unset = unset_in(taken, values.env)
    if unset:
        raise Unset(unset)
    hidden: dict[str, None] = {}
    options: dict[str, Json] = {
        name: _filled(value, values.env, hidden) for name, value in taken.items()
    }
    options.update({name: _rendered(template, values, hidden) for name, template in own.items()})
    for name, variable in VARIABLES.get(kind, {}).items():
        found = values.env.get(variable)
        if name not in options and found:
            options[name] = found
    for name in CREDENTIALS[kind]:
        for text in texts_in(options.get(name)):
            hidden[text] = None
    return Given(options, tuple(hidden))


def _rendered(template: Template, values: Values, hidden: dict[str, None]) -> Json:
    match template:
        case SecretRef():
            value = values.secret(template.name)
            hidden[value] = None
            return value
        case Text():
            return "".join(as_text(_rendered(part, values, hidden)) for part in template.parts)
        case Mapping():
            return {key: _rendered(part, values, hidden) for key, part in template.items()}
        case list() | tuple():
            return [_rendered(part, values, hidden) for part in template]
        case Expression() | str():
            return render(template, values.name)
        case _:
            return template  # pyright: ignore[reportReturnType] - numbers and truth values


def _filled(value: Json, env: Mapping[str, str], hidden: dict[str, None]) -> Json:
    """The value of an option of the project, its variables put in: these count as secret."""

    def put(match: re.Match[str]) -> str:
        if match[0].startswith("$$"):
            return match[0][1:]
        hidden[env[match[1]]] = None
        return env[match[1]]

    match value:
        case str():
            return VARIABLE.sub(put, value)
        case Mapping():
            return {key: _filled(part, env, hidden) for key, part in value.items()}
        case list():
            return [_filled(part, env, hidden) for part in value]
        case _:
            return value


def target_url(
    options: Mapping[str, Json], targets: Mapping[str, Mapping[str, Json]], env: Mapping[str, str]
) -> Mapping[str, Json]:
    """For `notify`: the options with the address of the `[notify.NAME]` that `target` names."""
    target = options.get("target")
    if not isinstance(target, str):
        return options
    configured = targets.get(target)
    if configured is None or configured.get("type") != "url":
        known = ", ".join(name for name, each in targets.items() if each.get("type") == "url")
        raise OptionsError(
            f"there is no [notify.{target}] with an address",
            hint=f"Those that have one: {known or 'none'}.",
        )
    variable = configured.get("url_variable")
    if isinstance(variable, str):
        if not env.get(variable):
            raise Unset((variable,))
        return {"url": env[variable]}
    return {"url": configured.get("url")}
