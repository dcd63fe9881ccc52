"""The scan finds what is planted, and what a test adds."""

import json
import os
from pathlib import Path
from typing import Any

from running_webapp import Webapp


def scan(webapp: Webapp, *words: str, **env: str) -> tuple[int, dict[str, Any]]:
    output = webapp.run.parent / "output"
    output.unlink(missing_ok=True)
    code, _ = webapp.call(
        "commands/security", "scan", *words, ORCHESTRATE_OUTPUT=str(output), **env
    )
    return code, json.loads(output.read_text())


def found(values: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted((each["rule"], each["severity"]) for each in values["findings"])


def test_a_full_scan_finds_the_planted_weakness_and_proves_it(running: Webapp) -> None:
    code, values = scan(running, "--type", "full")

    assert code == 0
    assert (values["count"], values["highest"]) == (3, "medium")
    assert found(values) == [
        ("default-password", "medium"),
        ("missing-header", "low"),
        ("open-login", "medium"),
    ]


def test_the_policy_decides_how_it_ends(running: Webapp) -> None:
    assert scan(running, "--type", "full", "--fail-on", "medium")[0] == 1
    assert scan(running, "--type", "full", "--fail-on", "never")[0] == 0


def test_a_quick_scan_looks_at_files_alone(webapp: Webapp) -> None:
    code, values = scan(webapp)

    assert code == 0
    assert found(values) == [("default-password", "medium")]


def test_another_password_closes_it(webapp: Webapp) -> None:
    webapp.infra("up", WEBAPP_ADMIN_PASSWORD="correct horse")

    _, values = scan(webapp, "--type", "full", WEBAPP_ADMIN_PASSWORD="correct horse")

    assert found(values) == [("missing-header", "low")]


def test_a_file_that_everybody_can_write_fails_it(running: Webapp) -> None:
    records: Path = running.run / "data" / "records.json"
    os.chmod(records, 0o666)  # noqa: PTH101

    code, values = scan(running, "--type", "full")

    assert code == 1
    assert ("world-writable", "high") in found(values)
    assert str(records) in [each["where"] for each in values["findings"]]
