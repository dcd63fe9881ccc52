"""Links in the place of what we write: nothing outside is written, emptied or gets other modes."""

import os
import stat
import threading
from pathlib import Path

import pytest
from tests.acceptance.conftest import Project

from orchestrate.embedded.location import refuse_foreign
from orchestrate.errors import StateDirectoryError

PLAYBOOK = "name: it\nsteps:\n  - {name: one, shell: echo one}\n  - {name: two, shell: echo two}\n"
FILES = ("orchestrate.db", "orchestrate.db-wal", "orchestrate.db-shm", "store.lock")
RACED = ("orchestrate.db", "store.lock", "workflows", "supervisors", "sockets", "cache")
FOLDERS = ("workflows", "supervisors", "sockets")


class Outside:
    """A file and a folder that are somebody's, and must stay as they are."""

    def __init__(self, root: Path) -> None:
        self.file, self.folder = root / "somebody's file", root / "somebody's folder"
        self.file.write_bytes(b"as it was")
        self.file.chmod(0o644)
        self.folder.mkdir(mode=0o755)
        self.missing = self.folder / "not there yet"

    def check(self) -> None:
        assert self.file.read_bytes() == b"as it was"
        assert stat.S_IMODE(self.file.stat().st_mode) == 0o644
        assert list(self.folder.iterdir()) == []
        assert stat.S_IMODE(self.folder.stat().st_mode) == 0o755


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Outside:
    return Outside(tmp_path_factory.mktemp("outside"))


@pytest.mark.parametrize("name", [*FILES, *FOLDERS])
def test_a_link_in_the_place_of_what_we_write_is_refused(
    project: Project, outside: Outside, name: str
) -> None:
    project.playbook("it", PLAYBOOK)
    state = project.root / ".orchestrate"
    state.mkdir(mode=0o700)
    targets = [outside.folder] if name in FOLDERS else [outside.file, outside.missing]
    for target in targets:
        link = state / name
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        done = project("run", "--playbook", "it")
        assert done.code == 1, done.err
        assert f"{link} is a link" in done.err
        assert "Remove the link" in done.err
        outside.check()


def test_a_link_in_the_place_of_the_cache_is_not_used(project: Project, outside: Outside) -> None:
    project.playbook("it", PLAYBOOK)
    state = project.root / ".orchestrate"
    state.mkdir(mode=0o700)
    (state / "cache").symlink_to(outside.folder)
    assert project("run", "--playbook", "it").code == 0
    outside.check()


def test_links_that_come_and_go_while_we_write_lead_nowhere(
    project: Project, outside: Outside
) -> None:
    """Whoever can write there exchanges everything for links, again and again, as we begin."""
    project.playbook("it", PLAYBOOK)
    ended = threading.Event()
    swaps = 0

    def exchange(state: Path, names: tuple[str, ...]) -> None:
        nonlocal swaps
        while not ended.wait(0.0005):
            for name in names:
                try:
                    link = state / name
                    link.symlink_to(outside.missing if name in FILES else outside.folder)
                    swaps += 1
                    link.unlink()
                except OSError:
                    continue  # it is there already, or just gone

    for number in range(6):
        state = project.root / f"state-{number}"
        state.mkdir(mode=0o700)
        racing = threading.Thread(target=exchange, args=(state, RACED))
        racing.start()
        try:
            project("run", "--playbook", "it", env={"ORCHESTRATE_STATE_DIR": str(state)})
        finally:
            ended.set()
            racing.join()
            ended.clear()
        outside.check()
    assert swaps > 0


def test_a_state_directory_that_somebody_else_made_where_anybody_may_is_refused(
    tmp_path: Path,
) -> None:
    public = tmp_path / "public"
    public.mkdir()
    public.chmod(0o1777)
    own = public / "state"
    own.mkdir(mode=0o700)
    refuse_foreign(own, os.geteuid())
    with pytest.raises(StateDirectoryError, match="belongs to somebody else"):
        refuse_foreign(own, os.geteuid() + 1)
    public.chmod(0o755)  # then whoever made it had the right to
    refuse_foreign(own, os.geteuid() + 1)
