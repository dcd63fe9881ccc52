"""What could come next on a line of the shell."""

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
    files: Callable[[str], Sequence[str]]
    """Paths that begin so."""


class Candidate(NamedTuple):
    """A word that fits, and a remark about it."""

    text: str
    remark: str = ""


def candidates(text: str, names: Names) -> list[Candidate]:
    """What the last word of `text` (up to the cursor) could become; "" is a word to begin."""
    words = text.split()
    current = "" if not text or text[-1].isspace() else words.pop()
    return [found for found in _all(words, current, names) if found.text.startswith(current)]


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
    verb = "run" if before[0].startswith("-") else before[0]
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
        yield from _values(option, current, names)
        return
    if not current.startswith("-"):
        yield from _arguments(command, names)
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


def _values(option: click.Option, current: str, names: Names) -> Iterator[Candidate]:
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
            case _:
                choices = ()
    yield from map(Candidate, choices)


def _arguments(command: click.Command, names: Names) -> Iterator[Candidate]:
    """What stands without an option in front: a workflow or a playbook, as the metavar says."""
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            shown = (parameter.metavar or parameter.name or "").upper()
            if "ID" in shown.strip("[]").split() or shown.startswith("[ID"):
                yield Candidate("current", "the only workflow that this makes sense for")
                yield from map(Candidate, names.workflows())
            elif "PLAYBOOK" in shown or "NAME" in shown:
                yield from map(Candidate, names.playbooks())
