"""What triggers start: workflows for events and webhooks, each once.

An event is in the inbox before anybody looks at it. Its workflows are made under keys of their own,
and only then it is recorded what became of it; between the two a daemon may die.
"""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from orchestrate.app import App
from orchestrate.daemon.declared import Declarations, Found, declare_schedules
from orchestrate.daemon.log import Log
from orchestrate.embedded.inbox import Arrived, Inbox
from orchestrate.errors import OrchestrateError
from orchestrate.intake import Request
from orchestrate.playbook.plan import Json, Secret, Template
from orchestrate.playbook.triggers import (
    SHARED_SECRET,
    EventTrigger,
    FileTrigger,
    WebhookTrigger,
)
from orchestrate.processes.origin import here
from orchestrate.processes.supervising.crash import crash_point
from orchestrate.triggers.cloud_events import FILES
from orchestrate.triggers.matching import concerns, holds, values
from orchestrate.triggers.schedules import Schedules
from orchestrate.workflow.program import RunOptions


class Hook(NamedTuple):
    """A webhook that is served. `secret` None: unsigned, by the playbook's own word."""

    found: Found
    trigger: WebhookTrigger
    secret: bytes | None


class Triggers:
    """The triggers of one project, under one daemon. Used in the daemon's thread, except `hook`."""

    def __init__(
        self,
        app: App,
        start: Callable[[Request], str],
        schedules: Schedules,
        inbox: Inbox,
        log: Log,
        clock: Callable[[], float],
    ) -> None:
        self._app = app
        self._start = start
        self._schedules = schedules
        self._log = log
        self._clock = clock
        self.inbox = inbox
        self.declared = Declarations(app)
        self._hooks: Mapping[str, Hook] = {}
        self._next_look = 0.0
        self.on_change: list[Callable[[], None]] = []
        """Told when the triggers are others than before."""

    def tick(self, every: float) -> None:
        """Do what is due: events that arrived, and, every so many seconds, files that changed."""
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + every
            self.read()
        while page := self.inbox.pending():
            for arrived in page:
                self._settle(arrived)

    def read(self, *, anew: bool = False) -> None:
        """Register the triggers of the playbooks as they are now."""
        if not self.declared.read(anew=anew):
            return
        for name, playbook in self.declared.playbooks.items():
            if playbook.broken:
                self._log("triggers not read", playbook=name, reason=playbook.broken)
        found = self.declared.all()
        self._hooks = self._served(found)
        for name in declare_schedules(found, self._schedules, self._clock()):
            self._log("schedule declared", schedule=name)
        for tell in self.on_change:
            tell()

    # Webhooks

    def hook(self, path: str) -> Hook | None:
        """What is served at a path. Any thread may ask."""
        return self._hooks.get(path)

    @property
    def largest_body(self) -> int:
        """Bytes of the largest delivery that any webhook takes."""
        return max((hook.trigger.max_body for hook in self._hooks.values()), default=0)

    @property
    def has_hooks(self) -> bool:
        """Whether any playbook has a webhook."""
        return bool(self._hooks)

    def _served(self, found: list[Found]) -> Mapping[str, Hook]:
        hooks: dict[str, Hook] = {}
        for one in found:
            trigger = one.trigger
            if not isinstance(trigger, WebhookTrigger):
                continue
            if trigger.path in hooks:
                other = hooks[trigger.path]
                reason = f"{other.found.at} ({other.trigger.place}) has its path {trigger.path}"
                place = str(trigger.place)
                self._log("webhook not served", webhook=str(one.at), place=place, reason=reason)
                continue
            try:
                secret = None if trigger.signature == "none" else self._secret(trigger.secret)
            except OrchestrateError as error:
                self._log("webhook not served", webhook=str(one.at), reason=error.message)
                continue
            hooks[trigger.path] = Hook(one, trigger, secret)
        return hooks

    def _secret(self, secret: Secret | None) -> bytes:
        if secret is not None:
            return self._app.fetch_secret(secret).value.encode()
        shared = self._app.env.get(SHARED_SECRET) or self._app.project.settings.webhook_secret
        if not shared:
            raise OrchestrateError(
                "it has no secret, so every delivery to it is refused",
                hint=f"Give it `secret:`, or set {SHARED_SECRET}.",
            )
        return shared.encode()

    def deliver(
        self, hook: Hook, identity: str, known: Mapping[str, Json], address: str
    ) -> str | None:
        """Start what a genuine delivery starts; None if the filter keeps it back. `address` is that
        of whoever sent it.
        """
        if not holds(hook.trigger.filter, known):
            return None
        given_by = (hook.trigger.parameters, known)
        origin: Mapping[str, Json] = {"delivery": identity, "address": address}
        return self._begin(hook.found, f"webhook:{hook.found.at}:{identity}", given_by, origin)

    # Events

    def _settle(self, arrived: Arrived) -> None:
        started: list[str] = []
        problems: list[str] = []
        matched = False
        for found, known in self._concerned(arrived):
            matched = True
            event = arrived.event
            key = f"event:{found.at}:{event.source}:{event.id}"
            origin: Mapping[str, Json] = {"source": event.source, "event": event.id}
            try:
                started.append(self._begin(found, key, (found.trigger.parameters, known), origin))
            except OrchestrateError as error:
                problems.append(f"{found.at}: {error.message}")
                self._log(
                    "trigger refused", trigger=str(found.at), event=event.id, reason=error.message
                )
        crash_point("event.started")
        state = "started" if started else "refused" if matched else "unmatched"
        reason = "; ".join(problems) if matched else "no trigger waits for it"
        if not matched and arrived.event.source.startswith(FILES):
            state, reason = "ignored", "its filter kept it back"
        known = self.inbox.settle(arrived.number, state, started, reason)
        if known == "unmatched":
            event = arrived.event
            self._log("event unmatched", source=event.source, event=event.type, id=event.id)

    def _concerned(self, arrived: Arrived) -> list[tuple[Found, Mapping[str, Json]]]:
        event = arrived.event
        if event.source.startswith(FILES):
            known: Mapping[str, Json] = {"file": event.data}
            return [
                (found, known)
                for found in self.declared.all()
                if isinstance(found.trigger, FileTrigger)
                and f"{FILES}{found.at}" == event.source
                and holds(found.trigger.filter, known)
            ]
        known = {"event": event.to_json()}
        return [
            (found, known)
            for found in self.declared.all()
            if isinstance(found.trigger, EventTrigger) and concerns(found.trigger, event)
        ]

    def _begin(
        self, found: Found, key: str,
        given_by: tuple[Mapping[str, Template], Mapping[str, Json]], origin: Mapping[str, Json],
    ) -> str:  # fmt: skip
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
