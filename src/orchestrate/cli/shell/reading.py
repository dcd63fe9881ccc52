"""What a line of the shell means."""

import shlex
from collections.abc import Collection
from typing import NamedTuple

from orchestrate.cli.verbs import VERBS
from orchestrate.errors import UsageError

OWN = {
    "use": "use ENVIRONMENT: for commands and verbs from now on; without a name, none",
    "help": "help: this; `VERB --help` explains a verb",
    "exit": "exit: leave (so does Ctrl-D)",
}
"""Words that the shell itself understands, and what they do."""
_SELF = ("orchestrate", "/orchestrate")


class Line(NamedTuple):
    """What to do. `kind`: nothing, own (a word of the shell itself), verb or command."""

    kind: str
    words: tuple[str, ...] = ()


def understand(text: str, commands: Collection[str]) -> Line:
    """Read a line. `commands` are the names of slash commands, for nearest names.

    Raises UsageError for what means nothing.
    """
    try:
        words = tuple(shlex.split(text, comments=True))
    except ValueError as error:
        hint = "A value with a space stands in quotes; a quote is closed by the same sign."
        raise UsageError(f"the line cannot be split into words: {error}", hint=hint) from error
    if not words:
        return Line("nothing")
    first = words[0]
    if first in _SELF:
        return Line("verb", words[1:] or ("--help",))
    if first == "quit":
        return Line("own", ("exit",))
    if first in OWN:
        return Line("own", words)
    if first.startswith("/"):
        return Line("command", words)
    if first.startswith("-") or (first in VERBS and not VERBS[first].hidden):
        return Line("verb", words)
    raise _unknown(first, commands)


def _unknown(word: str, commands: Collection[str]) -> UsageError:
    from orchestrate.playbook.spelling import nearest

    if word in commands:
        return UsageError(f"there is no verb `{word}`", hint=f"The command is `/{word}`.")
    verbs = [name for name, verb in VERBS.items() if not verb.hidden]
    near = nearest(word, [*verbs, *OWN])
    hint = f"Did you mean `{near}`?" if near else "`help` lists what can be said here."
    return UsageError(f"there is no verb `{word}`", hint=hint)
