"""Rules about secrets where others can read them."""

import re
from collections.abc import Iterator

from orchestrate.playbook.linting.model import WARNING, Finding, Rule, Subject
from orchestrate.playbook.plan import Command, Script, SecretRef, Shell, Step, Text, Wait

_ASSIGNED = re.compile(
    r"(?i)(?:^|[\s;&|])(?:--?|export\s+)?"
    r"((?:[a-z0-9]+[-_])*(?:password|passwd|secret|token|api[-_]?key|access[-_]?key))"
    r"(?:=|\s+)(?P<quote>[\"']?)(?P<value>[^\s\"'$`;|&<>(){}-][^\s\"'`;|&<>]{5,})"
)
_IN_URL = re.compile(r"\b[a-z][a-z0-9+.-]{0,20}://[^\s/:@$]{1,100}:(?P<value>[^\s/:@${}]{1,500})@")
_KEY = re.compile(
    r"(?P<value>\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}|-----BEGIN [A-Z ]*PRIVATE KEY-----)"
)
_FIRST = re.compile(r"(?i)password|passwd|secret|token|key|://|AKIA|ASIA|gh[pousr]_|xox")
_OPTION = re.compile(r"--?[\w-]+")


def _secret_in_command_line(subject: Subject) -> Iterator[Finding]:
    for located in subject.steps:
        step = located.step
        action = step.action.probe if isinstance(step.action, Wait) else step.action
        if isinstance(action, Command) and (name := _argument(action)) is not None:
            yield subject.at_key(
                step,
                "command",
                f"the secret `{name}` becomes an argument: every user of that machine can see it",
                "pass it by the step's `env:`, or on the standard input of a `shell:`",
            )
        for key, text in _texts(step, action):
            if (found := _written(text)) is not None:
                yield subject.at_key(
                    step,
                    key,
                    f"this looks like a secret in plain text ({found})",
                    "declare it under `secrets:` and pass it by the step's `env:`",
                )


def _argument(command: Command) -> str | None:
    for word in command.words:
        parts = word.parts if isinstance(word, Text) else (word,)
        for part in parts:
            if isinstance(part, SecretRef):
                return part.name
    return None


def _texts(step: Step, action: object) -> Iterator[tuple[str, str]]:
    match action:
        case Command(words=words):
            yield "command", " ".join(word for word in words if isinstance(word, str))
        case Shell(source=source):
            yield "shell", source
        case Script(source=source):
            yield "script", source
        case _:
            pass
    for name, value in step.env.items():
        if isinstance(value, str) and value:
            yield "env", f"{name}={value}"


def _written(text: str) -> str | None:
    """What kind of secret stands in the text, never the secret itself."""
    if not _FIRST.search(text):
        return None
    if _KEY.search(text):
        return "a key of a known form"
    if _IN_URL.search(text):
        return "a password in a URL"
    found = _ASSIGNED.search(text)
    if found is None or _OPTION.fullmatch(found.group("value")) or "/" in found.group("value"):
        return None
    return f"a value of `{found.group(1)}`"


SECRET_IN_COMMAND_LINE = Rule(
    "secret-in-command-line",
    WARNING,
    "a secret stands in a command line",
    "The arguments of a process can be read by every user of the machine (`ps`), and programs like "
    "to log them. Output is masked, the process list is not. Pass a secret by the step's `env:` "
    '(`env: {API_TOKEN: "${secrets.api_token}"}`) or on standard input. The rule also finds what '
    "looks like a password, token or key written into the playbook itself, where everybody who can "
    "read the repository has it.",
    _secret_in_command_line,
)
