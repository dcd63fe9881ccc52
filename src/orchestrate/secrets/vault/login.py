"""Logging in to Vault: a token, a file that holds one, AppRole, or Kubernetes."""

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from orchestrate.playbook.plan import Json
from orchestrate.secrets.model import SourceError
from orchestrate.secrets.vault.connection import NOTHING, Refusal, Server, ask

SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount/token"


class Token(NamedTuple):
    """A login: its token, for how many seconds it holds (0: for ever), and whether it can be
    prolonged.
    """

    text: str
    seconds: float
    renewable: bool


class Login:
    """How to log in, from Vault's own environment variables and `[secrets.vault]`."""

    def __init__(self, settings: Mapping[str, Json], env: Mapping[str, str]) -> None:
        self._settings = settings
        self._env = env
        self.method = self._method()

    def _method(self) -> str:
        chosen = self._settings.get("auth")
        if chosen is not None:
            return str(chosen)
        if self._env.get("VAULT_TOKEN"):
            return "token"
        if self._text("token_file"):
            return "token_file"
        if self._env.get("VAULT_ROLE_ID") or self._text("role_id"):
            return "approle"
        if self._text("role"):
            return "kubernetes"
        if os.path.isfile(self._home_token()):  # noqa: PTH113 - a name that Vault's client fixes
            return "token_file"
        raise SourceError(
            "nobody says how to log in to Vault",
            hint="Set VAULT_TOKEN, or `auth` with its keys under [secrets.vault] in "
            "orchestrate.toml.",
        )

    def log_in(self, server: Server, client: Any) -> Token:
        """A token. Raises SourceError and Refusal."""
        match self.method:
            case "token":
                token = self._env.get("VAULT_TOKEN")
                if not token:
                    raise SourceError(
                        "the login to Vault is `token`, and VAULT_TOKEN is not set",
                        hint="Set VAULT_TOKEN, or choose another `auth` under [secrets.vault].",
                    )
                return self._look_up(server, client, token)
            case "token_file":
                return self._look_up(server, client, self._read("token_file", self._home_token()))
            case "approle":
                answer = self._app_role(server, client)
            case _:
                answer = self._kubernetes(server, client)
        granted = answer.get("auth") or NOTHING
        return Token(
            str(granted.get("client_token", "")),
            float(granted.get("lease_duration") or 0),
            bool(granted.get("renewable")),
        )

    @property
    def can_repeat(self) -> bool:
        """Whether logging in again may give another token."""
        return self.method != "token"

    def _look_up(self, server: Server, client: Any, token: str) -> Token:
        """How long a token that was given to us holds. One may be forbidden to ask."""
        client.token = token
        try:
            found = ask(server, client.auth.token.lookup_self).get("data") or NOTHING
        except Refusal as refusal:
            if refusal.kind != "denied":
                raise
            return Token(token, 0.0, renewable=False)
        return Token(token, float(found.get("ttl") or 0), bool(found.get("renewable")))

    def _app_role(self, server: Server, client: Any) -> dict[str, Any]:
        role = self._env.get("VAULT_ROLE_ID") or self._text("role_id")
        if not role:
            raise SourceError(
                "the login to Vault is `approle`, and nobody says which",
                hint="Set `role_id` under [secrets.vault], or VAULT_ROLE_ID.",
            )
        secret = self._env.get("VAULT_SECRET_ID")
        if not secret and self._text("secret_id_file"):
            secret = self._read("secret_id_file", "")
        mount = self._text("mount") or "approle"
        return ask(
            server,
            lambda: client.auth.approle.login(role, secret or None, False, mount),  # noqa: FBT003
        )

    def _kubernetes(self, server: Server, client: Any) -> dict[str, Any]:
        role = self._text("role")
        if not role:
            raise SourceError(
                "the login to Vault is `kubernetes`, and nobody says for which role",
                hint="Set `role` under [secrets.vault].",
            )
        proof = self._read("jwt_file", SERVICE_ACCOUNT)
        mount = self._text("mount") or "kubernetes"
        return ask(
            server,
            lambda: client.auth.kubernetes.login(role, proof, False, mount),  # noqa: FBT003
        )

    def _text(self, key: str) -> str:
        return str(self._settings.get(key) or "")

    def _home_token(self) -> str:
        return os.path.join(self._env.get("HOME", ""), ".vault-token")  # noqa: PTH118 - as above

    def _read(self, key: str, default: str) -> str:
        """What stands in a file, read anew each time: an agent may renew it."""
        path = self._text(key) or default
        if path.startswith("~/"):
            path = self._env.get("HOME", "") + path[1:]
        try:
            with open(path, encoding="utf-8") as file:  # noqa: PTH123 - as above
                text = file.read(100_000).strip()
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not text"
            raise SourceError(
                f"the login to Vault is in the file {path}, which cannot be read: {why}",
                hint=f"Mend `{key}` under [secrets.vault].",
            ) from error
        if not text:
            raise SourceError(
                f"the login to Vault is in the file {path}, which is empty",
                hint="Have it written before the workflow starts.",
            )
        return text
