"""What the calls of steps are about, as far as their words tell: the network, changes, checks."""

import re
from collections.abc import Iterator, Sequence

from orchestrate.playbook.linting.model import Subject, literal
from orchestrate.playbook.plan import Assert, Command, Script, Shell, Step, Wait

CHANGE_LABELS = frozenset(
    ("deployment", "deploy", "migration", "release", "rollout", "failover", "restore", "upgrade")
)
CHECK_LABELS = frozenset(
    ("validation", "test", "verification", "check", "health-check", "monitoring", "smoke-test")
)
DEPLOYMENT_LABELS = frozenset(("deployment", "deploy", "release", "rollout"))

_DEPLOYMENT_VERBS = frozenset(("deploy", "release", "rollout", "upgrade", "promote"))
_CHANGE_VERBS = _DEPLOYMENT_VERBS | frozenset(
    ("apply", "decommission", "delete", "destroy", "failover", "install", "migrate", "provision",
     "remove", "restart", "restore", "scale", "switch", "uninstall")
)  # fmt: skip
_VERBED = frozenset(("kubectl", "helm", "terraform", "systemctl", "docker", "ansible"))
"""Programs whose second word says what is done, as with slash commands."""

_CLIENTS = frozenset(("curl", "wget", "ssh", "scp", "sftp", "rsync", "nc", "ftp"))
_BOUNDED = re.compile(r"(^|\s)(--max-time|-m|--timeout|-T|timeout)([\s=]|\d|$)|ConnectTimeout")
"""The call itself says how long it may take."""
_URL = re.compile(r"\b(https?|ssh|ftp|sftp|rsync)://")
_IN_SHELL = re.compile(
    r"(?:^|[;&|(]|\b(?:do|then|else|if|while|until|!))[ \t]*"
    rf"(?:sudo[ \t]+)?({'|'.join(sorted(_CLIENTS))})(?=[ \t])",
    re.MULTILINE,
)
_CHECK_WORDS = re.compile(
    r"\b(health\w*|smoke|verify|validat\w*|ready|check\w*|test|probe)\b", re.I
)
_COMMENT = re.compile(r"(^|[ \t])#.*$", re.MULTILINE)


def network_call(subject: Subject, step: Step) -> str | None:
    """What in the step talks to another machine without a limit of its own; None: nothing."""
    action = step.action.probe if isinstance(step.action, Wait) else step.action
    match action:
        case Command():
            return _network_command(subject, action)
        case Shell(source=source) | Script(source=source):
            text = _COMMENT.sub("", source)
            found = _IN_SHELL.search(text)
            line = text[found.start() : (text + "\n").index("\n", found.end())] if found else ""
            return found.group(1) if found and not _BOUNDED.search(line) else None
        case _:
            return None


def _network_command(subject: Subject, command: Command) -> str | None:
    words = [word for word in command.words if isinstance(word, str)]
    if not words or _BOUNDED.search(" ".join(words)):
        return None
    first = words[0]
    if first.rpartition("/")[2] in _CLIENTS and first[:1] != "/":
        return first
    if first.startswith("/") and "/" not in first[1:]:
        called = subject.facts.called(_head(command.words))
        return f"{first} (on another machine)" if called.remote else None
    return next((f"{first} {word}" for word in words[1:] if _URL.search(word)), None)


def _head(words: Sequence[object]) -> tuple[str, ...]:
    head: list[str] = []
    for word in words:
        if not isinstance(word, str):
            break
        head.append(word)
    return tuple(head)


def changes(subject: Subject, step: Step) -> bool:
    """Whether the step changes what runs: its label says so, or the verb of its command."""
    if step.label in CHANGE_LABELS:
        return True
    return _verb(step) in _CHANGE_VERBS and not subject.reads_only(step)


def deploys(step: Step) -> bool:
    """Whether the step brings a new version somewhere."""
    return step.label in DEPLOYMENT_LABELS or _verb(step) in _DEPLOYMENT_VERBS


def _verb(step: Step) -> str:
    words = literal(step)
    if len(words) < 2:
        return ""
    program = words[0].rpartition("/")[2]
    slash = words[0].startswith("/") and "/" not in words[0][1:]
    return words[1] if slash or program in _VERBED else ""


def checks(step: Step) -> bool:
    """Whether the step looks if things are well."""
    if step.label in CHECK_LABELS or isinstance(step.action, Assert):
        return True
    if isinstance(step.action, Wait):
        return step.action.until is not None and step.action.duration is None
    if any(word in ("/monitor", "/test") for word in literal(step)[:1]):
        return True
    return any(_CHECK_WORDS.search(text) for text in _texts(step))


def _texts(step: Step) -> Iterator[str]:
    if step.name is not None:
        yield step.name.replace("_", " ")
    match step.action:
        case Command(words=words):
            yield " ".join(word for word in words if isinstance(word, str))
        case Shell(source=source) | Script(source=source):
            yield source
        case _:
            pass
