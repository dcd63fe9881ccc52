"""Vendors' libraries: imported when a service is made, and what is said if one is not installed."""

import subprocess
import sys
from typing import Any

import pytest

from orchestrate.integrations.service import Limits, OptionsError
from orchestrate.integrations.services import build

GIVEN: dict[str, Any] = {
    "slack": {"webhook": "https://hooks.slack.com/services/T0/B0/x"},
    "jira": {"project": "OPS", "url": "https://jira.example.com", "token": "t"},
    "datadog": {"api_key": "k"},
}


@pytest.mark.parametrize(
    ("kind", "package", "name"),
    [
        ("slack", "slack_sdk", "slack-sdk"),
        ("jira", "jira", "jira"),
        ("datadog", "datadog_api_client", "datadog-api-client"),
    ],
)
def test_a_library_that_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, kind: str, package: str, name: str
) -> None:
    monkeypatch.delitem(sys.modules, f"orchestrate.integrations.{kind}_client", raising=False)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(OptionsError) as missing:
        build(kind, GIVEN[kind], Limits())
    assert f"the {kind} integration needs the library {name}" in missing.value.message
    assert f"pip install 'aither-orchestrate[{kind}]'" in missing.value.hint


def test_no_library_is_imported_before_a_service_is_made() -> None:
    program = (
        "import sys\n"
        "import orchestrate.integrations.slack, orchestrate.integrations.jira\n"
        "import orchestrate.integrations.datadog, orchestrate.integrations.slack_message\n"
        "print([each for each in ('slack_sdk', 'jira', 'datadog_api_client', 'requests', 'urllib3')"
        " if each in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout == "[]\n"
