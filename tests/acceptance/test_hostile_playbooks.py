"""Files that nobody writes, through the command itself: an answer, no fault of ours, and bounds.

Time is that of the processor, so that a busy machine does not matter.
"""

import os
import resource
import signal
import subprocess
from collections.abc import Callable
from typing import NamedTuple

import pytest

SIZE = 4_900_000
SECONDS = 10
"""Of the processor, at most: a run-away would take minutes. Usually it is less than two."""
MEGABYTES = 500


class Used(NamedTuple):
    """How a process ended, what it said and what it took."""

    code: int
    said: str
    seconds: float
    megabytes: float


@pytest.fixture
def validate(project) -> Callable[..., Used]:
    """Runs `validate` with limits; beyond them it would be killed."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        signal.alarm(60)  # one that waits for something takes no time of the processor

    def run(*words: str) -> Used:
        with (project.root / "said").open("wb") as said:
            process = subprocess.Popen(
                project.words("validate", *words),
                cwd=project.root,
                env=project.env,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                preexec_fn=limit,
            )
            _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        text = (project.root / "said").read_text(errors="replace")
        seconds = used.ru_utime + used.ru_stime
        return Used(process.returncode, text, seconds, used.ru_maxrss / 1024)

    return run


HOSTILE = {
    "nothing": b"",
    "one byte": b"x",
    "nul": b"\0" * SIZE,
    "no text": bytes(range(256)) * 19_000,
    "quotes": b"'" * SIZE,
    "expressions": b"steps:\n  - command: x " + b"${x} " * (SIZE // 5),
    "substitutions": b"steps:\n  - shell: x " + b"$(" * 40_000,
    "unknown keys": b"".join(b"kye%d: x\n" % number for number in range(100_000)),
    "laughs": b"a0: &a0 [x]\n"
    + b"".join(
        b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 30)
    ),
    "itself": b"steps: [{type: playbook, playbook: hostile}]",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_playbook_is_refused_within_bounds(
    project, validate: Callable[..., Used], name: str
) -> None:
    (project.root / "playbooks" / "hostile.yaml").write_bytes(HOSTILE[name])

    used = validate("--playbook", "hostile", *(["--fix"] if len(name) % 2 else []))

    assert used.code == 2, used.said[-2000:]
    assert "error[" in used.said
    assert "Traceback" not in used.said
    assert "fault of orchestrate" not in used.said
    assert used.megabytes < MEGABYTES
    assert (project.root / "playbooks" / "hostile.yaml").read_bytes() == HOSTILE[name]


def test_ten_thousand_steps_are_checked(project, validate: Callable[..., Used]) -> None:
    steps = "".join(
        f"  - name: step-{number}\n    command: /bin/echo {number} ${{version}}\n"
        for number in range(10_000)
    )
    project.playbook("big", f"description: x\nparameters: [{{name: version}}]\nsteps:\n{steps}")
    used = validate("--playbook", "big")
    assert used.code == 0, used.said[-2000:]
    assert used.megabytes < MEGABYTES


def test_what_is_no_file_is_not_opened(project, validate: Callable[..., Used]) -> None:
    playbooks = project.root / "playbooks"
    os.mkfifo(playbooks / "pipe.yaml")
    (playbooks / "folder.yaml").mkdir()
    (playbooks / "device.yaml").symlink_to("/dev/zero")
    (playbooks / "gone.yaml").symlink_to("nowhere")
    project.playbook("fine", "description: x\nsteps: [{name: a, command: /bin/true}]\n")

    said = {
        "pipe": "pipe.yaml is no regular file",
        "folder": "there is no playbook folder",
        "device": "device.yaml is no regular file",
        "gone": "gone.yaml cannot be read: No such file or directory",
    }
    for name, what in said.items():
        used = validate("--playbook", name)
        assert used.code == 3, used.said
        assert what in used.said
        used = validate("--playbook", f"playbooks/{name}.yaml")
        assert used.code == 3, used.said
        assert "there is no playbook file" in used.said
    used = validate("--all")
    assert used.code == 0, used.said
    assert used.said.count("playbooks/") == 1


def test_a_file_of_a_terabyte_is_not_read(project, validate: Callable[..., Used]) -> None:
    file = project.playbook("huge", "steps: [{name: a, command: /bin/true}]\n#")
    os.truncate(file, 1 << 40)
    used = validate("--playbook", "huge")
    assert used.code == 2
    assert "error[file-too-large]: the file has more than 5,000,000 bytes" in used.said
    assert used.megabytes < MEGABYTES
