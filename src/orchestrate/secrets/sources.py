"""Where the values of secrets come from."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from orchestrate.errors import ExitCode, OrchestrateError
from orchestrate.playbook.plan import Secret

SHORTEST = 4
"""Characters. A shorter value cannot be masked: hiding each `ab` would make output unreadable and
tell where the secret stands."""


class SecretError(OrchestrateError):
    """A secret has no value, or one that cannot be kept secret."""

    code: ClassVar[str] = "secret"
    exit_code: ClassVar[int] = ExitCode.USAGE


def resolve(secrets: Sequence[Secret], env: Mapping[str, str]) -> Mapping[str, str]:
    """The value of each secret by its name. `env` is what the source `environment` reads.

    Raises SecretError, which says what to set. No message ever holds a value.
    """
    return {secret.name: _value(secret, env) for secret in secrets}


def environment_variables(secrets: Sequence[Secret]) -> Mapping[str, str]:
    """The environment variable of each secret that comes from one: what commands that do not
    reference the secret must not inherit.
    """
    return {secret.name: _variable(secret) for secret in secrets if secret.source == "environment"}


def _value(secret: Secret, env: Mapping[str, str]) -> str:
    if secret.source != "environment":
        raise SecretError(
            f"secret `{secret.name}` has the unknown source `{secret.source}`",
            hint="The source of a secret is `environment`.",
            place=secret.place,
        )
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
    if len(value) < SHORTEST:
        raise SecretError(
            f"secret `{secret.name}` ({variable}) is shorter than {SHORTEST} characters, "
            "too short to be masked in output",
            hint="Use a longer value; what is this short is better an ordinary variable.",
            place=secret.place,
        )
    return value


def _variable(secret: Secret) -> str:
    return secret.options.get("variable", secret.name)
