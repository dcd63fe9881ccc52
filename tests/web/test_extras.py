"""The API takes the extra `web` alone."""

import subprocess
import sys

LOOK = """
import sys
for name in ("temporalio", "slack_sdk", "jira", "datadog_api_client", "hvac", "apprise"):
    sys.modules[name] = None  # as if it were not installed
import orchestrate.web.application, orchestrate.web.document
"""


def test_it_needs_no_library_of_clusters_or_vendors() -> None:
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
