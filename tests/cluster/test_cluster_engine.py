import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "contract"))

from engine import EngineContract


class TestClusterEngine(EngineContract):
    @pytest.fixture
    def engine(self, cluster):
        cluster.worker()
        return cluster.engine()

    @pytest.fixture
    def second_engine(self, cluster):
        return cluster.engine()

    @pytest.fixture
    def new(self, cluster):
        return cluster.new
