from collections.abc import Callable, Mapping

import pytest
from contract.claims import ClaimSuite
from contract.events import Emit, EventSuite
from contract.runtime import Host

from orchestrate.playbook.plan import Json
from orchestrate.workflow.execution import Execution
from orchestrate.workflow.memory import EPOCH, FOR_EVER, MemoryRuntime, Scripted, Signal, scripted
from orchestrate.workflow.outcomes import Outcome, Status


class TestMemoryRuntime(EventSuite, ClaimSuite):
    @pytest.fixture
    def host(self) -> Host:
        runtime = MemoryRuntime(scripted({}))
        outcomes = {
            "succeed": Scripted(),
            "fail": Scripted(Outcome(Status.FAILED, 3, message="exit code 3")),
            "hang": Scripted(takes=FOR_EVER),
        }

        def script(path: str, number: int) -> Scripted:
            return outcomes[runtime.performed[-1].call.words[0]]

        runtime._script = script

        def drive(execution: Execution, until: Callable[[], bool]) -> None:
            if not until():
                runtime.drive(execution)

        return Host(
            runtime,
            {word: word for word in outcomes},
            drive,
            lambda: runtime.journal,
            lambda: set(runtime._processes),
        )

    @pytest.fixture
    def emit(self, host: Host) -> Emit:
        runtime = host.runtime
        assert isinstance(runtime, MemoryRuntime)

        def emit(_: Execution, event: Mapping[str, Json]) -> None:
            runtime.schedule(Signal(runtime.now() - EPOCH, lambda _: None, event))

        return emit
