"""When the daemon listens: as soon as there is anything to take over HTTP."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from orchestrate.app import App
from orchestrate.daemon.log import Log
from orchestrate.daemon.triggers import Triggers

if TYPE_CHECKING:
    from orchestrate.daemon.receiver import Receiver

DEFAULT = "127.0.0.1:8765"
TOKEN = "ORCHESTRATE_EVENTS_TOKEN"
"""The environment variable with what requests to `/events` have to bring."""


class Reception:
    """Starts the receiver when the first webhook, a token or an address makes it useful."""

    def __init__(
        self,
        app: App,
        triggers: Triggers,
        ask: Callable[[Callable[[], Any]], Any],
        is_ready: Callable[[], bool],
        log: Log,
        listen: str | None,
    ) -> None:
        self._app = app
        self._triggers = triggers
        self._ask = ask
        self._is_ready = is_ready
        self._log = log
        self._listen = listen
        self._receiver: Receiver | None = None
        self._said = ""

    def look(self) -> None:
        """Begin to listen, if there is a reason to by now."""
        settings = self._app.project.settings
        listen = self._listen or settings.listen
        token = self._app.env.get(TOKEN) or settings.events_token
        if self._receiver is not None or not (listen or token or self._triggers.has_hooks):
            return
        try:
            from orchestrate.daemon.receiver import Receiver

            receiver = Receiver(
                self._triggers, self._ask, self._is_ready,
                token.encode() if token else None, self._log,
            )  # fmt: skip
            receiver.start(listen or DEFAULT)
        except ImportError:
            self._say("webhooks and events over HTTP need `pip install 'aither-orchestrate[web]'`")
        except (OSError, OverflowError) as error:
            self._say(f"{listen or DEFAULT}: {error}")
        else:
            self._receiver = receiver

    def _say(self, reason: str) -> None:
        if reason != self._said:
            self._said = reason
            self._log("not listening", reason=reason)

    def stop(self) -> None:
        """Take nothing more."""
        if self._receiver is not None:
            self._receiver.stop()
            self._receiver = None
