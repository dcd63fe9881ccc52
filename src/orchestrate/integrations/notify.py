"""The services of the library apprise, a hundred of them: mail, chat, push; by an address each."""

from collections.abc import Mapping
from typing import Any

from orchestrate.integrations import wording
from orchestrate.integrations.message import Notice
from orchestrate.integrations.options import Options
from orchestrate.integrations.service import Limits, Memory, OptionsError, RetryLater, Service
from orchestrate.playbook.plan import Json

_TYPES = {
    "start": "info",
    "success": "success",
    "failure": "failure",
    "pause": "warning",
    "approval": "warning",
    "recovery": "success",
}


def make(given: Mapping[str, Json], limits: Limits) -> Service:
    """Options: `url`, an address as apprise has them."""
    url = Options("notify", given).needed(
        "url", "Write `url:`, or the `target:` of a [notify.NAME] in orchestrate.toml."
    )
    try:
        import apprise
    except ImportError as error:
        raise OptionsError(
            "the notify integration needs the package apprise",
            hint="Install it with: pip install 'aither-orchestrate[notify]'",
        ) from error
    # Its methods are only half annotated. Some services wait for as long as they like: bounded.
    sender: Any = apprise.Apprise()
    separator = "&" if "?" in url else "?"
    timed = f"{url}{separator}cto={limits.connect:g}&rto={limits.total - limits.connect:g}"
    if not sender.add(timed):
        raise OptionsError(
            "the `url` of the notify integration is not one that apprise understands",
            hint="Write it as its documentation says, such as mailto://… or slack://….",
        )
    return _Sender(sender, apprise.NotifyType)


class _Sender:
    """One address."""

    def __init__(self, sender: Any, types: Any) -> None:
        self._sender = sender
        self._types = types

    def scope(self, notice: Notice) -> str:
        """Nothing is remembered, so it does not matter."""
        return notice.workflow

    def deliver(self, notice: Notice, memory: Memory) -> Memory:
        """Send it. The library does not say why something failed."""
        sent = self._sender.notify(
            title=wording.headline(notice),
            body=wording.plain(notice),
            notify_type=self._types(_TYPES[notice.kind]),
        )
        if not sent:
            raise RetryLater(None, "the notification was not accepted")
        return memory
