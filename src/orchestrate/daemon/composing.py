"""From a request to a workflow in a process that stays: settings may change meanwhile."""

from contextlib import suppress

from orchestrate.app import App
from orchestrate.intake import Request, compose
from orchestrate.project.git import GitState
from orchestrate.workflow.engine import NewWorkflow


class Composer:
    """Composes workflows of one project. Used in one thread."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._stamp = _stamp(app)

    def compose(self, request: Request) -> NewWorkflow:
        """The workflow that is asked for, by settings and environments as they are now."""
        if _stamp(self._app) != self._stamp:
            self.reload()
        git = GitState(self._app.project.root)
        try:
            new = compose(self._app, request)
            return new._replace(git_commit=git.commit, git_dirty=git.dirty())
        finally:
            git.close()

    def reload(self) -> None:
        """Read settings and environments anew. Raises SettingsError, and keeps what there was."""
        self._stamp = _stamp(self._app)
        self._app.reload()


def _stamp(app: App) -> tuple[tuple[str, int, int], ...]:
    """Changes when settings or environments are edited."""
    root = app.project.root
    found: list[tuple[str, int, int]] = []
    for path in (root / "orchestrate.toml", *sorted((root / "environments").glob("*"))):
        with suppress(OSError):
            seen = path.stat()
            found.append((path.name, seen.st_mtime_ns, seen.st_size))
    return tuple(found)
