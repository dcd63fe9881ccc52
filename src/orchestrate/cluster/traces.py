"""Failures as Temporal keeps them: with the functions that were passed, without the paths of
anybody's files.
"""

import re

from temporalio.api.failure.v1 import Failure
from temporalio.converter import DefaultFailureConverter, PayloadConverter

_FILE = re.compile(r'(?<=File ")[^"]*(?=")')


class Failures(DefaultFailureConverter):
    """For projects without keys; with them, stack traces are encrypted."""

    def to_failure(
        self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure
    ) -> None:
        """See `FailureConverter.to_failure`. Causes come here by themselves."""
        super().to_failure(exception, payload_converter, failure)
        failure.stack_trace = _FILE.sub(_within_package, failure.stack_trace)


def _within_package(match: re.Match[str]) -> str:
    """`/srv/lib/orchestrate/cluster/working/steps.py` as `orchestrate/cluster/working/steps.py`."""
    _, found, inside = match[0].rpartition("/orchestrate/")
    return f"orchestrate/{inside}" if found else match[0].rpartition("/")[2]
