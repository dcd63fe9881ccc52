"""Who may read `/metrics`: with a token whoever has it, without one this machine alone."""

import hmac
from collections.abc import Mapping
from ipaddress import ip_address

_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-real-ip")
"""Sent along by proxies: then the client is somebody else than who connects."""


def may_scrape(client: str, headers: Mapping[str, str], token: bytes | None) -> bool:
    """`client`: the address that connects; `headers`: of the request, by name in lower case.

    A proxy on this machine does not make others local, nor does a web page that a browser on this
    machine has loaded from a name that leads here (`Host` tells both).
    """
    if token is not None:
        given = headers.get("authorization", "").encode("latin-1", "replace")
        return hmac.compare_digest(b"Bearer " + token, given)
    if any(name in headers for name in _FORWARDED):
        return False
    return _is_local(client) and _is_local(_host(headers.get("host", "")))


def _host(given: str) -> str:
    """Without the port."""
    if given.startswith("["):
        return given[1:].partition("]")[0]
    return given.partition(":")[0]


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
