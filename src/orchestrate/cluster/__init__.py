"""Many machines: the core inside a Temporal workflow, steps as activities on workers.

Needs the extra `temporal`; nothing here is imported where the embedded engine is used.
"""

from importlib.util import find_spec

from orchestrate.errors import UsageError

if find_spec("temporalio") is None:
    raise UsageError(
        "workflows of this project run on a cluster, and Temporal's SDK is not installed",
        hint="Install it: `pip install 'aither-orchestrate[temporal]'`.",
    )
