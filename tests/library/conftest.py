from pathlib import Path

import pytest

from orchestrate.project.find import find_project
from orchestrate.project.model import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "playbooks").mkdir()
    (tmp_path / ".orchestrate").mkdir()
    return find_project(tmp_path, {})
