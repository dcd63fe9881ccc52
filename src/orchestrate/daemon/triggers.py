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
from orchestrate.daemon.triggered import Triggered
from orchestrate.embedded.inbox import Inbox as StoredInbox
from orchestrate.errors import OrchestrateError
from orchestrate.intake import Request
from orchestrate.launching.inbox import Inbox
from orchestrate.playbook.plan import Json, Secret
from orchestrate.playbook.triggers import (
    SHARED_SECRET,
    WebhookTrigger,
)
from orchestrate.processes.supervising.crash import crash_point
from orchestrate.triggers.matching import holds
from orchestrate.triggers.schedules import Schedules


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
        self._schedules = schedules
        self._log = log
        self._clock = clock
        self.inbox = inbox
        self.declared = Declarations(app)
        self._triggered = Triggered(app, self.declared, start, log)
        self._hooks: Mapping[str, Hook] = {}
        self._next_look = 0.0
        self._is_stale = False
        self.on_change: list[Callable[[], None]] = []
        """Told when the triggers are others than before."""

    def look(self, every: float) -> None:
        """Every so many seconds: see which files have changed."""
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + every
            stale, self._is_stale = self._is_stale, False
            self.read(anew=stale)

    def read_again(self) -> None:
        """What was read could not be registered: read it once more, changed or not."""
        self._is_stale = True

    def settle(self, inbox: StoredInbox) -> None:
        """Look at what arrived in the store of this machine."""
        while page := inbox.pending():
            for arrived in page:
                came = self._triggered.settle(arrived.event)
                crash_point("event.started")
                if inbox.settle(arrived.number, came) == "unmatched":
                    event = arrived.event
                    self._log("event unmatched", source=event.source, event=event.type, id=event.id)

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
            return self._app.secrets.fetch(secret).value.encode()
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
        return self._triggered.begin(
            hook.found, f"webhook:{hook.found.at}:{identity}", given_by, origin
        )
