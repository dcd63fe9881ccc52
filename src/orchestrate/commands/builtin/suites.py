"""The suites of `/test`: a command, or requests with what is expected of their answers."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from orchestrate.commands.builtin.checks import unmet
from orchestrate.commands.builtin.context import Context, say, write_progress
from orchestrate.commands.builtin.http import RequestError, request
from orchestrate.errors import UsageError


class Case(NamedTuple):
    """How one test went; `message` says why it failed. `seconds` includes its retries."""

    name: str
    passed: bool
    message: str
    seconds: float
    attempts: int


def run_suite(
    suite: str, definition: Mapping[str, Any], environment: str, context: Context
) -> list[Case]:
    """Run every test of the suite against `environment`."""
    if "requests" not in definition:
        return [_retried(suite, definition, lambda: _command(definition, environment, context))]
    cases: list[Case] = []
    requests: Sequence[Mapping[str, Any]] = definition["requests"]
    for number, wanted in enumerate(requests, start=1):
        url = _url(suite, definition, wanted, environment)
        name = str(wanted.get("name") or f"{wanted.get('method', 'GET')} {url}")
        case = _retried(name, definition, lambda url=url, wanted=wanted: _ask(url, wanted))
        took = f"{case.seconds * 1000:.0f} ms"
        say(f"{'pass' if case.passed else 'FAIL'}  {name} ({took}) {case.message}".rstrip())
        cases.append(case)
        write_progress(100 * number / len(requests))
    return cases


def _retried(name: str, definition: Mapping[str, Any], attempt: Any) -> Case:
    """Try until it passes, at most `retries` more times."""
    start = time.monotonic()
    attempts = 1 + max(0, int(definition.get("retries", 0)))
    problem = ""
    for number in range(1, attempts + 1):
        problem = attempt()
        if not problem:
            return Case(name, True, "", time.monotonic() - start, number)  # noqa: FBT003
        if number < attempts:
            time.sleep(definition.get("retry_delay", 1.0))
    return Case(name, False, problem, time.monotonic() - start, attempts)  # noqa: FBT003


def _ask(url: str, wanted: Mapping[str, Any]) -> str:
    try:
        response = request(
            url,
            method=wanted.get("method", "GET"),
            headers=wanted.get("headers"),
            body=wanted.get("body"),
            timeout=wanted.get("timeout", 10.0),
        )
    except RequestError as error:
        return str(error)
    limit = wanted.get("max_latency")
    if limit is not None and response.latency > limit:
        return f"took {response.latency * 1000:.0f} ms, expected at most {limit * 1000:.0f} ms"
    return unmet(wanted, response.status, response.body)


def _url(
    suite: str, definition: Mapping[str, Any], wanted: Mapping[str, Any], environment: str
) -> str:
    if "url" in wanted:
        return wanted["url"].replace("{environment}", environment)
    own: Mapping[str, Any] = definition.get("environments", {}).get(environment, {})
    base = own.get("base_url", definition.get("base_url"))
    if base is None:
        known = ", ".join(sorted(definition.get("environments", {})))
        raise UsageError(
            f"the suite `{suite}` has no base_url for the environment `{environment}`",
            hint=f"It has one for: {known}. Add [test.suites.{suite}.environments.{environment}].",
        )
    return base.replace("{environment}", environment).rstrip("/") + "/" + wanted["path"].lstrip("/")


def _command(definition: Mapping[str, Any], environment: str, context: Context) -> str:
    argv = definition.get("command") or ["/bin/sh", "-c", definition["shell"]]
    timeout = definition.get("timeout")
    env = os.environ | {"TEST_ENVIRONMENT": environment}
    try:
        done = subprocess.run(
            argv,
            cwd=context.project.root,
            env=env,
            stdin=subprocess.DEVNULL,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"did not end within {timeout:g} s"
    except OSError as error:
        return f"cannot be run: {error}"
    return "" if done.returncode == 0 else f"exit code {done.returncode}"


def write_junit(path: Path, suite: str, cases: Sequence[Case]) -> None:
    """Write the result as a JUnit XML file."""
    from xml.etree import ElementTree

    root = ElementTree.Element(
        "testsuite",
        name=suite,
        tests=str(len(cases)),
        failures=str(sum(not case.passed for case in cases)),
        time=f"{sum(case.seconds for case in cases):.3f}",
    )
    for case in cases:
        element = ElementTree.SubElement(
            root, "testcase", name=case.name, classname=suite, time=f"{case.seconds:.3f}"
        )
        if not case.passed:
            ElementTree.SubElement(element, "failure", message=case.message)
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
