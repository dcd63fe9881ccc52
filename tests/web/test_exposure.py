import pytest

from orchestrate.project.serving import Serve
from orchestrate.web.exposure import Exposure
from orchestrate.web.problems import RefusedError

PROXIED = Serve(trusted_proxies=("10.0.0.0/24",), public_url="https://ops.example.com")
VIA = {"host": "ops.example.com", "x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.7"}


def _refusal(exposure: Exposure, client: str, headers: dict[str, str]) -> str:
    with pytest.raises(RefusedError) as caught:
        exposure.admit(client, headers)
    return caught.value.code


def test_on_loopback_this_machine_may_ask() -> None:
    local = Exposure(Serve(), "127.0.0.1:8765")
    assert local.admit("127.0.0.1", {"host": "localhost:8765"}) == ("127.0.0.1", False)
    assert local.admit("::1", {"host": "[::1]:8765"}) == ("::1", False)
    assert _refusal(local, "192.0.2.1", {"host": "localhost"}) == "not-secure"


@pytest.mark.parametrize("host", ["", "a.example", "localhost.a.example", "x@localhost", "[", "0"])
def test_an_unknown_name_is_refused(host: str) -> None:
    assert _refusal(Exposure(Serve(), "127.0.0.1:1"), "127.0.0.1", {"host": host}) == (
        "unknown-host"
    )


def test_an_origin_is_where_the_request_goes_to() -> None:
    local = Exposure(Serve(), "127.0.0.1:8765")
    headers = {"host": "localhost:8765", "origin": "http://localhost:8765"}
    local.admit("127.0.0.1", headers)
    for origin in ("http://localhost:9", "https://localhost:8765", "http://[", "null", ""):
        assert _refusal(local, "127.0.0.1", {**headers, "origin": origin}) == "foreign-origin"


def test_a_trusted_proxy_says_for_whom_it_asks() -> None:
    exposure = Exposure(PROXIED, "0.0.0.0:8765")
    assert exposure.admit("10.0.0.5", VIA) == ("192.0.2.7", True)
    forged = {**VIA, "x-forwarded-for": "127.0.0.1, 192.0.2.8"}
    assert exposure.admit("10.0.0.5", forged) == ("192.0.2.8", True)
    assert _refusal(exposure, "10.0.0.5", {**VIA, "x-forwarded-proto": "http"}) == "not-secure"
    assert _refusal(exposure, "10.0.1.5", VIA) == "not-secure"


def test_an_open_address_takes_tls_or_a_proxy() -> None:
    assert Exposure(Serve(), "0.0.0.0:8765").problem
    tls = Exposure(Serve(tls_certificate="a", tls_key="b"), "ops.example.com:443")
    assert tls.problem == ""
    assert tls.admit("192.0.2.1", {"host": "ops.example.com"}) == ("192.0.2.1", True)
