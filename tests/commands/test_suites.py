from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

SUITES = """
[test.suites.smoke]
description = "Does it answer?"
base_url = "{url}/{{environment}}"
retries = 2
retry_delay = 0
requests = [
  {{ name = "front page", path = "/", contains = "healthy" }},
  {{ path = "/login", method = "POST", body = "user=x", status = [200, 302] }},
]

[test.suites.smoke.environments.green]
base_url = "{url}/the-green-one"

[test.suites.unit]
command = ["/bin/sh", "-c", 'test "$TEST_ENVIRONMENT" = green']

[test.suites.shell]
shell = "echo from the shell; exit 4"
"""


def test_every_request_is_made_and_counted(project: Any, server: Any) -> None:
    project.settings(SUITES.format(url=server.url))
    done = project.call("test", "run", "--suite", "smoke", "--environment", "blue")
    assert done.code == 0, done.stdout + done.stderr
    assert server.asked == [("GET", "/blue/", ""), ("POST", "/blue/login", "user=x")]
    assert done.output == {
        "suite": "smoke",
        "environment": "blue",
        "tests": 2,
        "passed": 2,
        "failed": 0,
        "failures": [],
    }


def test_an_environment_may_have_its_own_address(project: Any, server: Any) -> None:
    project.settings(SUITES.format(url=server.url))
    project.call("test", "run", "--suite", "smoke", "--environment", "green")
    assert server.asked[0][1] == "/the-green-one/"
    project.call("test", "run", "--suite", "smoke", ORCHESTRATE_ENVIRONMENT="staging")
    assert server.asked[-1][1] == "/staging/login"


def test_failures_are_retried_then_named(
    project: Any, server: Any, answer: Callable[..., Any]
) -> None:
    project.settings(SUITES.format(url=server.url))
    server.answers["/dev/"] = [answer(500), answer(500), answer(200, "healthy")]
    assert project.call("test", "run", "--suite", "smoke").code == 0
    server.answers["/dev/"] = [answer(200, "sick")]
    junit = project.root / "out" / "junit.xml"
    done = project.call("test", "run", "--suite", "smoke", "--junit", str(junit))
    assert done.code == 1
    assert 'failed: front page: the body does not contain "healthy"' in done.stdout
    assert done.output["failures"] == ["front page"]
    report = ElementTree.parse(junit).getroot()
    assert (report.get("tests"), report.get("failures")) == ("2", "1")
    assert [case.get("name") for case in report] == [
        "front page",
        f"POST {server.url}/dev/login",
    ]


def test_a_command_is_a_suite(project: Any, server: Any) -> None:
    project.settings(SUITES.format(url=server.url))
    assert project.call("test", "run", "--suite", "unit", "--environment", "green").code == 0
    assert project.call("test", "run", "--suite", "unit", "--environment", "blue").code == 1
    shell = project.call("test", "run", "--suite", "shell")
    assert shell.code == 1
    assert "from the shell" in shell.stdout
    assert "failed: shell: exit code 4" in shell.stdout


def test_an_unknown_suite_lists_the_known(project: Any, server: Any) -> None:
    project.settings(SUITES.format(url=server.url))
    done = project.call("test", "run", "--suite", "smok")
    assert done.code == 2
    assert "there is no test suite `smok`" in done.stderr
    assert "Did you mean `smoke`? Known: shell, smoke, unit." in done.stderr


def test_the_suites_are_listed(project: Any, server: Any) -> None:
    project.settings(SUITES.format(url=server.url))
    done = project.call("test", "list")
    assert "smoke  Does it answer?" in done.stdout
    assert done.output == {"suites": ["shell", "smoke", "unit"]}


def test_an_address_that_nobody_answers_is_a_failed_test(project: Any, server: Any) -> None:
    project.settings(
        '[test.suites.s]\nrequests = [{ url = "http://127.0.0.1:1/" }, { url = "ftp://x" }]\n'
    )
    done = project.call("test", "run", "--suite", "s")
    assert done.code == 1
    assert "Connection refused" in done.stdout
    assert "ftp://x is not an http or https address" in done.stdout
