"""What could come next on a line."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import click

from orchestrate.cli.shell.reading import OWN
from orchestrate.cli.verbs import VERBS, LazyGroup


class Names(NamedTuple):
    """Where names come from; each is asked when it is needed."""

    playbooks: Callable[[], Sequence[str]]
    workflows: Callable[[], Sequence[str]]
    environments: Callable[[], Sequence[str]]
    commands: Callable[[], Sequence[str]]
    schedules: Callable[[], Sequence[str]]
    parameters: Callable[[str], Sequence[str]]
    """Of a playbook."""
    files: Callable[[str], Sequence[str]]
    """Paths that begin so."""


class Candidate(NamedTuple):
    """A word that fits, and a remark about it."""

    text: str
    remark: str = ""


def candidates(text: str, names: Names) -> list[Candidate]:
    """What the last word of a line of our shell (up to the cursor) could become; "" is a word to
    begin.
    """
    words = text.split()
    current = "" if not text or text[-1].isspace() else words.pop()
    return _fitting(_all(words, current, names), current)


def after_program(before: Sequence[str], current: str, names: Names) -> list[Candidate]:
    """The same for another shell: words after `orchestrate`, and the one that the cursor is in."""
    words = list(before)
    if current == "=":
        current = ""
    elif current.startswith("--") and "=" in current:
        option, _, current = current.partition("=")
        words.append(option)
    words = [word for word in words if word != "="]  # bash makes it a word of its own
    if words:
        return _fitting(_of_verb(words, current, names), current)
    found = _of_verb([""], current, names) if current.startswith("-") else _verbs()
    return _fitting(found, current)


def _fitting(found: Iterator[Candidate], current: str) -> list[Candidate]:
    return [one for one in found if one.text.startswith(current)]


def _all(before: list[str], current: str, names: Names) -> Iterator[Candidate]:
    if before and before[0] in ("orchestrate", "/orchestrate"):
        yield from _of_verb(before[1:], current, names) if before[1:] else _verbs()
    elif not before:
        yield from _verbs()
        yield from (Candidate(word, what.partition(": ")[2]) for word, what in OWN.items())
        yield Candidate("/orchestrate")
        yield from (Candidate(f"/{name}") for name in names.commands())
    elif before[0] == "use":
        yield from map(Candidate, names.environments())
    elif before[0].startswith("/"):
        yield from map(Candidate, names.files(current))
    else:
        yield from _of_verb(before, current, names)


def _verbs() -> Iterator[Candidate]:
    for name, verb in VERBS.items():
        if not verb.hidden:
            yield Candidate(name, verb.summary)


def _of_verb(before: list[str], current: str, names: Names) -> Iterator[Candidate]:
    verb = "run" if not before[0] or before[0].startswith("-") else before[0]
    if verb not in VERBS or VERBS[verb].hidden:
        return
    context = click.Context(LazyGroup())
    command = LazyGroup().get_command(context, verb)
    if isinstance(command, click.Group):
        inner = before[1] if len(before) > 1 else ""
        nested = command.get_command(context, inner) if inner else None
        if nested is None:
            yield from map(Candidate, command.list_commands(context))
            return
        command = nested
    if command is None:
        return
    option = _option(command, before[-1])
    if option is not None and not option.is_flag:
        yield from _values(option, before, current, names)
        return
    if not current.startswith("-"):
        yield from _arguments(verb, command, current, names)
    for parameter in command.get_params(click.Context(command)):
        if isinstance(parameter, click.Option) and not parameter.hidden:
            used = not parameter.multiple and set(parameter.opts) & set(before)
            if not used:
                yield Candidate(parameter.opts[-1], (parameter.help or "").split("\n")[0])


def _option(command: click.Command, word: str) -> click.Option | None:
    for parameter in command.params:
        if isinstance(parameter, click.Option) and word in parameter.opts:
            return parameter
    return None


def _values(
    option: click.Option, before: Sequence[str], current: str, names: Names
) -> Iterator[Candidate]:
    if isinstance(option.type, click.Choice):
        choices: Sequence[str] = [str(choice) for choice in option.type.choices]
    else:
        match option.name:
            case "playbook" | "export":
                choices = names.playbooks()
            case "workflow":
                choices = ("current", *names.workflows())
            case "environment":
                choices = names.environments()
            case "output" | "import_" | "junit":
                choices = names.files(current)
            case "parameters":
                choices = [f"{name}=" for name in _parameters(before, names)]
            case _:
                choices = ()
    yield from map(Candidate, choices)


def _parameters(before: Sequence[str], names: Names) -> Sequence[str]:
    """Those of the playbook that the line names."""
    for option, value in itertools.pairwise(before):
        if option == "--playbook":
            return names.parameters(value)
        if option.startswith("--playbook="):
            return names.parameters(option.partition("=")[2])
    return ()


def _arguments(
    verb: str, command: click.Command, current: str, names: Names
) -> Iterator[Candidate]:
    """What stands without an option in front, as the verb and the argument's name say."""
    for parameter in command.params:
        if not isinstance(parameter, click.Argument):
            continue
        if isinstance(parameter.type, click.Choice):
            yield from (Candidate(str(choice)) for choice in parameter.type.choices)
        elif isinstance(parameter.type, click.Path):
            yield from map(Candidate, names.files(current))
        elif (parameter.metavar or "").startswith("[ID"):
            yield Candidate("current", "the only workflow that this makes sense for")
            yield from map(Candidate, names.workflows())
        elif verb == "schedule":
            yield from map(Candidate, names.schedules())
        elif verb == "library" or "PLAYBOOK" in (parameter.metavar or ""):
            yield from map(Candidate, names.playbooks())
