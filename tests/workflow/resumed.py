"""A first run, and a second one over its record."""

from collections import Counter
from collections.abc import Mapping

from workflow.replaying import read_scenario

from orchestrate.playbook.plan import Json
from orchestrate.workflow.engine import ResumeOptions, ResumePlan
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.execution import Execution
from orchestrate.workflow.memory import MemoryRuntime, scripted
from orchestrate.workflow.resuming import plan_resume
from orchestrate.workflow.scenarios.outcomes import read_outcome
from orchestrate.workflow.scenarios.playing import Played, play, played
from orchestrate.workflow.scenarios.reading import Scenario


def first_run(playbook: str, outcomes: Mapping[str, Json], **keys: Json) -> tuple[Scenario, Played]:
    scenario = read_scenario({"playbook": playbook, "outcomes": outcomes, **keys})
    return scenario, play(scenario)


class Resumed:
    """A second run over the record of the first, in which everything succeeds."""

    def __init__(
        self,
        scenario: Scenario,
        before: Played,
        options: ResumeOptions,
        outcomes: Mapping[str, Json] | None = None,
    ) -> None:
        events = list(before.events)
        self.plan: ResumePlan
        self.plan, new = plan_resume(scenario.program, events, options)
        program = scenario.program
        program = program._replace(
            plan=options.changed_plan or program.plan,
            parameters={**program.parameters, **options.parameters},
        )
        at = events[-1].at + 100
        resumed: dict[str, Json] = {"actor": "tester", "parameters": options.parameters}
        added = [(EventType.RESUMED, "", resumed), *new]
        for event_type, path, data in added:
            events.append(Event(events[-1].seq + 1, at, event_type, path, data))
        script = {path: [read_outcome(value)] for path, value in (outcomes or {}).items()}
        runtime = MemoryRuntime(scripted(script), now=at)
        execution = Execution(program, runtime, events)
        execution.start()
        runtime.drive(execution)
        self.events = [*events, *runtime.journal]
        self.result = played(execution, self.events)
        self.ran = [attempt.path for attempt in runtime.performed]
        self.lines = [f"{line.action} {line.path}" for line in self.plan.lines]
        self.crash(program, scripted(script), len(events))

    def crash(self, program: object, script: object, first: int) -> None:
        """The resumed run survives a crash after each of its events."""
        for cut in range(first, len(self.events) + 1):
            prefix = self.events[:cut]
            runtime = MemoryRuntime(script, now=prefix[-1].at)  # type: ignore[arg-type]
            execution = Execution(program, runtime, prefix)  # type: ignore[arg-type]
            execution.start()
            runtime.drive(execution)
            again = played(execution, [*prefix, *runtime.journal])
            assert again.state == self.result.state, f"cut after {prefix[-1]}"
            assert Counter(again.trace) == Counter(self.result.trace), f"cut after {prefix[-1]}"


LINE = """
steps:
  - {name: a, command: a}
  - {name: b, command: b, on_failure: [{command: undo}], finally: [{command: clean}]}
  - {name: c, command: c}
on_failure: [{command: report}]
finally: [{command: close}]
"""
