"""Records that cannot be read are not records that are not there."""

from pathlib import Path

import pytest

from orchestrate.errors import StateDirectoryError
from orchestrate.processes import records


def test_records_that_are_not_there_say_that_nothing_was_started(tmp_path: Path):
    assert records.read_records(tmp_path) == {}
    assert records.read_header(tmp_path) is None
    assert not records.is_in_use(tmp_path)
    assert records.read_records(tmp_path / "never made") == {}
    assert not records.is_in_use(tmp_path / "never made")


def test_nothing_is_concluded_from_records_that_cannot_be_read(tmp_path: Path):
    (tmp_path / "records").mkdir()
    with pytest.raises(StateDirectoryError, match=r"cannot be read: Is a directory"):
        records.read_records(tmp_path)
    with pytest.raises(StateDirectoryError, match=r"cannot be read: Is a directory"):
        records.boot_id(tmp_path)


def test_a_lock_that_cannot_be_looked_at_is_not_free(tmp_path: Path):
    (tmp_path / "lock").mkdir()
    with pytest.raises(StateDirectoryError, match=r"cannot be read: Is a directory"):
        records.is_in_use(tmp_path)
