import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from typing import Any

import pytest
from polling import eventually

CHECKS = """
[checks.web]
type = "http"
url = "{url}/health"
contains = "healthy"

[checks.deep]
type = "http"
url = "{url}/deep"
comprehensive = true
"""


def test_checks_that_pass_end_with_success_and_figures(project: Any, server: Any) -> None:
    project.settings(CHECKS.format(url=server.url))
    done = project.call("monitor", "health")
    assert done.code == 0, done.stderr
    assert "1 of 1 checks passed (100.0%)" in done.stdout
    assert [asked[:2] for asked in server.asked] == [("GET", "/health")]
    assert done.output["checks"] == 1
    assert done.output["passed"] == 1
    assert done.output["share"] == 1.0
    assert 0 < done.output["latency_p50"] < 60
    assert done.output["latency_p95"] >= done.output["latency_p50"]


def test_a_check_that_fails_says_why(project: Any, server: Any, answer: Callable[..., Any]) -> None:
    project.settings(CHECKS.format(url=server.url))
    server.answers["/health"] = [answer(503, "sick")]
    done = project.call("monitor", "health")
    assert done.code == 1
    assert "FAIL  web: status 503, expected 200" in done.stdout
    assert done.output["failing"] == ["web"]


def test_comprehensive_runs_all_and_names_select(project: Any, server: Any) -> None:
    project.settings(CHECKS.format(url=server.url))
    assert project.call("monitor", "health", "--comprehensive").output["checks"] == 2
    assert project.call("monitor", "health", "deep").output["checks"] == 1
    assert server.asked[-1][1] == "/deep"
    unknown = project.call("monitor", "health", "wep")
    assert unknown.code == 2
    assert "there is no check `wep`" in unknown.stderr
    assert "Did you mean `web`?" in unknown.stderr


def test_without_any_check_nothing_is_called_healthy(project: Any) -> None:
    done = project.call("monitor", "health")
    assert done.code == 2
    assert "no check is configured" in done.stderr
    assert "[checks.web]" in done.stderr


def test_the_threshold_is_a_share_over_the_time(
    project: Any, server: Any, answer: Callable[..., Any]
) -> None:
    project.settings(CHECKS.format(url=server.url))
    timing = ("--duration", "0.6", "--interval", "0.1")
    server.answers["/health"] = [answer(500), answer(200)]
    below = project.call("monitor", "health", *timing, "--threshold", "95%")
    assert below.code == 1

    def above() -> Any:
        server.answers["/health"] = [answer(500), answer(200)]
        done = project.call("monitor", "health", *timing, "--threshold", "50%")
        return done.output if done.code == 0 else None

    # If the machine stands still for that long, there is one check only, and that failed.
    passed = eventually(above)
    assert passed["checks"] >= 2
    assert passed["failed"] == 1


def test_fail_fast_stops_at_the_first_failure(
    project: Any, server: Any, answer: Callable[..., Any]
) -> None:
    project.settings(CHECKS.format(url=server.url))
    server.answers["/health"] = [answer(500)]
    done = project.call("monitor", "health", "--duration", "300", "--fail-fast")
    assert done.code == 1
    assert done.output["checks"] == 1


def test_a_cap_of_the_environment_shortens_and_says_so(project: Any, server: Any) -> None:
    project.settings(CHECKS.format(url=server.url) + "[commands.monitor]\nmax_duration = 0.3\n")
    progress = project.root / "progress"
    done = project.call(
        "monitor", "health", "--duration", "300", ORCHESTRATE_PROGRESS=str(progress)
    )
    assert done.code == 0
    assert "shortened from 300s to 0.3s" in done.stdout
    assert done.output["shortened"] is True
    assert done.output["duration"] == 0.3
    assert progress.read_text() == "100\n"


def test_a_protected_environment_is_not_shortened(project: Any, server: Any) -> None:
    project.settings(CHECKS.format(url=server.url) + "[commands.monitor]\nmax_duration = 3\n")
    project.write("environments/production.yaml", "protected: true\n")
    done = project.call(
        "monitor", "health", "--duration", "300", ORCHESTRATE_ENVIRONMENT="production"
    )
    assert done.code == 2
    assert "environment `production` is protected" in done.stderr
    assert server.asked == []


def test_every_type_of_check(project: Any, server: Any) -> None:
    project.write("app.pid", f"{os.getpid()}\n")
    project.write("stale.pid", "999999999\n")
    project.settings(
        f"""
[checks.tcp]
type = "tcp"
host = "127.0.0.1"
port = {server.port}
[checks.pid]
type = "process"
pid_file = "app.pid"
[checks.disk]
type = "disk"
path = "."
min_free = 0
[checks.command]
type = "command"
argv = ["/bin/sh", "-c", "echo 41.5"]
max = 42
"""
    )
    done = project.call("monitor", "metrics")
    assert done.code == 0, done.stdout
    assert done.output["values"]["command"] == 41.5
    assert 0 <= done.output["values"]["disk"] <= 100
    with socket.create_server(("127.0.0.1", 0)) as free:
        closed = free.getsockname()[1]
    project.settings(
        f"""
[checks.tcp]
type = "tcp"
host = "127.0.0.1"
port = {closed}
[checks.pid]
type = "process"
pid_file = "stale.pid"
[checks.name]
type = "process"
name = "no-such-program-anywhere"
[checks.disk]
type = "disk"
path = "."
min_free = 101
[checks.command]
type = "command"
argv = ["/bin/sh", "-c", "echo broken >&2; exit 3"]
[checks.slow]
type = "command"
argv = ["/bin/sleep", "60"]
timeout = 0.2
"""
    )
    done = project.call("monitor", "health")
    assert done.code == 1
    assert done.output["failed"] == 6
    assert "process 999999999" in done.stdout
    assert "no process is named no-such-program-anywhere" in done.stdout
    assert "expected 101%" in done.stdout
    assert "exit code 3, expected 0: broken" in done.stdout
    assert "did not end within 0.2 s" in done.stdout


def test_a_value_in_a_json_body_has_a_range(
    project: Any, server: Any, answer: Callable[..., Any]
) -> None:
    project.settings(
        f'[checks.rate]\ntype = "http"\nurl = "{server.url}/m"\nvalue = "http.0.errors"\nmax = 5\n'
    )
    server.answers["/m"] = [answer(200, '{"http": [{"errors": 7}]}')]
    assert "7 is above 5" in project.call("monitor", "metrics").stdout
    server.answers["/m"] = [answer(200, '{"http": [{"errors": 2}]}')]
    assert project.call("monitor", "metrics").output["values"] == {"rate": 2.0}
    server.answers["/m"] = [answer(200, "no json")]
    assert "no number at `http.0.errors`" in project.call("monitor", "metrics").stdout


def test_the_first_run_is_recorded_and_a_worse_one_fails(project: Any) -> None:
    project.settings(
        '[checks.errors]\ntype = "command"\nargv = ["cat", "errors"]\nbetter = "lower"\n'
    )
    arguments = ("metrics", "--baseline", "previous", "--threshold", "95%")
    project.write("errors", "10")
    first = project.call("monitor", *arguments)
    assert first.code == 0
    assert "no earlier run to compare with" in first.stdout
    same = project.call("monitor", *arguments)
    assert same.code == 0, same.stdout
    assert "0 of 2 figures are worse than before" in same.stdout
    project.write("errors", "30")
    worse = project.call("monitor", *arguments)
    assert worse.code == 1
    assert "WORSE errors: value 30, was 10" in worse.stdout
    assert worse.output["regressions"] == ["errors: value 30, was 10"]
    again = project.call("monitor", *arguments)
    assert "was 10" in again.stdout


def test_a_monitor_that_is_terminated_ends_at_once(
    project: Any, server: Any, answer: Callable[..., Any]
) -> None:
    project.settings(CHECKS.format(url=server.url) + 'timeout = "60s"\n')
    release = threading.Event()
    server.answers["/deep"] = [answer(200, "healthy", release)]
    process = subprocess.Popen(
        project.argv("monitor", "health", "--comprehensive"),
        cwd=project.root,
        env=project.env({}),
        stderr=subprocess.PIPE,
    )
    try:
        deadline = threading.Event()
        while len(server.asked) < 2:
            assert not deadline.wait(0.02)
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        _, stderr = process.communicate(timeout=120)
    finally:
        release.set()
    assert process.returncode == 143
    assert stderr == b""


@pytest.mark.parametrize("threshold", ["150%", "most", "-1"])
def test_a_threshold_that_is_no_share_is_refused(project: Any, server: Any, threshold: str) -> None:
    project.settings(CHECKS.format(url=server.url))
    done = project.call("monitor", "health", f"--threshold={threshold}")
    assert done.code == 2
    assert "is no share" in done.stderr
