"""Requests to Vault: where it is, how long it may take, and what its answers mean.

What is likely to pass (it does not answer, is sealed, elects a leader, asks for patience) is tried
again until the patience of `[secrets.vault] wait` is over.
"""

import os
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, NamedTuple

from orchestrate.playbook.plan import Json
from orchestrate.secrets.model import SourceError

TIMEOUT = 5.0
"""Seconds for one request, unless `timeout` says otherwise."""
WAIT = 30.0
"""Seconds for which passing trouble is waited out, unless `wait` says otherwise."""
_PAUSES = (0.1, 0.3, 1.0, 2.0)
NOTHING: Mapping[str, Any] = {}
"""For parts of an answer that are not there."""


class Refusal(Exception):  # noqa: N818 - it is an answer, which its reader turns into an error
    """What Vault says no with, or why it says nothing. `kind`: denied, missing, invalid, passing
    or broken.
    """

    def __init__(self, kind: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.hint = hint


class Server(NamedTuple):
    """Where a Vault is, and how patient to be with it."""

    address: str
    namespace: str | None
    verify: "bool | str"
    """Whether its certificate is checked, or the file with those to check it by."""
    timeout: float
    wait: float


def find_server(settings: Mapping[str, Json], env: Mapping[str, str]) -> Server:
    """From Vault's own environment variables, else `[secrets.vault]`. Raises SourceError."""
    address = env.get("VAULT_ADDR") or settings.get("address")
    if not address:
        raise SourceError(
            "nobody says where Vault is",
            hint='Set VAULT_ADDR, or `address = "https://…"` under [secrets.vault] in '
            "orchestrate.toml.",
        )
    if not str(address).startswith(("http://", "https://")):
        raise SourceError(
            f"the address of Vault is `{address}`, which is no URL",
            hint="It begins with https://, such as https://vault.example.com:8200.",
        )
    authority = env.get("VAULT_CACERT") or settings.get("ca_file")
    if authority and not os.path.isfile(str(authority)):  # noqa: PTH113 - as it was written
        raise SourceError(
            f"there is no file {authority}, which is to hold the certificate authority of Vault",
            hint="Mend VAULT_CACERT, or `ca_file` under [secrets.vault].",
        )
    namespace = env.get("VAULT_NAMESPACE") or settings.get("namespace")
    return Server(
        str(address).rstrip("/"),
        None if namespace is None else str(namespace),
        str(authority) if authority else True,
        _seconds(settings.get("timeout"), TIMEOUT),
        _seconds(settings.get("wait"), WAIT),
    )


def _seconds(value: Json, default: float) -> float:
    return float(value) if isinstance(value, int | float) else default


def connect(server: Server) -> Any:
    """A client of the library hvac. Raises SourceError if that is not installed."""
    try:
        hvac: Any = import_module("hvac")
    except ImportError as error:
        raise SourceError(
            "secrets from Vault need the library hvac, which is not installed",
            hint="Install it: `pip install 'aither-orchestrate[vault]'`.",
        ) from error
    return hvac.Client(
        url=server.address,
        token="",
        namespace=server.namespace,
        verify=server.verify,
        timeout=server.timeout,
    )


def ask(server: Server, call: Callable[[], Any]) -> dict[str, Any]:
    """The answer to a request. Raises Refusal."""
    deadline = time.monotonic() + server.wait
    tries = 0
    while True:
        try:
            return _once(server, call)
        except Refusal as refusal:
            pause = _PAUSES[min(tries, len(_PAUSES) - 1)]
            if refusal.kind != "passing" or time.monotonic() + pause > deadline:
                raise
        tries += 1
        time.sleep(pause)


def _once(server: Server, call: Callable[[], Any]) -> dict[str, Any]:
    errors: Any = import_module("hvac.exceptions")
    transport: Any = import_module("requests.exceptions")
    try:
        answer = call()
    except errors.VaultError as error:
        raise _refusal(server, error, errors) from None
    except transport.SSLError:
        raise Refusal(
            "broken",
            f"the certificate of Vault at {server.address} is not to be trusted",
            "Name its authority: VAULT_CACERT, or `ca_file` under [secrets.vault].",
        ) from None
    except transport.Timeout:
        raise Refusal(
            "passing",
            f"Vault at {server.address} did not answer within {server.timeout:g} s",
            "Look at it: `vault status`. `timeout` under [secrets.vault] sets the limit.",
        ) from None
    except (transport.RequestException, OSError, ValueError):
        raise Refusal(
            "passing",
            f"Vault at {server.address} cannot be reached",
            "Look whether it runs, and mend the address: VAULT_ADDR, or `address` under "
            "[secrets.vault].",
        ) from None
    if not isinstance(answer, dict):
        if getattr(answer, "status_code", 0) == 204:
            return {}
        raise Refusal(
            "broken",
            f"what answers at {server.address} is not Vault",
            "Mend the address: VAULT_ADDR, or `address` under [secrets.vault].",
        )
    return answer  # pyright: ignore[reportUnknownVariableType]


def _refusal(server: Server, error: Any, errors: Any) -> Refusal:
    said = "; ".join(str(each).strip() for each in error.errors or ())
    at = f"Vault at {server.address}"
    match error:
        case errors.Forbidden() | errors.Unauthorized():
            return Refusal("denied", f"{at} denies it" + (f" ({said})" if said else ""), "")
        case errors.InvalidPath():
            return Refusal("missing", said, "")
        case errors.InvalidRequest():
            return Refusal("invalid", f"{at} refuses the request ({said or 'without a word'})", "")
        case errors.VaultDown() if "seal" in said.lower() or not said:
            return Refusal("passing", f"{at} is sealed", "Unseal it: `vault operator unseal`.")
        case errors.VaultNotInitialized():
            return Refusal(
                "broken", f"{at} is not initialised", "Prepare it: `vault operator init`."
            )
        case _:
            what = said or type(error).__name__
            return Refusal("passing", f"{at} has trouble ({what})", "Look at its log.")
