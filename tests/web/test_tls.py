"""TLS by certificates of an authority of one's own, and a proxy that adds it."""

import http.server
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from cluster.secured import guards

HSTS = "max-age=31536000"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> guards.Identity:
    return guards.authority(tmp_path_factory.mktemp("authority"), "authority")


@pytest.fixture(scope="module")
def certificate(
    authority: guards.Identity, tmp_path_factory: pytest.TempPathFactory
) -> guards.Identity:
    return guards.issued(tmp_path_factory.mktemp("server"), "server", authority)


@pytest.fixture
def trusting(authority: guards.Identity) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority.cert_file))


def _settings(own: Any, text: str) -> None:
    (own.root / "orchestrate.toml").write_text(f"[serve]\n{text}")


def test_with_tls_cookies_are_secure_and_plain_requests_are_not_answered(
    own: Any, certificate: guards.Identity, trusting: ssl.SSLContext
) -> None:
    _settings(
        own,
        f'tls_certificate = "{certificate.cert_file}"\ntls_key = "{certificate.key_file}"\n',
    )
    own.start()
    base = f"https://{own.address}/api/v1"
    token = own.token("a", "--scope", "view")
    with httpx.Client(base_url=base, verify=trusting, trust_env=False, timeout=120) as client:
        made = client.post("/session", json={"token": token})
        assert made.status_code == 201
        cookie = made.headers["set-cookie"]
        assert cookie.startswith("__Host-orchestrate=orc_")
        for part in ("HttpOnly", "Path=/", "SameSite=strict", "Secure"):
            assert part in cookie
        assert "domain" not in cookie.lower()
        assert made.headers["strict-transport-security"] == HSTS
        assert client.get("/workflows").status_code == 200
        same = client.get("/session", headers={"Origin": f"https://{own.address}"})
        assert same.status_code == 200
        plain = client.get("/session", headers={"Origin": f"http://{own.address}"})
        assert (plain.status_code, plain.json()["code"]) == (403, "foreign-origin")
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"http://{own.address}/api/v1/project", trust_env=False, timeout=120)
    with pytest.raises(httpx.ConnectError):  # whoever does not know the authority
        httpx.get(f"{base}/project", trust_env=False, timeout=120)


def test_without_tls_on_loopback_nothing_claims_to_be_secure(served: Any) -> None:
    made = served.client().post(
        "/session", json={"token": served.token("plain", "--scope", "view")}
    )
    assert made.headers["set-cookie"].startswith("orchestrate=orc_")
    assert "Secure" not in made.headers["set-cookie"]
    assert "strict-transport-security" not in made.headers


class _Proxy(http.server.BaseHTTPRequestHandler):
    """Ends TLS, and says for whom it asks."""

    target = ""
    says = "https"

    def do_POST(self) -> None:
        self._pass_on(self.rfile.read(int(self.headers["content-length"])))

    def do_GET(self) -> None:
        self._pass_on(None)

    def _pass_on(self, body: bytes | None) -> None:
        headers = {name: value for name, value in self.headers.items() if name != "Connection"}
        headers |= {"X-Forwarded-Proto": self.says, "X-Forwarded-For": "192.0.2.7"}
        request = urllib.request.Request(f"http://{self.target}{self.path}", body, headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            answer = opener.open(request, timeout=120)
        except urllib.error.HTTPError as error:
            answer = error
        text = answer.read()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def proxy(certificate: guards.Identity) -> Iterator[http.server.ThreadingHTTPServer]:
    handler = type("Proxy", (_Proxy,), {})
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.cert_file, certificate.key_file)
    made.socket = context.wrap_socket(made.socket, server_side=True)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def test_behind_a_proxy_the_client_is_known_and_cookies_are_secure(
    own: Any, proxy: http.server.ThreadingHTTPServer, trusting: ssl.SSLContext
) -> None:
    port = proxy.server_address[1]
    _settings(own, f'trusted_proxies = ["127.0.0.1"]\npublic_url = "https://127.0.0.1:{port}"\n')
    own.start()
    handler: Any = proxy.RequestHandlerClass
    handler.target = own.address
    token = own.token("a", "--scope", "admin")
    base = f"https://127.0.0.1:{port}/api/v1"
    with httpx.Client(base_url=base, verify=trusting, trust_env=False, timeout=120) as client:
        made = client.post("/session", json={"token": token})
        assert made.status_code == 201, made.text
        assert made.headers["set-cookie"].startswith("__Host-orchestrate=")
        assert made.headers["strict-transport-security"] == HSTS
        assert client.get("/session").json()["actor"] == "a"
        (entry, *_) = client.get("/audit", params={"action": "signed_in"}).json()["items"]
        assert entry["from"]["address"] == "192.0.2.7"
        handler.says = "http"
        refused = client.get("/session")
        assert (refused.status_code, refused.json()["code"]) == (403, "not-secure")
    direct = own.client(token).get("/session")  # past the proxy, so without TLS
    assert (direct.status_code, direct.json()["code"]) == (403, "not-secure")
