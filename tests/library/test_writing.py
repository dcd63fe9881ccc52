from pathlib import Path

import pytest

from orchestrate.library.writing import Writing


def everything(folder: Path) -> dict[str, str]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.read_text() for file in files}


def test_all_files_are_written_and_keep_their_modes(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("before")
    (tmp_path / "old").chmod(0o751)
    with Writing(tmp_path) as writing:
        writing.prepare("old", b"after")
        writing.prepare("new/tool", b"x", mode=0o700)
    assert everything(tmp_path) == {"old": "after", "new/tool": "x"}
    assert (tmp_path / "old").stat().st_mode & 0o777 == 0o751
    assert (tmp_path / "new" / "tool").stat().st_mode & 0o777 == 0o700


def write(folder: Path, *names: str, replace: bool = True, fault: bool = False) -> None:
    with Writing(folder) as writing:
        for name in names:
            writing.prepare(name, b"after", replace=replace or name != names[-1])
        if fault:
            raise KeyboardInterrupt


def test_what_is_there_and_must_not_be_replaced_keeps_all_from_being_written(
    tmp_path: Path,
) -> None:
    for name in ("first", "last"):
        (tmp_path / name).write_text("before")
    with pytest.raises(FileExistsError):
        write(tmp_path, "first", "made/second", "last", replace=False)
    assert everything(tmp_path) == {"first": "before", "last": "before"}
    assert not (tmp_path / "made").exists()


def test_a_place_that_is_taken_by_a_folder_brings_everything_back(tmp_path: Path) -> None:
    (tmp_path / "first").write_text("before")
    (tmp_path / "last" / "inside").mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        write(tmp_path, "first", "last")
    assert everything(tmp_path) == {"first": "before"}
    assert (tmp_path / "last" / "inside").is_dir()


def test_a_fault_in_between_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, "a/b/c", fault=True)
    assert list(tmp_path.iterdir()) == []
