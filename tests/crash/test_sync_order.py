"""What the kernel saw: a step's start is on disk before its process exists; one sync a step."""

import re
import shutil
import subprocess
import sys

import pytest
from crash.harness import Playground

STEPS = 5

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("strace") is None,
    reason="needs strace, which scripts/setup.sh installs where it may",
)


def test_each_start_is_synced_once_and_before_its_process(ground: Playground) -> None:
    steps = "steps:\n" + "  - command: /bin/true\n" * STEPS
    (ground.root / "playbooks" / "sequence.yaml").write_text(steps)
    command = [sys.executable, "-m", "orchestrate", "run", "--playbook", "sequence"]
    # The first one makes the store; what that syncs belongs to no step.
    assert ground.wait(ground.start(*command[3:])) == 0
    trace = ground.root / "trace"

    subprocess.run(
        ["strace", "-f", "-y", "-e", "trace=fdatasync,fsync,execve", "-o", trace, *command],
        cwd=ground.root,
        env=ground.env,
        check=True,
        capture_output=True,
        timeout=120,
    )

    seen = [what for line in trace.read_text().splitlines() if (what := _meaning(line))]
    first = seen.index("process")
    assert seen[first - 1] == "sync"
    assert seen[first:] == ["process", "sync"] * STEPS


def _meaning(line: str) -> str:
    """`sync` of the store's log, `process` of a step, or nothing of interest."""
    if re.search(r"\bexecve\(\"/bin/true\".*= 0$", line):
        return "process"
    if re.search(r"\b(fdatasync|fsync)\(\d+<[^>]*orchestrate\.db-wal>", line):
        return "sync"
    return ""
