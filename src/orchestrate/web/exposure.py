"""Whether a request comes over a way that is safe, and from a page that may ask.

A page of another site must not use the API through somebody's browser: neither with its
cookies nor by a name that leads here (DNS rebinding). So `Host` has to be one of our names, and an
`Origin` has to be where the request goes to.
"""

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

from orchestrate.project.serving import Serve
from orchestrate.web.problems import RefusedError

_LOCAL = ("localhost", "127.0.0.1", "::1")
_ANY = ("0.0.0.0", "::", "")
_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-real-ip")


class Way(NamedTuple):
    """How a request came: from which address, and whether nobody could read it on the way."""

    client: str
    secure: bool
    """It came over TLS, to us or to a proxy that is trusted."""


class Exposure:
    """The rules of one server. `listen` is `host:port`."""

    def __init__(self, serve: Serve, listen: str) -> None:
        self._serve = serve
        self._tls = serve.tls_certificate is not None
        host = listen.rpartition(":")[0].strip("[]").lower()
        self.is_local = host in _LOCAL
        names = {*_LOCAL, *(() if host in _ANY else (host,))}
        if serve.public_url is not None:
            names.add(str(urlsplit(serve.public_url).hostname))
        self._names = frozenset(names)

    @property
    def problem(self) -> str:
        """Why the API is not offered at this address; "" if it is."""
        if self.is_local or self._tls or self._serve.trusted_proxies:
            return ""
        return "the API is offered on loopback, with TLS, or behind a proxy that adds it"

    def admit(self, client: str, headers: Mapping[str, str]) -> Way:
        """Raises RefusedError for what must not come in; `headers` by name in lower case."""
        if self.problem:
            raise RefusedError(
                403, "not-secure", self.problem,
                "Set `[serve] tls_certificate` and `tls_key`, or `trusted_proxies` and "
                "`public_url`; or listen on 127.0.0.1.",
            )  # fmt: skip
        host = headers.get("host", "")
        name = str(urlsplit(f"//{host}").hostname or "").lower() if _is_plain(host) else ""
        if name not in self._names:
            raise RefusedError(
                421, "unknown-host", f"this server is not called {host[:100]!r}",
                "`[serve] public_url` says by which name browsers reach it.",
            )  # fmt: skip
        way = self._way(client, headers)
        origin = headers.get("origin")
        if origin is not None and urlsplit_or_none(origin) != (_scheme(secure=way.secure), host):
            raise RefusedError(403, "foreign-origin", "the page that asks is of another site")
        return way

    def _way(self, client: str, headers: Mapping[str, str]) -> Way:
        if self._tls:
            return Way(client, secure=True)
        if _is_among(client, self._serve.trusted_proxies):
            if headers.get("x-forwarded-proto", "").lower() != "https":
                raise RefusedError(
                    403, "not-secure", "the proxy does not say that the request came over TLS",
                    "Have it send `X-Forwarded-Proto: https`.",
                )  # fmt: skip
            last = headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
            return Way(last if _is_ip(last) else client, secure=True)
        if not _is_loopback(client) or any(name in headers for name in _FORWARDED):
            raise RefusedError(
                403, "not-secure", "this came neither from this machine nor over TLS",
                "`[serve] trusted_proxies` names the proxies that add TLS.",
            )  # fmt: skip
        return Way(client, secure=False)


def urlsplit_or_none(origin: str) -> tuple[str, str] | None:
    """Scheme and host (with its port) of an origin; None for `null` and for what is none."""
    try:
        found = urlsplit(origin)
    except ValueError:
        return None
    return (found.scheme, found.netloc) if found.netloc else None


def _scheme(*, secure: bool) -> str:
    return "https" if secure else "http"


def _is_plain(host: str) -> bool:
    """Whether it can be taken apart."""
    try:
        return urlsplit(f"//{host}").netloc == host and "@" not in host
    except ValueError:
        return False


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_loopback(client: str) -> bool:
    return _is_ip(client) and ip_address(client).is_loopback


@lru_cache(1024)
def _is_among(client: str, networks: tuple[str, ...]) -> bool:
    return _is_ip(client) and any(ip_address(client) in ip_network(one) for one in networks)
