"""What is due for the audit when a workflow has ended: to remove old actions, and to sign."""

from collections.abc import Callable

from orchestrate.embedded.actions import Author
from orchestrate.embedded.auditing import cutting, signing
from orchestrate.embedded.store import Store
from orchestrate.errors import OrchestrateError
from orchestrate.launching.signing import seal_of
from orchestrate.project.model import Project


class Upkeep:
    """Does what `[audit]` says. What cannot be done is told, and fails nobody."""

    def __init__(self, project: Project, author: Author, complain: Callable[[str], None]) -> None:
        self._settings = project.settings.audit
        self._seal = seal_of(project)
        self._author = author
        self._complain = complain

    def __call__(self, store: Store) -> None:
        """Do what is due."""
        try:
            cutting.cut_if_due(store, self._settings.retention_days)
            if self._seal is not None:
                signing.sign_if_due(store, self._seal, self._settings.sign_every, self._author)
        except OrchestrateError as error:
            self._complain(f"audit: {error.message}")
