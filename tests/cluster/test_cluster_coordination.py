import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "contract"))

from coordination import CoordinationContract, windows

from orchestrate.cluster.coordinating.settings import Settings
from orchestrate.project.model import FreezeWindow

_NAMES = {"capacity": "capacity", "max_workflows": "places", "rate_limits": "limits"}


class Shared:
    """A namespace, whose engines have settings."""

    def __init__(self, cluster) -> None:
        self._cluster = cluster
        self.root = cluster.root
        self.new = cluster.new
        self._settings = Settings()

    def set(self, **settings) -> None:
        freeze = settings.pop("freeze", None)
        given = {_NAMES[name]: value for name, value in settings.items()}
        if freeze is not None:
            given["freezes"] = (FreezeWindow(**windows(freeze))._replace(zone="UTC"),)
        self._settings = self._settings._replace(**given)

    def engine(self):
        return self._cluster.engine(shared=self._settings)

    def coordination(self, engine):
        return engine.coordination


class TestClusterCoordination(CoordinationContract):
    @pytest.fixture
    def site(self, cluster):
        cluster.worker()
        return Shared(cluster)
