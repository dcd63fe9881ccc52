import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "contract"))

from coordination import CoordinationContract, windows

from orchestrate.embedded.coordination import StoredCoordination
from orchestrate.launching.freezing import frozen
from orchestrate.project.model import FreezeWindow


class Stored:
    """A state directory, whose engines have settings."""

    def __init__(self, project) -> None:
        self._project = project
        self.root = project.root
        self.new = project.new
        self._settings: dict[str, object] = {}

    def set(self, **settings) -> None:
        freeze = settings.pop("freeze", None)
        if freeze is not None:
            window = FreezeWindow(**windows(freeze))
            settings["freezes"] = lambda now, where, how: frozen([window], now, where, how)
        self._settings.update(settings)

    def engine(self):
        return self._project.engine(**self._settings)

    def coordination(self, engine):
        places = self._settings.get("max_workflows")
        return StoredCoordination(engine, self._settings.get("capacity", {}), places)


class TestStoredCoordination(CoordinationContract):
    @pytest.fixture
    def site(self, project):
        return Stored(project)
