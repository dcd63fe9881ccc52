"""The services that there are: which file makes which, and what each is told by default."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from orchestrate.integrations.service import Limits, Service

if TYPE_CHECKING:
    from orchestrate.playbook.plan import Json


def build(kind: str, options: "Mapping[str, Json]", limits: Limits) -> Service:
    """The service of a type (`slack`, …). `options` are those of the playbook over those of
    `[integrations.TYPE]`, secrets put in. Raises OptionsError, with what to do about it.

    The library of a vendor is imported here, and not before.
    """
    made: Service = import_module(f"orchestrate.integrations.{kind}").make(options, limits)
    return made
