"""An address as the library apprise has them: mail, chat, push and a hundred other services.

For `/notify` and for integrations of type `notify`.
"""

from importlib import import_module
from typing import Any


class Address:
    """Where messages go."""

    def __init__(self, sender: Any, types: Any) -> None:
        self._sender = sender
        self._types = types

    def send(self, kind: str, title: str, body: str) -> bool:
        """Whether it was accepted; the library does not say why not. `kind`: info, success,
        warning or failure.
        """
        return bool(self._sender.notify(title=title, body=body, notify_type=self._types(kind)))


def open_address(url: str, connect: float, answer: float) -> Address | None:
    """The address, with the seconds that a connection and an answer may take; None if the library
    does not understand it. Raises ImportError if there is no library.
    """
    apprise: Any = import_module("apprise")
    sender = apprise.Apprise()
    # Some services wait for as long as they like, unless they are told.
    separator = "&" if "?" in url else "?"
    if not sender.add(f"{url}{separator}cto={connect:g}&rto={answer:g}"):
        return None
    return Address(sender, apprise.NotifyType)
