"""Commands and programs: what `command:`, `script:` and the first command of a `shell:` call."""

import re
from collections.abc import Iterator, Sequence

from orchestrate.commands.registry import Registry
from orchestrate.errors import CommandError, Place
from orchestrate.library.dependencies.model import FOUND, MISSING, UNCHECKED, Dependency
from orchestrate.playbook.plan import Command, Script, Shell, Step, Wait

_WORD = re.compile(r"[A-Za-z0-9_./-]+(?=$|[\s;&|])")
_FUNCTION = re.compile(r"^[ \t]*(?:function[ \t]+)?([A-Za-z_]\w*)[ \t]*\(\)", re.MULTILINE)
_OF_THE_SHELL = re.compile(
    r"[.:\[]|alias|bg|break|case|cd|command|continue|do|done|echo|elif|else|esac|eval|exec|exit|export"
    r"|false|fg|fi|for|getopts|hash|if|in|jobs|kill|local|printf|pwd|read|readonly|return|set|shift"
    r"|source|test|then|times|trap|true|type|ulimit|umask|unalias|unset|until|wait|while"
)
_PREPARING = frozenset(("set", "cd", "export", "umask", "ulimit", "trap", ":"))
"""What may stand before the first program."""


def calls(step: Step, place: Place, registry: Registry) -> Iterator[Dependency]:
    """What a step calls."""
    action = step.action.probe if isinstance(step.action, Wait) else step.action
    match action:
        case Command(words=words) if words:
            yield _command(words, place, registry)
        case Script(interpreter=interpreter):
            yield _command(interpreter[:1], place, registry)
        case Shell(source=source):
            program = first_program(source)
            if program is not None:
                yield _program(program, place, registry)
        case _:
            pass


def literal(words: Sequence[object]) -> tuple[str, ...]:
    """The words up to the first that is not known before the run."""
    known: list[str] = []
    for word in words:
        if not isinstance(word, str):
            break
        known.append(word)
    return tuple(known)


def _command(words: Sequence[object], place: Place, registry: Registry) -> Dependency:
    known = literal(words)
    if not known:
        return Dependency("command", "${…}", place, UNCHECKED, "known only when it is called")
    name = known[0]
    kind = "command" if name.startswith("/") and "/" not in name[1:] else "program"
    try:
        resolved = registry.resolve(known)
    except CommandError as error:
        return Dependency(kind, name, place, MISSING, error.message, error.hint)
    return Dependency(kind, name, place, FOUND, resolved.origin)


def _program(name: str, place: Place, registry: Registry) -> Dependency:
    try:
        origin = registry.resolve([name]).origin
    except CommandError as error:
        return Dependency("program", name, place, MISSING, error.message, error.hint)
    return Dependency("program", name, place, FOUND, origin)


def first_program(source: str) -> str | None:
    """The program that a shell text starts with, if that is evident."""
    own = set(_FUNCTION.findall(source))
    for line in source.splitlines():
        word = _WORD.match(line.strip())
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if word is None or word.group() in own or _FUNCTION.match(line):
            return None
        name = word.group()
        if name not in _PREPARING:
            return None if _OF_THE_SHELL.fullmatch(name) else name
    return None
