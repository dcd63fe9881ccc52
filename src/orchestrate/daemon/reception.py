"""When the daemon listens: at once for the API, else as soon as there is anything to take."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from orchestrate.app import App
from orchestrate.daemon.desk import Attend, Site
from orchestrate.daemon.log import Log
from orchestrate.daemon.monitoring import Monitoring
from orchestrate.daemon.triggers import Triggers

if TYPE_CHECKING:
    from orchestrate.daemon.receiver import Receiver

DEFAULT = "127.0.0.1:8765"
TOKEN = "ORCHESTRATE_EVENTS_TOKEN"
"""The environment variable with what requests to `/events` have to bring."""
METRICS_TOKEN = "ORCHESTRATE_METRICS_TOKEN"
"""The same for `/metrics`."""


def listen_at(app: App, listen: str | None, default: str = DEFAULT) -> str:
    """Where a daemon listens that was told `listen`."""
    return listen or app.project.settings.serve.listen or default


class Reception:
    """Starts the receiver when the first webhook, a token or an address makes it useful."""

    def __init__(
        self,
        app: App,
        triggers: Triggers,
        ask: Callable[[Callable[[], Any]], Any],
        is_ready: Callable[[], bool],
        monitoring: Monitoring,
        log: Log,
        listen: str | None,
        site: Site | None,
    ) -> None:
        self._app = app
        self._triggers = triggers
        self._ask = ask
        self._is_ready = is_ready
        self._monitoring = monitoring
        self._log = log
        self._listen = listen
        self._site = site
        self._receiver: Receiver | None = None
        self._said = ""

    def look(self) -> None:
        """Begin to listen, if there is a reason to by now."""
        settings = self._app.project.settings
        listen = listen_at(self._app, self._listen, "")
        token = self._app.env.get(TOKEN) or settings.events_token
        metrics = self._app.env.get(METRICS_TOKEN) or settings.monitoring.token
        wanted = listen or token or metrics or self._triggers.has_hooks or self._site
        if self._receiver is not None or not wanted:
            return
        try:
            from orchestrate.daemon.receiver import Receiver, Tokens

            tokens = Tokens(
                token.encode() if token else None, metrics.encode() if metrics else None
            )
            receiver = Receiver(
                self._triggers, self._ask, self._is_ready, tokens, self._monitoring, self._log,
                self._site,
            )  # fmt: skip
            receiver.start(listen or DEFAULT, *self._tls())
        except ImportError:
            self._say("what comes over HTTP needs `pip install 'aither-orchestrate[web]'`")
        except (OSError, OverflowError) as error:
            self._say(f"{listen or DEFAULT}: {error}")
        else:
            self._receiver = receiver

    @property
    def address(self) -> str:
        """Where it listens: `host:port`; empty if it does not."""
        return "" if self._receiver is None else self._receiver.address

    def _tls(self) -> tuple[str, str] | tuple[()]:
        """The files with certificate and key, if there is to be TLS."""
        settings, root = self._app.project.settings.serve, self._app.project.root
        if settings.tls_certificate is None or settings.tls_key is None:
            return ()
        return str(root / settings.tls_certificate), str(root / settings.tls_key)

    def _say(self, reason: str) -> None:
        if reason != self._said:
            self._said = reason
            self._log("not listening", reason=reason)

    def stop(self, attend: Attend) -> None:
        """Take nothing more; what was begun is answered. `attend` does in this thread what those
        requests need of it, until its argument says that it is over.
        """
        if self._site is not None:
            self._site.end_streams()
        if self._receiver is not None:
            self._receiver.stop(attend)
            self._receiver = None
        if self._site is not None:
            self._site.close()
