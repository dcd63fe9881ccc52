"""Who may look at /admin: the user and password of config/application.toml."""

import base64
import binascii
import hmac
import os
import tomllib
from typing import NamedTuple

from webapp.daemons import PROJECT

CONFIG = PROJECT / "config" / "application.toml"


class Login(NamedTuple):
    """A user and a password."""

    user: str
    password: str

    def opens(self, authorization: str | None) -> bool:
        """Whether this header shows the right user and password."""
        scheme, _, shown = (authorization or "").partition(" ")
        if scheme.lower() != "basic":
            return False
        try:
            found = base64.b64decode(shown, validate=True)
        except (ValueError, binascii.Error):
            return False
        return hmac.compare_digest(found, f"{self.user}:{self.password}".encode())

    @property
    def header(self) -> str:
        """What a client sends to log in."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()


def read_login() -> Login:
    """The login that the application asks for."""
    admin = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["admin"]
    return Login(admin["user"], os.environ.get("WEBAPP_ADMIN_PASSWORD") or admin["password"])
