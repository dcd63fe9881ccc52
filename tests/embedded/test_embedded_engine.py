import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "contract"))

from engine import EngineContract


class TestEmbeddedEngine(EngineContract):
    @pytest.fixture
    def engine(self, project):
        return project.engine()

    @pytest.fixture
    def second_engine(self, project):
        return project.engine()

    @pytest.fixture
    def new(self, project):
        return project.new
