"""The services of the library apprise, a hundred of them: mail, chat, push; by an address each."""

from collections.abc import Mapping

from orchestrate.commands.address import Address, open_address
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
        address = open_address(url, limits.connect, limits.total - limits.connect)
    except ImportError as error:
        raise OptionsError(
            "the notify integration needs the package apprise",
            hint="Install it with: pip install 'aither-orchestrate[notify]'",
        ) from error
    if address is None:
        raise OptionsError(
            "the `url` of the notify integration is not one that apprise understands",
            hint="Write it as its documentation says, such as mailto://… or slack://….",
        )
    return _Sender(address)


class _Sender:
    """One address."""

    def __init__(self, address: Address) -> None:
        self._address = address

    def scope(self, notice: Notice) -> str:
        """Nothing is remembered, so it does not matter."""
        return notice.workflow

    def deliver(self, notice: Notice, memory: Memory) -> Memory:
        """Send it. The library does not say why something failed."""
        sent = self._address.send(
            _TYPES[notice.kind], wording.headline(notice), wording.plain(notice)
        )
        if not sent:
            raise RetryLater(None, "the notification was not accepted")
        return memory
