"""What a command word resolves to."""

from collections.abc import Mapping
from typing import NamedTuple


class Resolved(NamedTuple):
    """What is really executed for a call."""

    argv: tuple[str, ...]
    origin: str
    """For messages: `commands/infra`, `orchestrate.toml`, `built-in`, `/usr/bin/orchestrate-x`."""
    read_only: bool
    """A built-in that only reads: it may run again when its outcome is unknown."""
    env: Mapping[str, str]
    """Variables that the command needs beside those of every call."""
    host: str | None = None
    """The machine on which it is executed, if it is another one."""
    playbook: str | None = None
    """The playbook that the command stands for, if it does."""
    variables: tuple[str, ...] = ()
    """Variables of the workflow's starter that it needs, also those that are kept from steps."""
