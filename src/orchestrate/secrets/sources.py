"""Where the values of secrets come from.

Those of environment variables are known when a workflow starts, so they are looked up then: a
missing one is found before any step. All others are fetched when a step first needs them.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrate.playbook.plan import Secret
from orchestrate.secrets.model import Fetched, SecretError, SourceError, check_value

if TYPE_CHECKING:
    from orchestrate.playbook.plan import Json
    from orchestrate.secrets.model import Source

ENVIRONMENT, FILE, VAULT = "environment", "file", "vault"
VAULT_LOGIN = ("VAULT_TOKEN", "VAULT_SECRET_ID")
"""Variables that log in to Vault. Steps of a playbook that takes secrets from there do not inherit
them: with these they could read much more than what the playbook hands them."""


def resolve(secrets: Sequence[Secret], env: Mapping[str, str]) -> Mapping[str, str]:
    """The values, by name, of those secrets that are environment variables (`env`).

    Raises SecretError, which says what to set, for others if nobody offers their source, too. No
    message ever holds a value.
    """
    for error in check_sources(secrets):
        raise error
    return {secret.name: _value(secret, env) for secret in secrets if secret.source == ENVIRONMENT}


def withheld_variables(secrets: Sequence[Secret]) -> frozenset[str]:
    """The environment variables that commands must not inherit: a step gets the secrets that it
    names, and no others.
    """
    names = {_variable(secret) for secret in secrets if secret.source == ENVIRONMENT}
    if any(secret.source == VAULT for secret in secrets):
        names.update(VAULT_LOGIN)
    return frozenset(names)


class Sources:
    """All sources of one project, each made when it is first asked."""

    def __init__(self, root: Path, vault: "Mapping[str, Json]", env: Mapping[str, str]) -> None:
        self._root = root
        self._vault = vault
        self._env = env
        self._made: dict[str, Source] = {}

    def fetch(self, secret: Secret) -> Fetched:
        """The value of a secret now. May block; any thread may call it. Raises SecretError."""
        if secret.source == ENVIRONMENT:
            return Fetched(_value(secret, self._env))
        try:
            source = self._made.get(secret.source)
            if source is None:
                source = self._made.setdefault(secret.source, self._make(secret.source))
            return source.fetch(secret)
        except SourceError as error:
            if error.place is not None:
                raise
            # It is about the source as a whole.
            raise SourceError(
                f"secret `{secret.name}`: {error.message}", hint=error.hint, place=secret.place
            ) from error

    def take_back(self, kind: str, lease: str) -> None:
        """Give back what a source of that kind has lent. May block. Raises SecretError."""
        if kind == VAULT:
            from orchestrate.secrets.vault.source import Vault

            source = self._made.get(kind) or self._make(kind)
            if isinstance(source, Vault):
                source.take_back(lease)

    def _make(self, kind: str) -> "Source":
        if kind == FILE:
            from orchestrate.secrets.files import Files

            return Files(self._root, self._env.get("HOME", ""))
        if kind == VAULT:
            from orchestrate.secrets.vault.source import Vault

            return Vault(self._vault, self._env)
        from orchestrate.secrets.extensions import Extension

        return Extension(kind, self._root, self._env)


def check_sources(secrets: Sequence[Secret]) -> list[SecretError]:
    """What is wrong with sources that neither this program nor an installed package has."""
    unknown = [s for s in secrets if s.source not in (ENVIRONMENT, FILE, VAULT)]
    if not unknown:
        return []
    from orchestrate.secrets.extensions import offered

    known = offered()
    listed = ", ".join((ENVIRONMENT, FILE, VAULT, *known))
    return [
        SecretError(
            f"secret `{secret.name}` has the unknown source `{secret.source}`",
            hint=f"sources: {listed}; installed packages offer others",
            place=secret.place,
        )
        for secret in unknown
        if secret.source not in known
    ]


def _value(secret: Secret, env: Mapping[str, str]) -> str:
    variable = _variable(secret)
    value = env.get(variable)
    if not value:
        state = "not set" if value is None else "empty"
        raise SecretError(
            f"secret `{secret.name}` comes from the environment variable {variable}, "
            f"which is {state}",
            hint=f"Set {variable} before you start the workflow.",
            place=secret.place,
        )
    return check_value(secret, value, variable)


def _variable(secret: Secret) -> str:
    return secret.options.get("variable", secret.name)
