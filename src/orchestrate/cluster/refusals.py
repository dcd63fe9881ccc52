"""Why a connection to a Temporal server did not come about, in words of the settings.

The SDK gives one text for everything; what TLS and the server said stands in it.
"""

from pathlib import Path
from typing import NamedTuple


class Refusal(NamedTuple):
    """What is wrong, and what to do about it."""

    message: str
    hint: str


class Offered(NamedTuple):
    """With what it was tried."""

    target: str
    tls: bool
    ca_file: Path | None
    cert_file: Path | None
    key_file: Path | None
    has_api_key: bool


def explain(said: str, offered: Offered) -> Refusal | None:
    """The reason, if it has to do with certificates and keys."""
    if "Unauthenticated" in said or "PermissionDenied" in said:
        return _key_refused(offered)
    for sign, refusal in _of_certificates(offered).items():
        if sign in said:
            return refusal
    # In TLS 1.3 a server refuses a client after the client took the connection for made.
    if "call error after connection" in said and ("transport error" in said or "closed" in said):
        return _closed(offered)
    return None


def unreached(said: str, target: str) -> str:
    """Why nobody was found there."""
    if "dns error" in said:
        return f"the name {target.rpartition(':')[0]} is not known here"
    return "nothing listens there" if "ConnectionRefused" in said else said


def _of_certificates(offered: Offered) -> dict[str, Refusal]:
    host = offered.target.rpartition(":")[0]
    trusted = offered.ca_file or "anybody whom this system trusts"
    return {
        "UnknownIssuer": Refusal(
            f"its certificate is not signed by {trusted}",
            "`[engine.tls] ca_file` names the certificate of whoever signed it.",
        ),
        "InvalidCertificate(Expired": Refusal(
            "its certificate has expired",
            "Have it renewed; or set the clock of this machine, if that is wrong.",
        ),
        "InvalidCertificate(NotValidForName": Refusal(
            f"its certificate is for another name than {host}",
            "Use the name that the certificate has in `[engine] address`.",
        ),
        "InvalidMessage(": Refusal(
            "it does not speak TLS",
            "An API key goes over TLS only: use the port that has TLS."
            if offered.has_api_key
            else "Take `[engine.tls]` out, or use the port that has TLS.",
        ),
        "InconsistentKeys": Refusal(
            f"the key {offered.key_file} does not belong to the certificate {offered.cert_file}",
            "Check `cert_file` and `key_file` of `[engine.tls]`.",
        ),
        "PrivateKeyParseError": Refusal(
            f"{offered.key_file} holds no private key",
            "`[engine.tls] key_file` has to be PEM, without a password.",
        ),
    }


def _key_refused(offered: Offered) -> Refusal:
    if offered.has_api_key:
        return Refusal(
            "it refuses the API key",
            "Check the variable that `[engine] api_key_variable` names; the key may have expired, "
            "or be for another namespace.",
        )
    return Refusal(
        "it wants to know who asks",
        "Set `[engine] api_key_variable` to the name of the variable that holds a key, or give "
        "`cert_file` and `key_file` in `[engine.tls]`.",
    )


def _closed(offered: Offered) -> Refusal:
    if not offered.tls:
        return Refusal(
            "it ends the connection: it may want TLS", "Add an empty table `[engine.tls]`."
        )
    if offered.cert_file is None:
        return Refusal(
            "it ends the connection: it may want the certificate of a client",
            "Give `cert_file` and `key_file` in `[engine.tls]`.",
        )
    return Refusal(
        f"it does not accept the certificate {offered.cert_file}",
        "See whether it has expired (`openssl x509 -enddate`), and whether the server knows who "
        "signed it.",
    )
