"""`[serve]`: where the daemon takes requests, and how the API and the console are protected."""

import re
from typing import NamedTuple

from orchestrate.project.fields import Table

KEYS = {
    "listen": "text",
    "api": "flag",
    "tls_certificate": "text",
    "tls_key": "text",
    "trusted_proxies": "texts",
    "public_url": "text",
}
_URL = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9A-Fa-f:]+\](:[0-9]{1,5})?")


class Serve(NamedTuple):
    """`listen`: `host:port`, None: the default. `api`: whether there are an API and a console."""

    listen: str | None = None
    api: bool = True
    tls_certificate: str | None = None
    """A file with the certificate and its chain; relative to the project."""
    tls_key: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks that add TLS, and say for whom they ask."""
    public_url: str | None = None
    """How browsers reach it, without a slash at the end."""
    requests_per_minute: int = 1200
    """Of one token."""


def read_serve(table: Table) -> Serve:
    """The table, checked."""
    values = {key: table.read(key, kind) for key, kind in KEYS.items()}
    listen, url = values["listen"], values["public_url"]
    if listen is not None and not is_address(listen):
        table.problem("listen", f"`{listen}` is no address", 'Such as "127.0.0.1:8765".')
    for one, other in (("tls_certificate", "tls_key"), ("tls_key", "tls_certificate")):
        if values[one] is not None and values[other] is None:
            table.problem(one, f"{table.name(one)} needs {table.name(other)}", "Give both files.")
    proxies = tuple(values["trusted_proxies"] or ())
    for proxy in proxies:
        if not _is_network(proxy):
            table.problem("trusted_proxies", f"`{proxy}` is neither an address nor a network",
                          'Such as "10.0.0.5" or "10.0.0.0/24".')  # fmt: skip
    if url is not None and not _URL.fullmatch(url):
        table.problem("public_url", f"`{url}` is no address of a server",
                      'Such as "https://orchestrate.example.com", without a path.')  # fmt: skip
    if proxies and url is None:
        table.problem("trusted_proxies", f"{table.name('trusted_proxies')} needs "
                      f"{table.name('public_url')}", "The address that browsers ask.")  # fmt: skip
    most = table.integer("requests_per_minute", 1200, 1)
    table.finish()
    return Serve(
        listen, values["api"] is not False, values["tls_certificate"], values["tls_key"],
        proxies, url, most,
    )  # fmt: skip


def is_address(text: str) -> bool:
    """Whether it is `host:port`."""
    host, _, port = text.rpartition(":")
    return bool(host) and port.isdecimal() and int(port) < 65536


def _is_network(text: str) -> bool:
    from ipaddress import ip_network

    try:
        ip_network(text)
    except ValueError:
        return False
    return True
