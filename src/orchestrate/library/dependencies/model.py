"""One thing that a playbook needs, and whether it is there."""

from typing import NamedTuple

from orchestrate.errors import Place

FOUND, MISSING, UNCHECKED = "found", "missing", "unchecked"


class Dependency(NamedTuple):
    """One thing that a playbook needs."""

    kind: str
    """command, program, variable, secret, playbook, directory, file, check, backup set, backup
    target, notification, suite, integration, host."""
    name: str
    place: Place
    """The first step that needs it, or where it is declared."""
    status: str
    """found, missing, or unchecked (nobody can know it before the run)."""
    detail: str = ""
    """Where it was found, or why it counts as missing. Never a value."""
    hint: str = ""
    required: bool = True
    """Without it a run fails; otherwise it is only worth a warning."""


class Endpoint(NamedTuple):
    """A host that shall answer on a port."""

    host: str
    port: int
    name: str
    """As the playbook names it: a URL, a host, a check."""
    place: Place
