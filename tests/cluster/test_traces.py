"""What Temporal keeps of failures says nothing of where somebody's files lie."""

from temporalio.api.failure.v1 import Failure
from temporalio.converter import DefaultPayloadConverter

from orchestrate.cluster.payloads import unpack_plan
from orchestrate.cluster.storing.values import converter_of


def test_traces_hold_functions_and_no_paths():
    converter, _ = converter_of(None)
    failure = Failure()
    try:
        try:
            unpack_plan(b"nonsense")
        except Exception as cause:
            raise RuntimeError("it broke") from cause
    except RuntimeError as error:
        converter.failure_converter.to_failure(error, DefaultPayloadConverter(), failure)
    assert failure.message == "it broke"
    assert "in test_traces_hold_functions_and_no_paths" in failure.stack_trace
    inner = failure.cause.stack_trace
    assert 'File "orchestrate/cluster/payloads.py"' in inner
    assert 'File "test_traces.py"' in inner
    assert "/test_traces.py" not in inner + failure.stack_trace
