"""The port through which scenarios get what lies outside of their file: playbooks, environments."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from orchestrate.errors import NotFoundError
from orchestrate.playbook.plan import Json


class Source(NamedTuple):
    """The text of a playbook, and the file's name as people read it."""

    file: str
    text: bytes


class Setting(NamedTuple):
    """What an environment file says."""

    variables: Mapping[str, Json]
    parameters: Mapping[str, Json]


class Sources(Protocol):
    """A project, as scenarios see it."""

    def playbook(self, name: str, beside: str | None = None) -> Source:
        """The playbook of that name or path; `beside`: the file that refers to it. Raises an
        OrchestrateError.
        """
        ...

    def environment(self, name: str) -> Setting:
        """An environment. Raises an OrchestrateError."""
        ...

    def names(self) -> tuple[str, ...]:
        """The names of all playbooks."""
        ...


class NoProject:
    """Scenarios that bring everything along: the text of their playbooks, no environment files."""

    def playbook(self, name: str, beside: str | None = None) -> Source:  # noqa: ARG002 - the port
        """There is none."""
        raise NotFoundError(
            f"there is no playbook {name}", hint="Give the text of the playbook, or use a project."
        )

    def environment(self, name: str) -> Setting:  # noqa: ARG002 - the port
        """Any environment, without values."""
        return Setting({}, {})

    def names(self) -> tuple[str, ...]:
        """None."""
        return ()
