"""What lies in `supervisors/` may be another user's, or unreadable: then nothing is known of it."""

from pathlib import Path

import pytest
from embedded.conftest import Project

from orchestrate.cli.checkup import check_supervisors
from orchestrate.embedded import retention
from orchestrate.embedded.metrics import standing


@pytest.fixture
def unreadable(project: Project) -> Path:
    """The records of a supervisor, in whose place there is a folder."""
    assert project.engine().store.data_version()
    records = project.state / "supervisors" / "4711-of-somebody" / "records"
    records.mkdir(parents=True)
    return records


def test_they_are_not_tidied_away(project: Project, unreadable: Path):
    retention.sweep(project.engine().store)
    assert unreadable.is_dir()


def test_doctor_tells_of_them(project: Project, unreadable: Path):
    told = [(f.level, f.message) for f in check_supervisors(project.state)]
    assert told == [
        ("warn", f"the records in {unreadable.parent} cannot be read: Is a directory"),
        ("good", "0 alive, 0 ended"),
    ]


def test_what_is_counted_leaves_them_out(project: Project, unreadable: Path):
    (unreadable.parent / "lock").mkdir()
    assert standing._supervisors(project.state) == {"alive": 0, "orphaned": 0}
