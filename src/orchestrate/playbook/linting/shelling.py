"""Rules about shells: where one is missing, and where one hides a failure."""

import re
from collections.abc import Iterator

from orchestrate.playbook.linting.model import NOTE, WARNING, Finding, Rule, Subject
from orchestrate.playbook.plan import Command, Script, Shell, Text

_TAKES_FILES = frozenset(
    ("cat", "chmod", "chown", "cp", "du", "gzip", "head", "ls", "mv", "rm", "rsync", "scp", "shred",
     "tail", "tar", "touch", "wc", "zip")
)  # fmt: skip
_GLOB = re.compile(r"[*?]|\[[^\]]+\]")
_VARIABLE = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*")
_STRICT = re.compile(r"(^|[;\s])set\s+-[a-z]*e|set\s+-o\s+errexit")
_GOES_ON = re.compile(r"(&&|\|\||\||\\|\bdo|\bthen|\belse|\{|\()\s*$")
_STRUCTURE = re.compile(
    r"\s*(#.*|fi|done|esac|\}|\)|else|then|do|;;|[A-Za-z_]\w*=[^\s$`]*|(if|for|while|until|case|elif"
    r"|echo|printf|set|trap|export|exit|return|local|readonly|cd)\b.*)?\s*"
)


def _not_expanded(subject: Subject) -> Iterator[Finding]:
    for located in subject.steps:
        action = located.step.action
        if not isinstance(action, Command) or not isinstance(action.words[0], str):
            continue
        program = action.words[0].rpartition("/")[2]
        for word in action.words[1:]:
            text = word.parts[0] if isinstance(word, Text) else word
            meant = _needs_shell(program, text) if isinstance(text, str) else None
            if meant is not None:
                yield subject.at_key(
                    located.step,
                    "command",
                    f"`{text[:40]}` reaches the program as it stands: no shell expands {meant}",
                    "use `shell:` for this line, or write what is meant"
                    + (", such as `${env.NAME}`" if "variable" in meant else ""),
                )
                break


def _needs_shell(program: str, word: str) -> str | None:
    if word.startswith("~/") or word == "~":
        return "`~`"
    if _VARIABLE.fullmatch(word.partition("/")[0]):
        return "the variable"
    return "the pattern" if program in _TAKES_FILES and _GLOB.search(word) else None


def _shell_goes_on(subject: Subject) -> Iterator[Finding]:
    for located in subject.steps:
        action = located.step.action
        if isinstance(action, Shell):
            key, source = "shell", action.source
        elif isinstance(action, Script) and action.interpreter[0].endswith("sh"):
            if any(word.startswith("-") and "e" in word for word in action.interpreter[1:]):
                continue
            key, source = "script", action.source
        else:
            continue
        if "\n" in source.strip() and _ignores_failures(source):
            yield subject.at_key(
                located.step,
                key,
                "a line that fails does not stop the lines after it: only the last one counts",
                "begin with `set -e`, or join the lines with `&&`",
            )


def _ignores_failures(source: str) -> bool:
    """Whether a line before the last one can fail without notice."""
    if _STRICT.search(source) or "<<" in source:
        return False
    lines = [line for line in source.splitlines() if line.strip() and line.lstrip()[0] != "#"]
    before = (line for line in lines[:-1] if not _GOES_ON.search(line))
    return any(not _STRUCTURE.fullmatch(line) for line in before)


NOT_EXPANDED = Rule(
    "not-expanded",
    WARNING,
    "a command holds what only a shell expands",
    "`command:` runs a program without a shell, so `~`, `$NAME` and file patterns such as `*.log` "
    "reach it as they are written: `rm *.log` looks for a file of that very name. Use `shell:` for "
    "such a line, `${env.NAME}` for an environment variable.",
    _not_expanded,
)
SHELL_GOES_ON = Rule(
    "shell-goes-on",
    NOTE,
    "a shell text goes on after a line that failed",
    "A shell goes on with the next line whatever became of the last, and the text's exit code "
    "is that of its last line: a failed backup before a successful `echo` is a success. `set -e` "
    "as the first line, or `&&` between the lines, lets the step fail where it failed.",
    _shell_goes_on,
)
