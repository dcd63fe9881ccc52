"""The checks of `/monitor`: each asks one thing and says whether it is well, and its figures."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from orchestrate.commands.builtin.context import Context
from orchestrate.commands.builtin.http import RequestError, request

DEFAULT_TIMEOUT = 5.0


class CheckResult(NamedTuple):
    """How one check went. `latency` (seconds) and `value` are None where the type has none."""

    name: str
    passed: bool
    message: str
    latency: float | None = None
    value: float | None = None


def run_check(name: str, check: Mapping[str, Any], context: Context) -> CheckResult:
    """Do the check `name` once. Never raises for something that is not well."""
    match check["type"]:
        case "http":
            return _http(name, check)
        case "tcp":
            return _tcp(name, check)
        case "process":
            return _process(name, check, context)
        case "disk":
            return _disk(name, check, context)
        case _:
            return _command(name, check, context)


def _http(name: str, check: Mapping[str, Any]) -> CheckResult:
    try:
        response = request(
            check["url"],
            method=check.get("method", "GET"),
            headers=check.get("headers"),
            timeout=check.get("timeout", DEFAULT_TIMEOUT),
        )
    except RequestError as error:
        return CheckResult(name, passed=False, message=str(error))
    problem = unmet(check, response.status, response.body) or _slow(check, response.latency)
    value = None
    if not problem and "value" in check:
        value = _value_in(response.body, check["value"])
        problem = (
            f"no number at `{check['value']}` in the body"
            if value is None
            else _range(check, value)
        )
    return CheckResult(name, not problem, problem or "ok", response.latency, value)


def unmet(expected: Mapping[str, Any], status: int, body: str) -> str:
    """Which expectation a response does not meet; empty if it meets all."""
    wanted = expected.get("status", 200)
    if status not in (wanted if isinstance(wanted, list) else [wanted]):
        return f"status {status}, expected {wanted}"
    if "contains" in expected and expected["contains"] not in body:
        return f'the body does not contain "{expected["contains"]}"'
    if "matches" in expected and not re.search(expected["matches"], body):
        return f'the body does not match "{expected["matches"]}"'
    return ""


def _slow(check: Mapping[str, Any], latency: float) -> str:
    limit = check.get("max_latency")
    if limit is None or latency <= limit:
        return ""
    return f"took {latency * 1000:.0f} ms, expected at most {limit * 1000:.0f} ms"


def _value_in(body: str, path: str) -> float | None:
    """The number at a dotted path of a JSON body."""
    import json

    try:
        found: Any = json.loads(body)
        for key in path.split("."):
            found = found[int(key) if key.isdigit() else key]
        return None if isinstance(found, bool) else float(found)
    except (ValueError, KeyError, IndexError, TypeError):
        return None


def _range(check: Mapping[str, Any], value: float) -> str:
    if "min" in check and value < check["min"]:
        return f"{value:g} is below {check['min']:g}"
    if "max" in check and value > check["max"]:
        return f"{value:g} is above {check['max']:g}"
    return ""


def _tcp(name: str, check: Mapping[str, Any]) -> CheckResult:
    import socket

    address = (check["host"], check["port"])
    start = time.monotonic()
    try:
        with socket.create_connection(address, timeout=check.get("timeout", DEFAULT_TIMEOUT)):
            latency = time.monotonic() - start
    except (OSError, OverflowError) as error:
        message = f"{check['host']}:{check['port']}: {error}"
        return CheckResult(name, passed=False, message=message)
    problem = _slow(check, latency)
    return CheckResult(name, not problem, problem or "ok", latency)


def _process(name: str, check: Mapping[str, Any], context: Context) -> CheckResult:
    if "pid_file" in check:
        return _process_by_file(name, context.path(check["pid_file"]))
    wanted = check["name"]
    found = any(Path(line).name == wanted for line in _running())
    message = "ok" if found else f"no process is named {wanted}"
    return CheckResult(name, found, message)


def _process_by_file(name: str, path: Path) -> CheckResult:
    try:
        pid = int(path.read_text(encoding="utf-8"))
    except OSError as error:
        return CheckResult(name, passed=False, message=f"{path}: {error.strerror}")
    except ValueError:
        return CheckResult(name, passed=False, message=f"{path} holds no process id")
    alive = pid > 0 and _is_alive(pid)
    return CheckResult(name, alive, "ok" if alive else f"process {pid} ({path}) is gone")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return pid < 2**31
    try:
        # A zombie has ended; only its parent has not noticed.
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    return status.rpartition(")")[2].split()[0] != "Z"


def _running() -> list[str]:
    listing = subprocess.run(
        ["ps", "-A", "-o", "comm="], capture_output=True, text=True, check=False
    )
    return [line.strip() for line in listing.stdout.splitlines()]


def _disk(name: str, check: Mapping[str, Any], context: Context) -> CheckResult:
    path = context.path(check["path"])
    try:
        usage = os.statvfs(path)
    except OSError as error:
        return CheckResult(name, passed=False, message=f"{path}: {error.strerror}")
    free = 100.0 * usage.f_bavail / usage.f_blocks if usage.f_blocks else 100.0
    passed = free >= check["min_free"]
    message = "ok" if passed else f"{free:.1f}% of {path} is free, expected {check['min_free']:g}%"
    return CheckResult(name, passed, message, value=free)


def _command(name: str, check: Mapping[str, Any], context: Context) -> CheckResult:
    timeout = check.get("timeout", 30.0)
    try:
        code, stdout, stderr = _call(check["argv"], context.project.root, timeout)
    except subprocess.TimeoutExpired:
        return CheckResult(name, passed=False, message=f"did not end within {timeout:g} s")
    except (OSError, IndexError) as error:
        return CheckResult(name, passed=False, message=f"cannot be run: {error}")
    expected = check.get("exit_code", 0)
    if code != expected:
        lines = (stderr.strip() or stdout.strip()).decode(errors="replace").splitlines()
        last = lines[-1][:200] if lines else "it said nothing"
        message = f"exit code {code}, expected {expected}: {last}"
        return CheckResult(name, passed=False, message=message)
    if not {"min", "max", "better"} & check.keys():
        return CheckResult(name, passed=True, message="ok")
    try:
        value = float(stdout)
    except ValueError:
        message = "its output is not a number"
        return CheckResult(name, passed=False, message=message)
    problem = _range(check, value)
    return CheckResult(name, not problem, problem or "ok", value=value)


_children: set[subprocess.Popen[bytes]] = set()


def _call(argv: list[str], workdir: Path, timeout: float) -> tuple[int, bytes, bytes]:
    child = subprocess.Popen(
        argv,
        cwd=workdir,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        process_group=0,
    )
    _children.add(child)
    try:
        stdout, stderr = child.communicate(timeout=timeout)
    finally:
        _kill(child)
        _children.discard(child)
    return child.returncode, stdout, stderr


def stop_children() -> None:
    """End what checks in other threads are running; for a monitor that is stopped."""
    for child in tuple(_children):
        _kill(child)


def _kill(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
