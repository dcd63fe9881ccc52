"""A server whose certificate nobody vouches for is told nothing."""

import datetime
import ssl
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from vendors.datadog import Datadog
from vendors.jira import Jira
from vendors.notices import notice
from vendors.serving import Vendor
from vendors.slack import Slack

from orchestrate.integrations.service import Limits, RetryLater
from orchestrate.integrations.services import build


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a certificate that has signed itself, and its key."""
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    write_certificate(file)
    return file


@pytest.fixture(scope="module")
def tls(certificate: Path) -> ssl.SSLContext:
    """What a server needs that shows it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def write_certificate(file: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "vendor")])
    now = datetime.datetime.now(datetime.UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )


LOGIN = {"user": "bot@example.com", "token": "jira-test-token"}
SERVICES = [
    ("slack", Slack, {"webhook": "{}/services/T000/B000/hook-secret"}),
    ("slack", Slack, {"token": "xoxb-test-token", "channel": "C0DEPLOY", "api_url": "{}/api/"}),
    ("jira", Jira, {"project": "OPS", "url": "{}", **LOGIN}),
    ("datadog", Datadog, {"api_key": "dd-test-key", "url": "{}"}),
]  # fmt: skip


def filled(options: dict[str, str], server: Vendor) -> dict[str, Any]:
    return {name: text.format(server.address) for name, text in options.items()}


@pytest.mark.parametrize(
    ("kind", "vendor", "options"), [*SERVICES, ("webhook", Vendor, {"url": "{}"})]
)
def test_it_is_told_nothing_and_asked_again(
    tls: ssl.SSLContext, kind: str, vendor: type[Vendor], options: dict[str, str]
) -> None:
    server = vendor()
    server.start(tls)
    with pytest.raises(RetryLater, match=r"the certificate of .* is not to be trusted"):
        build(kind, filled(options, server), Limits()).deliver(notice(), {})
    server.stop()
    assert server.asked == []


@pytest.mark.parametrize(("kind", "vendor", "options"), SERVICES)
def test_one_of_an_authority_of_ones_own_is_trusted_if_the_environment_names_it(
    tls: ssl.SSLContext,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    vendor: type[Vendor],
    options: dict[str, str],
) -> None:
    variable = "REQUESTS_CA_BUNDLE" if kind == "jira" else "SSL_CERT_FILE"
    monkeypatch.setenv(variable, str(certificate))
    server = vendor()
    server.start(tls)
    build(kind, filled(options, server), Limits(total=60)).deliver(notice(), {})
    server.stop()
    assert server.asked
