"""A disk that is full, and then no longer is: the run waits and goes on, nothing is lost."""

import itertools
import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from storms.conftest import end_of, goes_on_waiting, read_until
from this_year import YEAR

MARK = "  - name: {0}\n    shell: echo {0} >> effects\n"


class Disk(NamedTuple):
    """Where the state lies, and how it becomes full for a process, and free again."""

    state: Path
    fill: Callable[[int], None]
    free: Callable[[int], None]


def limit(pid: int, size: int) -> None:
    """No file of that process may grow beyond `size`."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


def limited(folder: Path) -> Disk:
    """What a quota does, for one process: it needs no privileges."""
    return Disk(folder, lambda pid: limit(pid, 0), lambda pid: limit(pid, resource.RLIM_INFINITY))


def small(folder: Path) -> Disk:
    """A file system of its own."""
    filler = folder / "filler"

    def fill(_: int) -> None:
        with filler.open("wb", buffering=0) as stream, pytest.raises(OSError, match="No space"):
            stream.writelines(itertools.repeat(b"x" * 4096))

    return Disk(folder / "state", fill, lambda _: filler.unlink())


@pytest.fixture(params=["quota", "file system"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    """The second one takes the right to mount; without it both are quotas."""
    place = tmp_path / "disk"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", str(place)]
    wanted = request.param == "file system" and os.geteuid() == 0
    mounted = wanted and subprocess.run(words, check=False, capture_output=True).returncode == 0
    yield small(place) if mounted else limited(place)
    if mounted:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_run_waits_for_room_and_goes_on(storm, waiting, disk) -> None:
    storm.env["ORCHESTRATE_STATE_DIR"] = str(disk.state)
    storm.playbook("work", "steps:\n" + waiting("slow") + MARK.format("one") + MARK.format("two"))
    storm.ok("run", "--playbook", "work", "--skip", "slow")
    assert storm.lines("effects") == ["one", "two"]
    running = storm.launch("run", "--playbook", "work")
    storm.wait_for_file("slow.started")
    disk.fill(running.pid)
    storm.touch("slow.go")
    said = read_until(running.stdout, "waiting: ")
    assert goes_on_waiting(running, 0.5)
    assert storm.lines("effects") == ["one", "two", "slow"]
    disk.free(running.pid)
    code, rest, err = end_of(running)
    assert code == 0, (said, rest, err)
    assert "the store can be written again" in rest
    assert storm.lines("effects") == ["one", "two", "slow", "one", "two"]
    assert set(storm.states(f"WF-{YEAR}-002").values()) == {"succeeded"}
    assert [step["attempts"] for step in storm.workflow(f"WF-{YEAR}-002")["steps"]] == [1, 1, 1]


def test_a_run_that_is_killed_while_it_waits_for_room_loses_nothing(storm, waiting, disk) -> None:
    storm.env["ORCHESTRATE_STATE_DIR"] = str(disk.state)
    storm.playbook("work", "steps:\n" + waiting("slow") + MARK.format("after"))
    running = storm.launch("run", "--playbook", "work")
    storm.wait_for_file("slow.started")
    disk.fill(running.pid)
    storm.touch("slow.go")
    read_until(running.stdout, "waiting: ")
    running.kill()
    running.communicate()
    if disk.state.name == "state":
        disk.free(0)
    done = storm.ok("resume", "--workflow", f"WF-{YEAR}-001")
    assert storm.lines("effects") == ["slow", "after"], done
    assert storm.step("slow", f"WF-{YEAR}-001")["attempts"] == 1


def test_a_run_that_waits_for_room_lets_go_when_it_is_told_to_end(storm, waiting, disk) -> None:
    storm.env["ORCHESTRATE_STATE_DIR"] = str(disk.state)
    storm.playbook("work", "steps:\n" + waiting("slow") + MARK.format("after"))
    running = storm.launch("run", "--playbook", "work")
    storm.wait_for_file("slow.started")
    disk.fill(running.pid)
    storm.touch("slow.go")
    read_until(running.stdout, "waiting: ")
    running.terminate()
    _, rest, err = end_of(running)
    assert "let go" in rest + err
    if disk.state.name == "state":
        disk.free(0)
    storm.ok("resume", "--workflow", f"WF-{YEAR}-001")
    assert storm.lines("effects") == ["slow", "after"]


def test_steps_for_whose_records_there_is_no_room_begin_when_there_is(storm, waiting) -> None:
    many = 80  # more at once than the supervisor made room for with the first
    branches = "".join(
        f"      - steps: [{{name: s{number}, shell: 'echo {number} >> effects'}}]\n"
        for number in range(many)
    )
    storm.playbook(
        "wide",
        "steps:\n" + waiting("slow") + "  - name: fan\n    type: parallel\n"
        f"    branches:\n{branches}",
    )
    running = storm.launch("run", "--playbook", "wide", "--max-parallel", str(many))
    storm.wait_for_file("slow.started")
    (step,) = storm.lines("slow.started")
    supervisor = parent_of(parent_of(int(step)))
    (records,) = (storm.state / "supervisors").glob("*/records")
    limit(supervisor, records.stat().st_size)
    storm.touch("slow.go")
    read_until(running.stdout, "waiting: there is no room for its record")
    limit(supervisor, resource.RLIM_INFINITY)
    code, rest, err = end_of(running)
    assert code == 0, (rest, err)
    effects = storm.lines("effects")
    assert sorted(effects) == sorted(["slow", *map(str, range(many))])
    assert {step["attempts"] for step in storm.workflow(f"WF-{YEAR}-001")["steps"]} <= {0, 1}


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])
