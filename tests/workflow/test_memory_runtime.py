from collections.abc import Callable

import pytest
from contract.runtime import Host, RuntimeSuite

from orchestrate.workflow.execution import Execution
from orchestrate.workflow.memory import FOR_EVER, MemoryRuntime, Scripted, scripted
from orchestrate.workflow.outcomes import Outcome, Status


class TestMemoryRuntime(RuntimeSuite):
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
