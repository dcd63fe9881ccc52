"""The demonstration notices what it is there to notice; `make demo` is the case without faults."""

import os
import subprocess
import sys
from pathlib import Path

DEMO = Path(__file__).resolve().parents[2] / "examples" / "webapp" / "demo.py"


def demonstrate(directory: Path, *words: str) -> tuple[int, str]:
    """The exit code and output of a short one."""
    done = subprocess.run(
        [sys.executable, DEMO, "--environment", "staging", "--requests", "1000", *words],
        env={**os.environ, "WEBAPP_SWITCH_INTERVAL": "0.5", "TMPDIR": str(directory)},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    return done.returncode, done.stdout + done.stderr


def test_without_draining_requests_are_cut_and_the_check_fails(tmp_path: Path) -> None:
    code, said = demonstrate(tmp_path, "--no-draining")

    assert code == 1, said
    assert "FAIL  no request failed" in said
    assert said.count("FAIL  ") == 1, said


def test_killing_green_while_it_is_monitored_fails_and_blue_serves(tmp_path: Path) -> None:
    code, said = demonstrate(tmp_path, "--kill-green")

    assert code == 0, said
    assert "  ok    the playbook failed" in said
    assert "the reason: monitor: " in said
    assert "  ok    blue lives" in said


def test_the_same_on_a_cluster_with_two_workers_in_two_pools(tmp_path: Path) -> None:
    code, said = demonstrate(tmp_path, "--cluster")

    assert code == 0, said
    assert "  ok    no request failed" in said
    temporal = said[said.index("Temporal: WF-") :].splitlines()
    assert temporal[0].endswith(" bytes of history")
    assert "(orchestrate-playbook) completed, " in temporal[0]
    steps = [line.split() for line in temporal[1:]]
    assert [[step, queue.partition("-pool-")[2], worker] for step, queue, worker in steps] == [
        ["deploy-green", "default", "deployer"],
        ["test-green", "checks", "checker"],
        ["switch-traffic", "default", "deployer"],
        ["monitor", "checks", "checker"],
        ["finalize/then/1", "default", "deployer"],
    ]
