"""A playground for each test; nothing of it is left when the test ends."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from crash.harness import Playground


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Playground]:
    made = Playground(tmp_path / "project")
    yield made
    made.close()
    assert made.processes() == []
