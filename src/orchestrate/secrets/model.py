"""What a source of secrets gives, and what can be wrong with it."""

from typing import ClassVar, NamedTuple, Protocol

from orchestrate.errors import ExitCode, OrchestrateError
from orchestrate.playbook.plan import Secret

SHORTEST = 4
"""Characters. A shorter value cannot be masked: hiding each `ab` would make output unreadable and
tell where the secret stands."""
LONGEST = 100_000
"""Bytes. The kernel refuses to start a process with a variable of 128 KiB."""


class SecretError(OrchestrateError):
    """A secret has no value, or one that cannot be kept secret."""

    code: ClassVar[str] = "secret"
    exit_code: ClassVar[int] = ExitCode.USAGE


class SourceError(SecretError):
    """The source of a secret cannot be asked, or does not give it, while a workflow runs."""

    exit_code: ClassVar[int] = ExitCode.FAILED


class Lease(Protocol):
    """How long a value holds. Somebody else prolongs it."""

    @property
    def name(self) -> str:
        """By which its source takes it back; "" if it does not."""
        ...

    def is_valid(self) -> bool:
        """Whether the value may still be used."""
        ...


class Fetched(NamedTuple):
    """A value, and how long it holds; without a lease, as long as the workflow runs here."""

    value: str
    lease: Lease | None = None


class Source(Protocol):
    """A kind of place where secrets are kept."""

    def fetch(self, secret: Secret) -> Fetched:
        """The value now. May block for some seconds; any thread may call it. Raises SecretError,
        which never holds a value.
        """
        ...


def check_value(secret: Secret, value: str, origin: str) -> str:
    """The value, if it can be kept secret. `origin` says in messages where it comes from."""
    if len(value) < SHORTEST:
        raise SecretError(
            f"secret `{secret.name}` ({origin}) is shorter than {SHORTEST} characters, "
            "too short to be masked in output",
            hint="Use a longer value; what is this short is better an ordinary variable.",
            place=secret.place,
        )
    if len(value.encode("utf-8", "surrogateescape")) > LONGEST:
        raise SecretError(
            f"secret `{secret.name}` ({origin}) is longer than {LONGEST} bytes, "
            "more than a process can be handed",
            hint="Let the command fetch it itself, or hand it the name of a file.",
            place=secret.place,
        )
    return value
