"""Hosts that stand literally in the words and shell texts of a playbook."""

import re
from collections.abc import Iterator

from orchestrate.errors import Place
from orchestrate.library.dependencies.model import Endpoint
from orchestrate.playbook.plan import Command, Script, Shell, Step, Text, Wait

_PORTS = {
    "http": 80,
    "https": 443,
    "ssh": 22,
    "sftp": 22,
    "ftp": 21,
    "rsync": 873,
    "postgres": 5432,
    "postgresql": 5432,
    "mysql": 3306,
    "redis": 6379,
    "amqp": 5672,
}
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
_END = r"(?=[/\s\"'?#,;)]|$)"
_URL = re.compile(
    rf"\b(?P<scheme>{'|'.join(_PORTS)})://(?:[^\s/@'\"$\0]*@)?"
    rf"(?P<host>{_HOST}|\[[0-9a-fA-F:]+\])(?::(?P<port>\d{{1,5}}))?{_END}"
)
_ADDRESS = re.compile(
    rf"(?:^|(?<=[\s=]))(?P<host>localhost|\d+(?:\.\d+){{3}}|{_HOST}\.[A-Za-z]{{2,}})"
    rf":(?P<port>\d{{2,5}}){_END}"
)
_LOGIN = re.compile(rf"[\w.-]+@(?P<host>{_HOST})(?::.*)?")
_SSH_PROGRAMS = frozenset(("ssh", "scp", "sftp", "rsync"))


def endpoints(step: Step, place: Place) -> Iterator[Endpoint]:
    """The hosts that a step's own call names."""
    action = step.action.probe if isinstance(step.action, Wait) else step.action
    match action:
        case Command(words=words):
            texts = [_text(word) for word in words]
            for text in texts:
                yield from endpoints_in(text, place)
            if texts and texts[0] in _SSH_PROGRAMS:
                for text in texts[1:]:
                    login = _LOGIN.fullmatch(text)
                    if login is not None:
                        yield Endpoint(login["host"], 22, text.partition(":")[0], place)
        case Shell(source=source) | Script(source=source):
            yield from endpoints_in(source, place)
        case _:
            pass


def endpoints_in(text: str, place: Place) -> Iterator[Endpoint]:
    """The hosts with a port that a text names."""
    for found in _URL.finditer(text):
        port = int(found["port"] or _PORTS[found["scheme"]])
        host = found["host"].strip("[]")
        yield Endpoint(host, port, f"{found['scheme']}://{found['host']}:{port}", place)
    for found in _ADDRESS.finditer(text):
        yield Endpoint(found["host"], int(found["port"]), found.group(), place)


def _text(word: object) -> str:
    """A word with a mark in place of what is not known."""
    if isinstance(word, Text):
        return "".join(part if isinstance(part, str) else "\0" for part in word.parts)
    return word if isinstance(word, str) else "\0"
