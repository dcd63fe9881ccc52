"""What triggers start when something arrived: workflows, each once, under keys of their own."""

from collections.abc import Callable, Mapping

from orchestrate.app import App
from orchestrate.daemon.declared import Declarations, Found
from orchestrate.daemon.log import Log
from orchestrate.errors import OrchestrateError
from orchestrate.intake import Request
from orchestrate.launching.inbox import Settled
from orchestrate.playbook.plan import Json, Template
from orchestrate.playbook.triggers import EventTrigger, FileTrigger
from orchestrate.processes.origin import here
from orchestrate.triggers.cloud_events import FILES, CloudEvent
from orchestrate.triggers.matching import concerns, holds, values
from orchestrate.workflow.program import RunOptions


class Triggered:
    """Starts what the triggers of a project say. `start` makes a workflow and has it run."""

    def __init__(
        self, app: App, declared: Declarations, start: Callable[[Request], str], log: Log
    ) -> None:
        self._app = app
        self._declared = declared
        self._start = start
        self._log = log

    def settle(self, event: CloudEvent) -> Settled:
        """Start what waits for an event."""
        started: list[str] = []
        problems: list[str] = []
        matched = False
        for found, known in self._concerned(event):
            matched = True
            key = f"event:{found.at}:{event.source}:{event.id}"
            origin: Mapping[str, Json] = {"source": event.source, "event": event.id}
            try:
                started.append(self.begin(found, key, (found.trigger.parameters, known), origin))
            except OrchestrateError as error:
                problems.append(f"{found.at}: {error.message}")
                self._log(
                    "trigger refused", trigger=str(found.at), event=event.id, reason=error.message
                )
        state = "started" if started else "refused" if matched else "unmatched"
        reason = "; ".join(problems) if matched else "no trigger waits for it"
        if not matched and event.source.startswith(FILES):
            state, reason = "ignored", "its filter kept it back"
        return Settled(state, tuple(started), reason)

    def _concerned(self, event: CloudEvent) -> list[tuple[Found, Mapping[str, Json]]]:
        if event.source.startswith(FILES):
            known: Mapping[str, Json] = {"file": event.data}
            return [
                (found, known)
                for found in self._declared.all()
                if isinstance(found.trigger, FileTrigger)
                and f"{FILES}{found.at}" == event.source
                and holds(found.trigger.filter, known)
            ]
        known = {"event": event.to_json()}
        return [
            (found, known)
            for found in self._declared.all()
            if isinstance(found.trigger, EventTrigger) and concerns(found.trigger, event)
        ]

    def begin(
        self, found: Found, key: str,
        given_by: tuple[Mapping[str, Template], Mapping[str, Json]], origin: Mapping[str, Json],
    ) -> str:  # fmt: skip
        """Start what a trigger starts; `given_by` are its parameters, and what they speak of."""
        given = values(*given_by)
        environment = found.trigger.environment
        if environment is None and isinstance(given.get("environment"), str):
            environment = str(given["environment"])
        workflow = self._start(
            Request(
                found.at.playbook,
                (),
                environment,
                RunOptions(max_parallel=self._app.project.settings.max_parallel),
                yes=True,  # whoever wrote the trigger agreed
                idempotency_key=key,
                beneath=given,
                actor=f"trigger {found.at}",
                origin={**here(), "trigger": str(found.at), **origin},
            )
        )
        self._log("triggered", workflow=workflow, trigger=str(found.at))
        return workflow
