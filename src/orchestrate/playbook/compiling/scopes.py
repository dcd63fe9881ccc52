"""Which names could be seen where, as the walk through a playbook leaves it behind."""

from typing import NamedTuple

from orchestrate.errors import Place
from orchestrate.playbook.names import Known, Seen
from orchestrate.playbook.plan import Step


class Scope(NamedTuple):
    """What a step may refer to, and what it is to those after it."""

    place: Place
    seen: Seen
    known: Known
    step: Step


class Scopes(NamedTuple):
    """Those of one file."""

    before: Seen
    """By the first step: parameters, variables and what is built in."""
    after: Seen
    """After the last one: by the outputs."""
    steps: tuple[Scope, ...]
