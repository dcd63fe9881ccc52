"""The secrets of a project, as its settings say where they are."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from orchestrate.playbook.plan import Secret
from orchestrate.project.model import Project

if TYPE_CHECKING:
    from orchestrate.secrets.model import Fetched
    from orchestrate.secrets.sources import Sources


class ProjectSecrets:
    """Asks the sources of a project; any thread may call it. `complain` is told what goes wrong
    beside a workflow.
    """

    def __init__(
        self, project: Project, env: Mapping[str, str], complain: Callable[[str], None]
    ) -> None:
        self._project = project
        self._env = env
        self._complain = complain
        self._sources: Sources | None = None
        self._making = Lock()

    def resolve(self, secrets: Sequence[Secret]) -> Mapping[str, str]:
        """The values of those of a plan's secrets that are known before it starts."""
        from orchestrate.secrets.sources import resolve

        return resolve(secrets, self._env)

    def fetch(self, secret: Secret) -> "Fetched":
        """The value of a secret now; it may have to be asked for."""
        return self._all_sources().fetch(secret)

    def give_back(self, folder: Path) -> None:
        """Give back the leases of a workflow that is over."""
        from orchestrate.launching.leases import give_back

        problem = give_back(folder, lambda lent: self._all_sources().take_back(*lent))
        if problem:
            self._complain(f"secrets: {problem}")

    def _all_sources(self) -> "Sources":
        with self._making:
            if self._sources is None:
                from orchestrate.secrets.sources import Sources

                project = self._project
                self._sources = Sources(project.root, project.settings.vault, self._env)
            return self._sources
